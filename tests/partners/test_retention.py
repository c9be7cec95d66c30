"""What is old is cleared, told, and nothing that still serves goes with it."""

import datetime
from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from partners import deposits, retention
from partners.harvest import harvest
from partners.health import health_of_one
from partners.models import Deposit, RejectedRow, Run, Source, SourceRecord, Trigger
from partners.replay import replay
from partners.tasks import apply_retention
from tests.conftest import wait_for
from tests.factories import RunFactory, SourceFactory
from tests.partners.conftest import Site, row

pytestmark = pytest.mark.django_db
NOW = timezone.now()
OLD = NOW - datetime.timedelta(days=500)
RECENT = NOW - datetime.timedelta(days=30)


def ran(source: Source, at: datetime.datetime = OLD, **given: Any) -> Run:
    """A run that is over, with a journal of two requests and one line."""
    run = RunFactory(
        source=source,
        **{"state": "terminee", "trigger": Trigger.SCHEDULED}
        | given
        | {
            "requests": [{"url": source.url, "etag": "a"}, {"url": source.url}],
            "events": [{"at": at.isoformat(), "level": "info", "text": "Début."}],
            "warnings": ["Encodage réparé."],
            "counts": {"seen": 12, "created": 12},
        },
    )
    Run.objects.filter(pk=run.pk).update(
        created_at=at, started_at=at, finished_at=at, reading_since=at
    )
    return run


def dropped(source: Source, at: datetime.datetime, size: int = 100) -> Deposit:
    deposit = Deposit.objects.create(
        source=source, name="fiches.csv", content=b"x" * size, size=size, sha256="a" * 64
    )
    Deposit.objects.filter(pk=deposit.pk).update(created_at=at)
    return deposit


def refused(source: Source, seen_at: datetime.datetime, number: int = 1) -> RejectedRow:
    kept = RejectedRow.objects.create(
        source=source, fingerprint=f"{number}", position=f"ligne {number}", raw=[{}], errors=[]
    )
    RejectedRow.objects.filter(pk=kept.pk).update(seen_at=seen_at)
    return kept


def journals(source: Source) -> list[int]:
    """How many requests each run tells, the latest run first."""
    return [len(run.requests) for run in source.runs.all()]


def test_old_journals_go_and_the_run_says_so() -> None:
    source = SourceFactory()
    oldest = ran(source, OLD - datetime.timedelta(days=99))
    for day in range(retention.KEPT_RUNS):
        ran(source, OLD + datetime.timedelta(days=day))
    assert retention.apply() == retention.Removed(journals=1)
    oldest.refresh_from_db()
    assert oldest.requests == []
    assert [e["text"] for e in oldest.events] == [
        "Journal effacé, plus ancien que 396 jours. Requêtes : 2 ; lignes : 1."
    ]
    assert (oldest.counts["seen"], oldest.warnings) == (12, ["Encodage réparé."])
    assert journals(source) == [2] * retention.KEPT_RUNS + [0]
    assert retention.apply() == retention.Removed()


def test_the_last_good_runs_keep_their_journal_behind_any_number_of_failures() -> None:
    source = SourceFactory()
    good = [ran(source, OLD - datetime.timedelta(days=50 + n)) for n in range(3)]
    for hour in range(retention.KEPT_RUNS + 5):
        ran(source, OLD + datetime.timedelta(hours=hour), state="echouee")
    assert retention.apply().journals == 6
    assert [len(Run.objects.get(pk=run.pk).requests) for run in good] == [2, 2, 0]


def test_what_is_young_or_under_way_is_left_alone() -> None:
    source = SourceFactory()
    for day in range(retention.KEPT_RUNS + 5):
        ran(source, RECENT + datetime.timedelta(days=day))
    active = ran(SourceFactory(), OLD, state="en-cours")
    Run.objects.filter(pk=active.pk).update(finished_at=None)
    assert retention.apply() == retention.Removed()


def test_replays_do_not_push_the_readings_out() -> None:
    source = SourceFactory()
    reading = ran(source)
    for day in range(retention.KEPT_RUNS + 5):
        ran(source, OLD + datetime.timedelta(days=day), trigger=Trigger.REPLAY)
    retention.apply()
    assert len(Run.objects.get(pk=reading.pk).requests) == 2


def test_a_dropped_file_loses_its_content_and_keeps_its_trace() -> None:
    source = SourceFactory()
    files = [dropped(source, OLD + datetime.timedelta(days=n)) for n in range(5)]
    assert retention.apply() == retention.Removed(files=2, size=200)
    for n, deposit in enumerate(files):
        deposit.refresh_from_db()
        assert deposit.is_held is (n >= 2)
        assert len(deposit.content) == (100 if n >= 2 else 0)
        assert (deposit.name, deposit.size) == ("fiches.csv", 100)


