"""Mapping again what was received, without any request: records, then the quarantine."""

import pytest
from pytest_httpserver import HTTPServer

from innovations.models import Innovation
from partners.harvest import harvest
from partners.models import RejectedRow, Run, RunState, Source, SourceRecord, Trigger
from partners.replay import replay, request_replay
from partners.requesting import AlreadyActive
from tests.partners.conftest import MAPPING, Site, row

pytestmark = pytest.mark.django_db


def mapped(source: Source, **paths: str) -> Source:
    """The source with other paths for some targets."""
    known = {rule["target"]: rule for rule in MAPPING}
    known |= {target: {"target": target, "path": path} for target, path in paths.items()}
    source.mapping = list(known.values())
    source.save()
    return source


def test_a_mended_mapping_reaches_every_record_without_a_request(
    source: Source, site: Site, httpserver: HTTPServer
) -> None:
    site.rows = [row(n, accroche=f"Accroche {n}") for n in range(5)]
    harvest(source)
    slugs = set(Innovation.objects.values_list("slug", flat=True))
    requests = len(httpserver.log)
    report = replay(mapped(source, summary="accroche"))
    assert len(httpserver.log) == requests
    assert report.counts == {**report.counts, "seen": 5, "updated": 5, "created": 0}
    assert set(Innovation.objects.values_list("slug", "summary")) == {
        (slug, f"Accroche {slug[-1]}") for slug in slugs
    }
    run = Run.objects.first()
    assert run is not None
    assert (run.trigger, run.state, run.requests) == (Trigger.REPLAY, RunState.DONE, [])
    assert harvest(source).counts["unchanged"] == 5


def test_refused_rows_that_pass_leave_the_quarantine(source: Source, site: Site) -> None:
    site.rows = [
        row(1),
        {**row(2, titre=""), "intitule": "Jardin partagé"},
        {**row(3, titre=""), "intitule": ""},
    ]
    site.rows[0] = {**site.rows[0], "intitule": "Atelier"}
    harvest(source)
    assert RejectedRow.objects.count() == 2
    report = replay(mapped(source, title="intitule"))
    assert (report.counts["created"], report.counts["rejected"]) == (1, 1)
    assert RejectedRow.objects.get().external_id == "p3"
    found = SourceRecord.objects.get(external_id="p2")
    assert found.innovation is not None
    assert found.innovation.title == "Jardin partagé"


def test_a_refused_change_updates_its_record(source: Source, site: Site) -> None:
    site.rows = [{**row(1), "intitule": "Atelier"}]
    harvest(source)
    site.rows = [{**row(1, titre="", texte="Autrement dit."), "intitule": "Atelier mobile"}]
    harvest(source)
    replay(mapped(source, title="intitule"))
    record = SourceRecord.objects.get()
    assert record.values["title"] == "Atelier mobile"
    assert not RejectedRow.objects.exists()


def test_an_identifier_of_two_projects_stays_refused(source: Source, site: Site) -> None:
    site.rows = [row(1), row(1, titre="Jardin partagé de la butte", texte="Un jardin.")]
    harvest(source)
    report = replay(mapped(source, summary="texte"))
    assert (report.counts["updated"], report.counts["rejected"]) == (1, 1)
    assert SourceRecord.objects.get().values["title"] == row(1)["titre"]
    assert RejectedRow.objects.get().errors[0]["code"] == "identifiant-double"


def test_a_replay_neither_sees_nor_withdraws_anything(source: Source, site: Site) -> None:
    site.rows = [row(n) for n in range(5)]
    harvest(source)
    site.rows = site.rows[1:]
    harvest(source)
    times = set(SourceRecord.objects.values_list("pk", "seen_at", "missing_since"))
    replay(mapped(source, summary="texte"))
    assert set(SourceRecord.objects.values_list("pk", "seen_at", "missing_since")) == times


def test_rows_of_one_project_stay_together(source: Source, site: Site) -> None:
    site.rows = [row(1, ville="Nantes"), row(1, ville="Lormes")]
    harvest(source)
    replay(mapped(source, summary="texte"))
    record = SourceRecord.objects.get()
    assert [s["name"] for s in record.sites] == ["Nantes", "Lormes"]
    assert record.raw == site.rows


def test_a_replay_is_a_run_like_another(source: Source) -> None:
    run = request_replay(source)
    assert run.trigger == Trigger.REPLAY
    with pytest.raises(AlreadyActive):
        request_replay(source)
    source.mapping = []
    source.save()
    assert "titre" in replay(source, run=run).problem
    run.refresh_from_db()
    assert run.state == RunState.FAILED
