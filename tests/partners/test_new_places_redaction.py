"""The right to object reaches a run's journal, a source's sample, pages and dropped files."""

import gzip
import hashlib
import io
import tarfile
import zipfile
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.core.cache import cache

from partners import contracts, deposit_erasure, objections, sampling
from partners.connectors import SourceError
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


def with_sample_page(source: Source, url: str, said: str) -> None:
    source.options = {
        "items": "li",
        "base": PERSON,
        "sample": {"url": url, "values": {"auteur": said}},
    }
    source.save()


def options_ever(source: Source) -> str:
    events = apps.get_model("partners", "SourceEvent").objects.filter(pgh_obj_id=source.pk)
    source.refresh_from_db()
    return str([source.options, *events.values_list("options", flat=True)])


def test_a_datum_leaves_the_page_that_a_source_compares_and_its_history(
    harvested: Source, roles: SimpleNamespace
) -> None:
    page = "https://exemple.fr/temoin"
    with_sample_page(harvested, page, f"Par {PERSON}")
    applied(roles, scope=ObjectionScope.DATUM, datum=PERSON)
    assert f"Par {PERSON}" not in options_ever(harvested)
    # The rest is staff's own words.
    assert harvested.options["base"] == PERSON
    assert harvested.options["sample"]["url"] == page


def test_a_removed_record_leaves_the_page_that_a_source_compares(
    harvested: Source, roles: SimpleNamespace
) -> None:
    record = SourceRecord.objects.get(external_id="p1")
    with_sample_page(harvested, "https://exemple.fr/temoin", f"{row(1)['titre']}, atelier")
    applied(roles, scope=ObjectionScope.RECORD, innovation=record.innovation)
    assert row(1)["titre"] not in options_ever(harvested)
    assert harvested.options["items"] == "li"


def cached() -> str:
    """All that the cache holds of samples, as it is written there."""
    names = [sampling._cache_name(source) for source in Source.objects.all()]
    return str(cache.get_many(names))


def test_the_rows_kept_for_the_screens_lose_a_datum_at_once(
    harvested: Source, roles: SimpleNamespace, django_capture_on_commit_callbacks: Any
) -> None:
    sampling.sample_of(harvested)
    assert PERSON in cached()
    with django_capture_on_commit_callbacks(execute=True):
        applied(roles, scope=ObjectionScope.DATUM, datum=PERSON)
    assert PERSON not in cached()
    assert PERSON not in str(sampling.sample_of(harvested).data)
    assert PERSON not in cached()


def test_a_row_kept_for_the_screens_is_searched_again_when_it_is_read(
    harvested: Source, roles: SimpleNamespace
) -> None:
    sampling.sample_of(harvested)
    record = SourceRecord.objects.get(external_id="p1")
    applied(roles, scope=ObjectionScope.DATUM, datum=PERSON)
    applied(roles, scope=ObjectionScope.RECORD, innovation=record.innovation)
    kept = sampling.kept_sample(harvested)
    assert kept is not None
    assert [said["id"] for said in kept.data] == ["p2", "p3"]
    assert PERSON not in str(kept.data)


def test_no_sample_is_shown_when_the_list_cannot_be_read(
    harvested: Source, roles: SimpleNamespace, settings: Any
) -> None:
    sampling.sample_of(harvested)
    applied(roles, scope=ObjectionScope.DATUM, datum=PERSON)
    settings.SUPPRESSION_KEY = settings.SECRET_KEY = "une autre clé"
    settings.SECRET_KEY_FALLBACKS = []
    assert sampling.kept_sample(harvested) is None
    with pytest.raises(SourceError, match="liste d’opposition"):
        sampling.sample_of(harvested, again=True)
