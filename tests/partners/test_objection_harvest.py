"""After an objection is applied, the next harvest of the same site brings nothing back."""

import json
from types import SimpleNamespace

import pytest
from django.db import connection
from pytest_httpserver import HTTPServer

from innovations.models import Innovation
from partners import harvest as harvesting
from partners import objections
from partners.erasure import names_of, target_of
from partners.harvest import harvest
from partners.models import Objection, ObjectionState, RejectedRow, Run, Source, SourceRecord
from partners.suppression import LIST_LOCK, suppress_records
from tests.factories import SourceFactory

pytestmark = pytest.mark.django_db
PERSON = "Camille Exemple-Durand"
ROWS = [
    {
        "id": "1",
        "titre": "Le potager des Trois-Ponts",
        "resume": f"Un potager partagé, animé par {PERSON}.",
        "porteur": "Les Jardiniers ponteurs",
        "page": "/fiches/potager",
        "tel": "06 12 34 56 78",
    },
    {
        "id": "2",
        "titre": "L’atelier du Quai",
        "resume": "Des habitants réparent ensemble.",
        "porteur": "Les Réparateurs",
        "page": "/fiches/atelier",
        "tel": "06 99 99 99 99",
    },
    {"id": "3", "titre": "", "resume": f"Sans titre, par {PERSON}"},
]
MAPPING = [
    {"target": "external_id", "path": "id"},
    {"target": "title", "path": "titre"},
    {"target": "summary", "path": "resume"},
    {"target": "porteur_name", "path": "porteur"},
    {"target": "url", "path": "page"},
]


@pytest.fixture
def source(roles: SimpleNamespace, httpserver: HTTPServer) -> Source:
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request("/projets.json").respond_with_data(
        json.dumps(ROWS), content_type="application/json"
    )
    return SourceFactory(connector="json", url=httpserver.url_for("/projets.json"), mapping=MAPPING)


def applied(source: Source, by: object, **asked: object) -> None:
    innovation = Innovation.objects.get(title="Le potager des Trois-Ponts")
    objection = Objection.objects.create(
        innovation=innovation, state=ObjectionState.CONFIRMED, **asked
    )
    objections.apply(objection, by)


def everything() -> str:
    """Every row of every table, as text."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema='public'"
        )
        tables = [name for (name,) in cursor.fetchall()]
        found = []
        for table in tables:
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            found += [row for (row,) in cursor.fetchall()]
    return "\n".join(found)


def test_a_removed_record_stays_away(source: Source, roles: SimpleNamespace) -> None:
    assert harvest(source).counts["created"] == 2
    applied(source, roles.moderator, scope="fiche")
    for _ in range(2):
        report = harvest(source)
        assert report.counts["created"] == report.counts["updated"] == 0
    assert [r.external_id for r in SourceRecord.objects.all()] == ["2"]
    assert [i.title for i in Innovation.objects.all()] == ["L’atelier du Quai"]
    assert "potager" not in everything().lower()


def test_it_stays_away_from_another_source_too(source: Source, roles: SimpleNamespace) -> None:
    harvest(source)
    applied(source, roles.moderator, scope="fiche")
    other = SourceFactory(connector="json", url=source.url, mapping=MAPPING)
    assert harvest(other).counts["created"] == 1
    assert "potager" not in everything().lower()


def test_a_removed_datum_stays_away(source: Source, roles: SimpleNamespace) -> None:
    harvest(source)
    assert RejectedRow.objects.count() == 1
    applied(source, roles.moderator, scope="donnee", datum=f"{PERSON}\n+33612345678")
    report = harvest(source)
    assert report.counts["created"] == 0
    # A new reading of everything, as after a change of mapping: the content is mapped again.
    source.refresh_from_db()
    source.mapping = [*MAPPING, {"target": "description", "path": "tel"}]
    source.save()
    harvest(source)
    text = everything()
    assert "Camille" not in text
    assert "06 12 34 56 78" not in text
    assert "06 99 99 99 99" in text
    record = SourceRecord.objects.get(external_id="1")
    assert record.raw[0]["tel"] == "[donnée retirée]"
    assert "[donnée retirée]" in Innovation.objects.get(pk=record.innovation_id).summary


def test_what_is_removed_while_a_harvest_runs_stays_away(
    source: Source, roles: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(harvesting, "BATCH", 1)
    harvest(source)
    # Every record is made anew: the request comes between the batch of 1 and the batch of 2.
    source.mapping = [*MAPPING, {"target": "description", "path": "tel"}]
    source.save()
    second = Innovation.objects.get(title="L’atelier du Quai")
    asked = Objection.objects.create(
        innovation=second, state=ObjectionState.CONFIRMED, scope="fiche"
    )

    def apply_after_the_first_batch(counts: dict[str, int], expected: int | None) -> None:
        asked.refresh_from_db()
        if asked.state == ObjectionState.CONFIRMED:
            objections.apply(asked, roles.moderator)

    report = harvest(source, progress=apply_after_the_first_batch)
    assert report.counts["updated"] == 1
    assert not Innovation.objects.filter(title="L’atelier du Quai").exists()
    assert [r.external_id for r in SourceRecord.objects.all()] == ["1"]


def test_no_batch_is_written_while_an_objection_is_applied(
    source: Source, roles: SimpleNamespace
) -> None:
    harvest(source)
    applied(source, roles.moderator, scope="fiche")
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock_shared(%s)", [LIST_LOCK])
            assert cursor.fetchone() == (False,)
    finally:
        other.close()


def test_a_record_on_the_list_goes_though_nothing_changed_at_its_source(
    source: Source, roles: SimpleNamespace
) -> None:
    harvest(source)
    innovation = Innovation.objects.get(title="Le potager des Trois-Ponts")
    # As after the restoration of a backup older than the objection, the list being kept.
    settled = Objection.objects.create(scope="fiche", state=ObjectionState.APPLIED)
    suppress_records(settled, names_of(target_of(innovation)))
    report = harvest(source)
    assert report.counts["unchanged"] == 1
    assert "potager" not in everything().lower()


@pytest.mark.parametrize(("scope", "datum"), [("fiche", ""), ("donnee", PERSON)])
def test_the_journal_of_a_harvest_does_not_name_what_was_removed(
    roles: SimpleNamespace, httpserver: HTTPServer, scope: str, datum: str
) -> None:
    page = "/chez-camille-exemple-durand"
    feed = (
        '<rss version="2.0"><channel><title>t</title><item><guid>1</guid>'
        "<title>Le potager des Trois-Ponts</title><description>Court</description>"
        f"<link>{httpserver.url_for(page)}</link></item></channel></rss>"
    )
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request("/flux").respond_with_data(feed, content_type="application/rss+xml")
    httpserver.expect_request(page).respond_with_data(
        "<html><article><p>Texte long</p></article></html>", content_type="text/html"
    )
    source = SourceFactory(
        connector="feed", url=httpserver.url_for("/flux"), options={"full_article": True},
        mapping=[{"target": "title", "path": "title"}, {"target": "url", "path": "link"}],
    )  # fmt: skip
    harvest(source)
    assert page in json.dumps(Run.objects.get().requests)
    applied(source, roles.moderator, scope=scope, datum=datum)
    harvest(source)
    assert Run.objects.count() == 2
    assert page not in json.dumps([run.requests for run in Run.objects.all()])
