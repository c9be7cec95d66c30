"""The right to object reaches a run's journal, a source's sample, pages and dropped files."""

import gzip
import hashlib
import io
import zipfile
from types import SimpleNamespace

import pytest
from django.apps import apps

from partners import contracts, objections
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


FILES = {
    "texte": f"id;titre\n1;{PERSON}\n".encode(),
    "ancien": f"id;titre\n1;{PERSON}\n".encode("cp1252"),
    "classeur": packed(PERSON),
    "compresse": gzip.compress(PERSON.encode()),
    "casse": b"PK\x03\x04 ceci n'est pas une archive",
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
