"""The life of a run: claimed once, its heart beating, stopped when asked, ended with its reason."""

import datetime
import time
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import transaction
from django.utils import timezone

from partners.models import Run, RunState, Source, Trigger
from partners.models.run import STUCK_AFTER

BEAT_SECONDS = 2.0
RELAUNCHED = "Relancé automatiquement : le moissonnage précédent avait perdu son programme."
LOST = "Le programme qui menait ce moissonnage s’est arrêté sans prévenir."
# A queued run whose message was lost (broker restarted) is sent again after this.
WAITING_TOO_LONG = datetime.timedelta(minutes=15)


class Cancelled(Exception):
    """Someone asked the run to stop."""


def claim(run: Run) -> bool:
    """Take a queued run for this process; False when another already has it or it is over."""
    now = timezone.now()
    taken = Run.objects.filter(pk=run.pk, state=RunState.QUEUED).update(
        state=RunState.RUNNING, started_at=now, heartbeat_at=now
    )
    if taken:
        run.refresh_from_db()
    return bool(taken)


def start(source: Source, trigger: Trigger) -> Run:
    """A run that begins at once, in this process. Raises ``IntegrityError`` when one is active."""
    now = timezone.now()
    run = Run(source=source, trigger=trigger, state=RunState.RUNNING)
    run.started_at = run.heartbeat_at = now
    with transaction.atomic():
        run.save(force_insert=True)
    return run


def watched(rows: Iterable[Any], run: Run | None) -> Iterator[Any]:
    """The rows, with a heartbeat and a look at « arrêt demandé » every other second.

    Raises ``Cancelled``.
    """
    last = time.monotonic()
    for row in rows:
        yield row
        if run is not None and time.monotonic() - last >= BEAT_SECONDS:
            last = time.monotonic()
            beat(run)


def beat(run: Run, **changed: Any) -> None:
    """Write the heartbeat and what changed. Raises ``Cancelled`` when a stop was asked for."""
    for name, value in changed.items():
        setattr(run, name, value)
    run.heartbeat_at = timezone.now()
    mine = Run.objects.filter(pk=run.pk, state=RunState.RUNNING)
    alive = mine.update(heartbeat_at=run.heartbeat_at, **changed)
    if not alive or Run.objects.filter(pk=run.pk, cancel_requested=True).exists():
        raise Cancelled


def end(run: Run, state: RunState, message: str = "") -> None:
    """Write the run's end, unless it was declared lost in the meantime; plan the next one."""
    run.state, run.message, run.finished_at = state, message, timezone.now()
    names = (
        "state",
        "message",
        "finished_at",
        "counts",
        "warnings",
        "requests",
        "expected",
        "configuration",
    )
    Run.objects.filter(pk=run.pk, state=RunState.RUNNING).update(
        **{name: getattr(run, name) for name in names}
    )
    source = run.source
    source.schedule_next()
    Source.objects.filter(pk=source.pk).update(next_run_at=source.next_run_at)


def lost() -> list[Run]:
    """Declare failed the running runs whose heart stopped; returns them."""
    limit = timezone.now() - STUCK_AFTER
    stuck = Run.objects.filter(state=RunState.RUNNING, heartbeat_at__lt=limit)
    found = list(stuck.select_related("source"))
    for run in found:
        taken = Run.objects.filter(pk=run.pk, state=RunState.RUNNING, heartbeat_at__lt=limit)
        taken.update(state=RunState.FAILED, message=LOST, finished_at=timezone.now())
    return found


def forgotten() -> list[Run]:
    """Queued runs that no worker took for long: their message is to be sent again."""
    limit = timezone.now() - WAITING_TOO_LONG
    waiting = Run.objects.filter(state=RunState.QUEUED, created_at__lt=limit)
    found = list(waiting.exclude(heartbeat_at__gte=limit))
    Run.objects.filter(pk__in=[r.pk for r in found]).update(heartbeat_at=timezone.now())
    return found