def test_refused_rows_of_a_source_that_is_no_longer_read_stay() -> None:
    read, silent, replayed = SourceFactory(), SourceFactory(), SourceFactory()
    for source in (read, silent, replayed):
        refused(source, OLD)
    refused(read, RECENT, 2)
    ran(read, RECENT)
    ran(silent, OLD - datetime.timedelta(days=1))
    ran(replayed, RECENT, trigger=Trigger.REPLAY)
    assert retention.apply() == retention.Removed(refusals=1)
    kept = {(r.source_id, r.fingerprint) for r in RejectedRow.objects.all()}
    assert kept == {(read.pk, "2"), (silent.pk, "1"), (replayed.pk, "1")}


def test_zero_keeps_everything(settings: Any) -> None:
    settings.KEEP_JOURNALS_DAYS = settings.KEEP_DEPOSITS_DAYS = settings.KEEP_REFUSALS_DAYS = 0
    source = SourceFactory()
    for n in range(15):
        ran(source, OLD + datetime.timedelta(days=n))
        dropped(source, OLD)
    refused(source, OLD - datetime.timedelta(days=1))
    assert retention.apply() == retention.Removed()


def test_more_than_a_batch_is_cleared_and_the_rest_after_a_stop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retention, "BATCH", 3)
    source = SourceFactory()
    for n in range(retention.KEPT_RUNS + 8):
        ran(source, OLD + datetime.timedelta(days=n))
    batches = retention._batches(retention._old_runs(source))
    retention._clear_journals(next(batches))
    batches.close()
    # The batch that was broken off is undone: it is cleared with the others.
    assert retention.apply().journals == 8
    assert journals(source) == [2] * retention.KEPT_RUNS + [0] * 8


def test_the_command_tells_what_it_would_do_then_does_it() -> None:
    source = SourceFactory()
    for n in range(12):
        ran(source, OLD + datetime.timedelta(days=n))
        dropped(source, OLD, size=3_000_000)
    told = StringIO()
    call_command("apply_retention", "--dry-run", stdout=told)
    assert "À effacer. Journaux de moissonnage : 2. Fichiers déposés : 9 (25,7" in told.getvalue()
    assert journals(source) == [2] * 12
    call_command("apply_retention", stdout=told)
    assert "Effacé. Journaux de moissonnage : 2. Fichiers déposés : 9" in told.getvalue()
    assert journals(source) == [2] * 10 + [0] * 2


@pytest.mark.django_db(transaction=True)
def test_the_worker_clears_every_day(worker: object, settings: Any) -> None:
    planned = [task["task"] for task in settings.CELERY_BEAT_SCHEDULE.values()]
    assert apply_retention.name in planned
    source = SourceFactory()
    for n in range(11):
        ran(source, OLD + datetime.timedelta(days=n))
    apply_retention.delay()
    wait_for(lambda: journals(source)[-1] == 0, 30)


def test_the_pages_say_what_was_cleared(roles: SimpleNamespace, client: Client) -> None:
    source = SourceFactory()
    for n in range(11):
        ran(source, OLD + datetime.timedelta(days=n))
    files = [dropped(source, OLD + datetime.timedelta(days=n)) for n in range(4)]
    retention.apply()
    client.force_login(roles.administrator, "django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("backoffice:run", args=[source.runs.last().pk])).content.decode()
    assert "Le journal de ce moissonnage a été effacé le" in page
    assert "Requêtes : 2 ; lignes : 1." in page
    page = client.get(reverse("backoffice:deposits", args=[source.slug])).content.decode()
    assert page.count("contenu effacé le") == 1
    for deposit, status in zip(files, (404, 200, 200, 200), strict=True):
        where = reverse("backoffice:deposit", args=[source.slug, deposit.pk])
        assert client.get(where).status_code == status


def test_a_source_goes_on_as_if_nothing_had_been_cleared(source: Source, site: Site) -> None:
    site.rows = [row(1), row(2), row(3, titre="")]
    with time_machine.travel(OLD, tick=True):
        harvest(source)
    assert health_of_one(source).refused == 1
    retention.apply()
    assert health_of_one(source).refused == 1
    source.refresh_from_db()
    report = replay(source)
    assert report.counts["unchanged"] == 2
    assert harvest(source).counts["unchanged"] == 2
    assert SourceRecord.objects.present().filter(source=source).count() == 2


def test_an_unchanged_document_is_still_known_as_such(source: Source, site: Site) -> None:
    site.rows = [row(1), row(2)]
    with time_machine.travel(OLD, tick=True):
        harvest(source)
    retention.apply()
    source.refresh_from_db()
    harvest(source)
    assert source.runs.first().requests[-1]["status"] == 304


def test_a_file_that_a_source_reads_stays_readable(source: Source) -> None:
    for n in range(4):
        dropped(source, OLD + datetime.timedelta(days=n))
    retention.apply()
    assert deposits.listed(source).first().is_held


def test_a_source_costs_a_bounded_number_of_queries(
    django_assert_max_num_queries: Any,
) -> None:
    for _ in range(5):
        source = SourceFactory()
        for n in range(3):
            ran(source, OLD + datetime.timedelta(days=n))
    with django_assert_max_num_queries(5 * 8 + 6):
        retention.apply()
