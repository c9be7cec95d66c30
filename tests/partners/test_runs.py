"""The life of a run: held while it writes, its heart, its journal, its next time."""

import datetime
import threading
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from partners import runs
from partners.models import Run, RunState, Source, SourceRecord, Trigger
from partners.models.run import STUCK_AFTER
from tests.conftest import wait_for
from tests.factories import RunFactory, SourceFactory


@pytest.fixture
def running(db: None) -> Run:
    return RunFactory(state=RunState.RUNNING, heartbeat_at=timezone.now())


def test_a_run_given_to_another_program_writes_no_more(running: Run) -> None:
    Run.objects.update(attempt=2)
    with pytest.raises(runs.Lost), runs.held(running):
        raise AssertionError("nothing of this may be done")
    assert not runs.end(running, RunState.DONE)
    running.refresh_from_db()
    assert running.state == RunState.RUNNING


@pytest.mark.parametrize("state", [RunState.QUEUED, RunState.FAILED, RunState.DONE])
def test_a_run_that_is_not_running_writes_nothing(running: Run, state: RunState) -> None:
    Run.objects.update(state=state)
    with pytest.raises(runs.Lost), runs.held(running):
        pass


def test_a_run_asked_to_stop_writes_nothing_more(running: Run) -> None:
    Run.objects.update(cancel_requested=True)
    with pytest.raises(runs.Cancelled), runs.held(running):
        pass


@pytest.mark.django_db(transaction=True)
def test_a_run_in_the_middle_of_a_batch_is_not_taken_for_lost() -> None:
    run = RunFactory(state=RunState.RUNNING, heartbeat_at=timezone.now() - STUCK_AFTER * 2)
    found: list[Any] = []

    def recover() -> None:
        found.append(runs.lost())
        found.append(runs.beat(run))
        connection.close()

    with runs.held(run):
        other = threading.Thread(target=recover)
        other.start()
        other.join(10)
        assert found == [([], []), False]
    assert [r.pk for r in runs.lost()[0]] == [run.pk]


@pytest.mark.django_db(transaction=True)
def test_the_heart_beats_while_a_page_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "BEAT_SECONDS", 0.05)
    old = timezone.now() - STUCK_AFTER
    run = RunFactory(state=RunState.RUNNING, heartbeat_at=old)
    with runs.Heart(run) as heart:
        wait_for(lambda: Run.objects.get().heartbeat_at > old, 10)
        heart.check()
        Run.objects.update(cancel_requested=True)
        with pytest.raises(runs.Cancelled):
            wait_for(lambda: [*heart.watched([1])] and False, 10)


@pytest.mark.django_db(transaction=True)
def test_the_heart_outlives_a_connection_that_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own connection is cut under it: psycopg tells it as an ``InterfaceError``."""
    monkeypatch.setattr(runs, "BEAT_SECONDS", 0.05)
    old = timezone.now() - STUCK_AFTER
    run = RunFactory(state=RunState.RUNNING, heartbeat_at=old)
    real, cut = runs.beat, []

    def cut_once(run: Run) -> bool:
        if not cut:
            cut.append(True)
            connection.ensure_connection()
            connection.connection.close()
        return real(run)

    monkeypatch.setattr(runs, "beat", cut_once)
    with runs.Heart(run) as heart:
        wait_for(lambda: Run.objects.get().heartbeat_at > old, 10)
        assert heart._thread.is_alive()


def test_the_journal_keeps_its_first_and_latest_lines(running: Run) -> None:
    for number in range(runs.EVENTS + 50):
        runs.note(running, "info", f"Ligne {number}")
    running.refresh_from_db()
    assert len(running.events) == runs.EVENTS
    assert running.events[0]["text"] == "Ligne 0"
    assert running.events[-1]["text"] == f"Ligne {runs.EVENTS + 49}"
    assert set(running.events[0]) == {"at", "level", "text"}


def test_rate_and_time_left_come_from_what_was_read(running: Run) -> None:
    assert (running.rate, running.time_left) == (None, None)
    now = timezone.now()
    running.started_at, running.expected = now - datetime.timedelta(seconds=10), 400
    running.counts = {**running.counts, "seen": 100}
    with time_machine.travel(now, tick=False):
        assert running.rate == pytest.approx(10)
        assert running.time_left == datetime.timedelta(seconds=30)
    running.cursor = {"before": 100}
    assert running.progress == 50


FAILURES = [("quotidienne", 1, 48), ("horaire", 1, 2), ("horaire", 3, 8), ("quotidienne", 9, 168)]


@pytest.mark.django_db
@pytest.mark.parametrize(("frequency", "failures", "hours"), FAILURES)
def test_a_source_that_fails_is_asked_less_and_less(
    frequency: str, failures: int, hours: int
) -> None:
    run = running_of(SourceFactory(frequency=frequency, failures=failures - 1))
    now = timezone.now()
    runs.end(run, RunState.FAILED, "Le site est en panne.")
    source = Source.objects.get()
    assert source.failures == failures
    assert source.next_run_at is not None
    assert (source.next_run_at - now).total_seconds() / 3600 == pytest.approx(hours, rel=0.06)


def running_of(source: Source, **given: Any) -> Run:
    return RunFactory(source=source, state=RunState.RUNNING, heartbeat_at=timezone.now(), **given)


@pytest.mark.django_db
def test_a_success_forgets_the_failures_and_a_stop_leaves_them() -> None:
    source = SourceFactory(frequency="quotidienne", failures=4)
    runs.end(running_of(source), RunState.CANCELLED)
    assert Source.objects.get().failures == 4
    runs.end(running_of(source), RunState.DONE)
    assert Source.objects.get().failures == 0


@pytest.mark.django_db
def test_a_replay_says_nothing_of_how_the_source_is() -> None:
    source = SourceFactory(frequency="quotidienne", failures=4)
    runs.end(running_of(source, trigger=Trigger.REPLAY), RunState.DONE)
    source.refresh_from_db()
    assert (source.failures, source.next_run_at) == (4, None)


@pytest.mark.django_db
def test_sources_of_one_day_do_not_start_together_for_ever() -> None:
    times = set()
    for _ in range(12):
        source = SourceFactory.build(frequency="quotidienne")
        runs.schedule(source)
        times.add(source.next_run_at.replace(second=0, microsecond=0))
    assert len(times) > 6
    assert max(times) - min(times) < datetime.timedelta(hours=3)


def test_nothing_is_stored_by_a_program_that_lost_its_run(running: Run) -> None:
    Run.objects.update(attempt=2)
    with pytest.raises(runs.Lost), runs.held(running):
        SourceRecord.objects.all().delete()
    assert runs.claim(running) is False
