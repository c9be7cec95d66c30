"""The right to object reaches a run's journal, a source's sample, pages and dropped files."""

import gzip
import hashlib
import io
import tarfile
import zipfile
from types import SimpleNamespace

import pytest
from django.apps import apps

from partners import contracts, deposit_erasure, objections
from partners.harvest import harvest
from partners.models import (
    Deposit,
    Objection,
    ObjectionState,
    RejectedRow,
    Run,
    Source,
    SourceRecord,
)
from partners.models.objection import ObjectionScope
from tests.partners.conftest import Site, row

pytestmark = pytest.mark.django_db
PERSON = "Camille Exemple-Durand"


def packed(text: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", f"<sst><t>{text}</t></sst>")
    return held.getvalue()


def locked(content: bytes) -> bytes:
    """The archive, marked as protected by a password."""
    marked = bytearray(content)
    marked[6] |= 1
    marked[marked.find(b"PK\x01\x02") + 8] |= 1
    return bytes(marked)


def damaged(content: bytes) -> bytes:
    return content[:60] + b"\xff" * 8 + content[68:]


def nested(text: str, levels: int) -> bytes:
    held = text.encode()
    for _ in range(levels):
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("a", held)
        held = archive.getvalue()
    return held


def tar(content: bytes) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as archive:
        member = tarfile.TarInfo("fiches.xlsx")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return held.getvalue()


FILES = {
    "texte": f"id;titre\n1;{PERSON}\n".encode(),
    "ancien": f"id;titre\n1;{PERSON}\n".encode("cp1252"),
    "classeur": packed(PERSON),
    "compresse": gzip.compress(PERSON.encode()),
    "casse": b"PK\x03\x04 ceci n'est pas une archive",
    "abime": damaged(packed("Jardin partagé, " * 50)),
    "verrouille": locked(packed("Jardin partagé")),
    "gzip-abime": b"\x1f\x8b\x08\x00\0\0\0\0\0\xff" + b"\xff" * 50,
    "lzma-abime": b"\xfd7zXZ\x00" + b"\xff" * 50,
    "imbrique": nested("Jardin partagé", 400),
    "classeur-en-tar": tar(packed(PERSON)),
}


def deposit(source: Source, name: str, content: bytes) -> Deposit:
    digest = hashlib.sha256(content).hexdigest()
    return Deposit.objects.create(
        source=source, name=name, content=content, size=len(content), sha256=digest
    )


@pytest.fixture
def harvested(source: Source, site: Site) -> Source:
    site.rows = [
        row(1, texte=f"Un atelier animé par {PERSON}."),
        row(2),
        row(3, titre="", texte=f"Par {PERSON}."),
    ]
    harvest(source)
    source.refresh_from_db()
    run = Run.objects.get()
    run.events.append({"at": "", "level": "info", "text": f"Lu : {PERSON}"})
    run.save()
    RejectedRow.objects.update(page=f"https://exemple.fr/{PERSON}")
    SourceRecord.objects.filter(external_id="p2").update(page=f"https://exemple.fr/{PERSON}")
    return source


def applied(roles: SimpleNamespace, **asked: object) -> Objection:
    objection = Objection.objects.create(state=ObjectionState.CONFIRMED, **asked)
    return objections.apply(objection, roles.moderator)


def test_a_datum_leaves_the_journal_the_sample_and_the_pages(
    harvested: Source, roles: SimpleNamespace
) -> None:
    assert PERSON in str(harvested.sample)
    applied(roles, scope=ObjectionScope.DATUM, datum=PERSON)
    harvested.refresh_from_db()
    assert "Camille" not in str(harvested.sample)
    history = apps.get_model("partners", "SourceEvent").objects.values_list("sample", flat=True)
    assert "Camille" not in str(list(history))
    assert "Camille" not in str(Run.objects.get().events)
    for model in (RejectedRow, SourceRecord):
        assert "Camille" not in str(list(model.objects.values_list("page", "raw")))
    assert harvested.mapping != []


@pytest.mark.parametrize("kind", FILES)
def test_a_dropped_file_that_holds_a_datum_is_emptied(
    harvested: Source, roles: SimpleNamespace, kind: str
) -> None:
    held = deposit(harvested, kind, FILES[kind])
    clean = deposit(harvested, "propre", packed("Jardin partagé"))
    done = applied(roles, scope=ObjectionScope.DATUM, datum=PERSON)
    held.refresh_from_db()
    assert (bytes(held.content), held.size) == (b"", 0)
    clean.refresh_from_db()
    assert clean.size == len(clean.content) > 0
    assert ["fichiers déposés", 1] in done.effects["lignes"]


def test_an_archive_too_big_for_all_its_members_is_not_searched(
    harvested: Source, roles: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deposit_erasure, "LARGEST", 1_500)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("a.csv", "b.csv"):
            archive.writestr(name, "x" * 1_000)
    big = deposit(harvested, "gros.zip", held.getvalue())
    applied(roles, scope=ObjectionScope.DATUM, datum=PERSON)
    big.refresh_from_db()
    assert big.size == 0


def test_the_name_of_a_dropped_file_loses_the_datum_even_once_it_is_empty(
    harvested: Source, roles: SimpleNamespace
) -> None:
    deposit(harvested, f"{PERSON}.csv", b"id;titre")
    deposit(harvested, f"{PERSON} (ancien).csv", b"")
    applied(roles, scope=ObjectionScope.DATUM, datum=PERSON)
    assert "Camille" not in str(list(Deposit.objects.values_list("name", flat=True)))


def test_a_removed_record_leaves_the_sample_and_the_files(
    harvested: Source, roles: SimpleNamespace
) -> None:
    contracts.take_sample(harvested)
    title = row(1)["titre"]
    held = deposit(harvested, "fiches.csv", f"id;titre\np1;{title}\n".encode())
    record = SourceRecord.objects.get(external_id="p1")
    done = applied(roles, scope=ObjectionScope.RECORD, innovation=record.innovation)
    harvested.refresh_from_db()
    assert [r["id"] for r in harvested.sample["rows"]] == ["p2"]
    history = apps.get_model("partners", "SourceEvent").objects.values_list("sample", flat=True)
    assert title not in str(list(history))
    held.refresh_from_db()
    assert held.size == 0
    assert ["fichiers déposés vidés", 1] in done.effects["lignes"]
