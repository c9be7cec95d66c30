"""Asking for a harvest, losing a worker, and a real worker that does the work."""

import subprocess

import pytest
import time_machine
from django.utils import timezone

from partners import requesting, runs
from partners.models import Run, RunState, Source, SourceRecord, Trigger
from partners.models.run import STUCK_AFTER
from partners.requesting import AlreadyActive, recover, request_due, request_harvest
from tests.conftest import wait_for
from tests.factories import RunFactory, SourceFactory, UserFactory
from tests.partners.conftest import Site, row


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The runs sent to the workers, which are not running here."""
    found: list[int] = []
    monkeypatch.setattr(requesting, "send", lambda run: found.append(run.pk))
    return found


@pytest.mark.django_db
def test_one_request_at_a_time(sent: list[int], django_capture_on_commit_callbacks: object) -> None:
    source = SourceFactory()
    user = UserFactory()
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        run = request_harvest(source, user)
    assert sent == [run.pk]
    assert (run.state, run.requested_by) == (RunState.QUEUED, user)
    with pytest.raises(AlreadyActive):
        request_harvest(source, user)
    Run.objects.update(state=RunState.DONE)
    assert request_harvest(source, trigger=Trigger.SCHEDULED).pk != run.pk


@pytest.mark.django_db
def test_due_sources_are_requested_once(
    sent: list[int], django_capture_on_commit_callbacks: object
) -> None:
    due = SourceFactory(next_run_at=timezone.now(), frequency="quotidienne")
    SourceFactory(next_run_at=timezone.now(), is_active=False)
    SourceFactory(next_run_at=None)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        assert request_due() == 1
        assert request_due() == 0
    assert Run.objects.get().source == due
    due.refresh_from_db()
    assert due.next_run_at > timezone.now()


@pytest.mark.django_db
def test_a_lost_run_fails_and_is_relaunched_once(
    sent: list[int], django_capture_on_commit_callbacks: object
) -> None:
    stuck = RunFactory(state=RunState.RUNNING, heartbeat_at=timezone.now())
    fresh = RunFactory(state=RunState.RUNNING, heartbeat_at=timezone.now())
    with (
        time_machine.travel(timezone.now() + STUCK_AFTER * 1.5, tick=False),
        django_capture_on_commit_callbacks(execute=True),  # type: ignore[operator]
    ):
        Run.objects.filter(pk=fresh.pk).update(heartbeat_at=timezone.now())
        assert recover() == (1, 0)
        stuck.refresh_from_db()
        assert (stuck.state, stuck.message) == (RunState.FAILED, runs.LOST)
        again = Run.objects.get(source=stuck.source, state=RunState.QUEUED)
        assert again.warnings == [runs.RELAUNCHED]
        Run.objects.filter(pk=again.pk).update(
            state=RunState.RUNNING, heartbeat_at=timezone.now() - STUCK_AFTER * 2
        )
        assert recover() == (1, 0)
    assert not Run.objects.active().filter(source=stuck.source).exists()


@pytest.mark.django_db
def test_a_run_declared_lost_stops_at_its_next_heartbeat() -> None:
    run = RunFactory(state=RunState.FAILED)
    with pytest.raises(runs.Cancelled):
        runs.beat(run, counts={})
    run.refresh_from_db()
    assert run.state == RunState.FAILED


@pytest.mark.django_db
def test_a_forgotten_request_is_sent_again(sent: list[int]) -> None:
    run = RunFactory()
    assert recover() == (0, 0)
    with time_machine.travel(timezone.now() + runs.WAITING_TOO_LONG * 1.1, tick=False):
        assert recover() == (0, 1)
        assert recover() == (0, 0)
    assert sent == [run.pk]


def test_a_real_worker_harvests(
    worker: subprocess.Popen, transactional_db: None, source: Source, site: Site
) -> None:
    site.rows = [row(1), row(2)]
    run = request_harvest(source)
    wait_for(lambda: not Run.objects.get(pk=run.pk).is_active, 30)
    run.refresh_from_db()
    assert (run.state, run.message) == (RunState.DONE, "")
    assert run.counts["created"] == SourceRecord.objects.count() == 2
    assert worker.poll() is None
