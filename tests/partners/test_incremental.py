"""Only what changed, when the source can tell; what it says it deleted goes at once."""

import datetime

import pytest
import time_machine
from django.utils import timezone
from pytest_httpserver import HTTPServer

from innovations.models import Innovation, Status
from partners import harvest as harvesting
from partners import runs
from partners.harvest import harvest
from partners.models import RecordState, Run, RunState, Source, SourceRecord, Trigger
from partners.withdrawals import announced, confirm_loss, dismiss_loss, lost_records
from tests.factories import SourceFactory, UserFactory
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


def test_a_deletion_announced_before_an_interruption_is_not_forgotten(
    source: Source, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(harvesting, "BATCH", 1)
    harvest(source)
    source.full_reading_days = 0
    source.save()
    token = "<resumptionToken>{}</resumptionToken>"
    first = [DELETED.format(number=3), record(1), record(2), token.format("suite")]
    pages = {"suite": listed(record(4), token.format("fin")), "fin": listed(record(5))}
    pages[""] = listed(*first)
    broken = error("badArgument")
    repository.records = lambda asked: {**pages, "fin": broken}[asked.get("resumptionToken", "")]
    assert harvest(source).state == RunState.FAILED
    assert SourceRecord.objects.present().count() == 4
    repository.records = lambda asked: pages[asked.get("resumptionToken", "")]
    assert harvest(source).counts["withdrawn"] == 1
    assert repository.listings[-1] != repository.listings[0]
    gone = SourceRecord.objects.get(state=RecordState.WITHDRAWN)
    assert gone.external_id == "oai:exemple.fr:3"


@pytest.fixture
def emptied(source: Source, repository: Repository) -> Source:
    """A source that says that it deleted most of what it held."""
    harvest(source)
    repository.records = lambda asked: listed(*(DELETED.format(number=n) for n in (1, 2, 3)))
    report = harvest(source)
    assert latest().is_incremental
    assert report.counts["withdrawn"] == 0
    assert any("la suppression de 3 fiches sur 3" in w for w in report.warnings)
    source.refresh_from_db()
    return source


def test_too_many_announced_deletions_wait_for_a_decision(emptied: Source) -> None:
    assert (emptied.held_back["missing"], emptied.held_back["total"]) == (3, 3)
    assert lost_records(emptied).count() == 3
    assert confirm_loss(emptied, UserFactory()) == 3
    assert not Innovation.objects.published().exists()
    assert not SourceRecord.objects.present().exists()
    emptied.refresh_from_db()
    assert emptied.held_back == {}


def test_announced_deletions_that_staff_refuse_are_forgotten(
    emptied: Source, repository: Repository
) -> None:
    assert dismiss_loss(emptied, UserFactory()) == 3
    assert not announced(emptied).exists()
    repository.records = lambda asked: NOTHING
    assert harvest(emptied).counts["withdrawn"] == 0
    assert SourceRecord.objects.present().count() == 3


def test_what_is_given_again_is_no_longer_to_be_withdrawn(
    emptied: Source, repository: Repository
) -> None:
    repository.records = lambda asked: listed(record(1), record(2))
    assert harvest(emptied).counts["withdrawn"] == 1
    emptied.refresh_from_db()
    assert emptied.held_back == {}
    assert SourceRecord.objects.get(state=RecordState.WITHDRAWN).external_id.endswith("3")


def test_a_reading_begun_again_by_other_settings_is_whole(
    source: Source, repository: Repository
) -> None:
    harvest(source)
    run = runs.start(source, Trigger.COMMAND)
    place = {"reading": "autre", "resume": None, "since": timezone.now().isoformat()}
    Run.objects.update(state=RunState.DONE)
    Run.objects.filter(pk=run.pk).update(
        cursor=place, is_incremental=True, state=RunState.QUEUED, attempt=2
    )
    source.full_reading_days = 0
    source.save()
    repository.records = lambda asked: listed(record(1), record(2))
    report = harvest(source, run=run)
    assert not latest().is_incremental
    assert report.counts["withdrawn"] == 1


def test_a_new_name_of_a_known_record_waits_for_a_whole_reading(
    source: Source, repository: Repository
) -> None:
    long = record(2).replace("Projet 2", "Un atelier de réparation tenu par le quartier " * 3)
    repository.records = lambda asked: listed(record(1), long, record(3))
    harvest(source)
    address = SourceRecord.objects.get(external_id="oai:exemple.fr:2").innovation.slug
    renamed = long.replace("fr:2", "fr:7")
    for again in (listed(renamed, record(4)), NOTHING):
        repository.records = lambda asked, again=again: again
        harvest(source)
        assert latest().is_incremental
        assert Innovation.objects.published().count() == 4
    later = timezone.now() + datetime.timedelta(days=source.full_reading_days, hours=1)
    with time_machine.travel(later, tick=True):
        repository.records = lambda asked: listed(record(1), renamed, record(3), record(4))
        harvest(source)
    assert SourceRecord.objects.get(external_id="oai:exemple.fr:7").innovation.slug == address
    assert Innovation.objects.count() == 4


def test_what_comes_back_under_another_name_after_all_was_withdrawn_is_recognised(
    source: Source, repository: Repository
) -> None:
    long = record(2).replace("Projet 2", "Un atelier de réparation tenu par le quartier " * 3)
    source.full_reading_days = 0
    source.save()
    repository.records = lambda asked: listed(long)
    harvest(source)
    address = Innovation.objects.get().slug
    repository.records = lambda asked: listed(DELETED.format(number=2))
    assert harvest(source).counts["withdrawn"] == 1
    repository.records = lambda asked: listed(long.replace("fr:2", "fr:7"))
    harvest(source)
    assert Innovation.objects.get().slug == address
    assert SourceRecord.objects.get().external_id == "oai:exemple.fr:7"
