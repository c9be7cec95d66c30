"""Asking for a harvest, losing a worker, and a real worker that does the work."""

import subprocess

import pytest
import time_machine
from django.utils import timezone

from carrefour.celery import app
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
@pytest.mark.parametrize("trigger", [Trigger.REPLAY, Trigger.MANUAL])
def test_a_source_busy_when_its_time_comes_keeps_its_turn(
    sent: list[int], trigger: Trigger
) -> None:
    due = SourceFactory(next_run_at=timezone.now(), frequency="hebdomadaire")
    busy = RunFactory(source=due, state=RunState.QUEUED, trigger=trigger)
    assert request_due() == 0
    Run.objects.filter(pk=busy.pk).update(state=RunState.DONE)
    assert request_due() == 1
    due.refresh_from_db()
    assert due.next_run_at > timezone.now()


@pytest.mark.django_db
def test_a_lost_run_is_queued_again_as_the_same_run(sent: list[int]) -> None:
    stuck = RunFactory(state=RunState.RUNNING, heartbeat_at=timezone.now(), cursor={"resume": 3})
    fresh = RunFactory(state=RunState.RUNNING, heartbeat_at=timezone.now())
    with time_machine.travel(timezone.now() + STUCK_AFTER * 1.5, tick=False):
        Run.objects.filter(pk=fresh.pk).update(heartbeat_at=timezone.now())
        assert recover() == (1, 0)
        stuck.refresh_from_db()
        assert (stuck.state, stuck.attempt, stuck.cursor) == (RunState.QUEUED, 2, {"resume": 3})
        assert stuck.events[-1]["text"] == runs.RESUMED.format(attempt=2)
        assert recover() == (0, 0)
    fresh.refresh_from_db()
    assert fresh.state == RunState.RUNNING
    assert sent == [stuck.pk]


@pytest.mark.django_db
def test_a_run_lost_too_many_times_fails(sent: list[int]) -> None:
    run = RunFactory(state=RunState.RUNNING, heartbeat_at=timezone.now(), attempt=4)
    with time_machine.travel(timezone.now() + STUCK_AFTER * 1.5, tick=False):
        assert recover() == (1, 0)
    run.refresh_from_db()
    assert (run.state, run.message) == (RunState.FAILED, runs.LOST.format(attempts=4))
    run.source.refresh_from_db()
    assert run.source.failures == 1
    assert sent == []


@pytest.mark.django_db
def test_a_lost_run_that_was_asked_to_stop_is_stopped(sent: list[int]) -> None:
    run = RunFactory(
        state=RunState.RUNNING, heartbeat_at=timezone.now() - STUCK_AFTER * 2, cancel_requested=True
    )
    assert recover() == (1, 0)
    run.refresh_from_db()
    assert (run.state, sent) == (RunState.CANCELLED, [])


@pytest.mark.django_db
def test_a_forgotten_request_is_sent_again(sent: list[int]) -> None:
    run = RunFactory()
    assert recover() == (0, 0)
    with time_machine.travel(timezone.now() + runs.WAITING_TOO_LONG * 1.1, tick=False):
        assert recover() == (0, 1)
        assert recover() == (0, 0)
    assert sent == [run.pk]


@pytest.mark.django_db
def test_tasks_go_to_the_queue_of_their_concern() -> None:
    router = app.amqp.router
    queues = {
        name: router.route({}, name)["queue"].name
        for name in ("partners.harvest", "partners.tell_run_end", "partners.recover_stuck_runs",
                     "innovations.copy_pictures", "innovations.check_links",
                     "partners.compare_records")
    }  # fmt: skip
    assert list(queues.values()) == [
        "moissonnage", "courriels", "defaut", "images", "liens", "rapprochement"
    ]  # fmt: skip
    read = {queue.routing_key for queue in app.amqp.queues.consume_from.values()}
    assert read == {"defaut", "courriels", "images", "liens", "moissonnage", "rapprochement"}


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
