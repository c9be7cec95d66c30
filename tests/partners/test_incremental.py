"""Only what changed, when the source can tell; what it says it deleted goes at once."""

import datetime

import pytest
import time_machine
from django.utils import timezone
from pytest_httpserver import HTTPServer

from innovations.models import Innovation, Status
from partners.harvest import harvest
from partners.models import RecordState, Run, Source, SourceRecord
from tests.factories import SourceFactory
from tests.partners.connectors.test_oaipmh import Repository, document, error, record

pytestmark = pytest.mark.django_db
DELETED = (
    '<record><header status="deleted"><identifier>oai:exemple.fr:{number}</identifier>'
    "<datestamp>2024-02-01</datestamp></header></record>"
)
NOTHING = error("noRecordsMatch")


def listed(*records: str) -> str:
    return document(f"<ListRecords>{''.join(records)}</ListRecords>")


@pytest.fixture
def repository(httpserver: HTTPServer) -> Repository:
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    found = Repository(httpserver)
    found.records = lambda asked: listed(*(record(n) for n in (1, 2, 3)))
    return found


@pytest.fixture
def source(repository: Repository) -> Source:
    return SourceFactory(
        connector="oaipmh",
        url=repository.url,
        mapping=[
            {"target": "title", "path": "title"},
            {"target": "description", "path": "title"},
            {"target": "place", "path": "title", "transforms": [{"op": "default", "value": ""}]},
        ],
        withdraw_after_days=0,
    )


def latest() -> Run:
    run = Run.objects.first()
    assert run is not None
    return run


def test_the_second_reading_asks_for_what_changed_only(
    source: Source, repository: Repository
) -> None:
    assert harvest(source).counts["created"] == 3
    first = latest()
    assert "from" not in repository.asked[-1]
    repository.records = lambda asked: listed(record(2).replace("Projet 2", "Projet 2 bis"))
    report = harvest(source)
    assert report.counts == {**report.counts, "seen": 1, "updated": 1, "withdrawn": 0}
    assert latest().is_incremental
    assert first.reading_since is not None
    assert repository.asked[-1]["from"][:10] == first.reading_since.strftime("%Y-%m-%d")
    assert not SourceRecord.objects.filter(missing_since__isnull=False).exists()
    assert latest().present == 3


def test_no_news_is_good_news(source: Source, repository: Repository) -> None:
    harvest(source)
    repository.records = lambda asked: NOTHING
    report = harvest(source)
    assert (report.exit_status, report.problem, report.counts["seen"]) == (0, "", 0)
    assert latest().present == 3


def test_a_full_reading_comes_back_after_its_days(source: Source, repository: Repository) -> None:
    harvest(source)
    harvest(source)
    assert latest().is_incremental
    later = timezone.now() + datetime.timedelta(days=source.full_reading_days, hours=1)
    with time_machine.travel(later, tick=True):
        repository.records = lambda asked: listed(record(1), record(2))
        report = harvest(source)
    assert not latest().is_incremental
    assert report.counts["withdrawn"] == 1


def test_another_mapping_reads_everything_again(source: Source, repository: Repository) -> None:
    harvest(source)
    source.mapping = [*source.mapping, {"target": "summary", "path": "title"}]
    source.save()
    harvest(source)
    assert not latest().is_incremental


def test_what_the_source_deleted_is_withdrawn_at_once(
    source: Source, repository: Repository
) -> None:
    source.withdraw_after_days = 30
    source.save()
    harvest(source)
    repository.records = lambda asked: listed(DELETED.format(number=2))
    report = harvest(source)
    assert report.counts == {**report.counts, "seen": 0, "withdrawn": 1}
    gone = SourceRecord.objects.get(external_id__contains="2")
    assert gone.state == RecordState.WITHDRAWN
    assert gone.problems[-1]["code"] == "supprimee-a-la-source"
    assert Innovation.objects.get(pk=gone.innovation_id).status == Status.WITHDRAWN
    repository.records = lambda asked: listed(record(2))
    assert harvest(source).counts["updated"] == 1
    gone.refresh_from_db()
    assert gone.state == RecordState.COMPLETE
    assert "supprimee-a-la-source" not in {p["code"] for p in gone.problems}
