"""The life of a run: claimed once, its heart beating, stopped when asked, ended with its reason."""

import datetime
import random
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Self

from django.conf import settings
from django.db import Error, connection, transaction
from django.db.models.functions import Coalesce
from django.utils import timezone

from partners.models import Run, RunState, Source, Trigger
from partners.models.run import STUCK_AFTER
from partners.models.source import Frequency

BEAT_SECONDS = min(5.0, settings.HARVEST_STUCK_SECONDS / 5)
LOST = (
    "Le programme qui menait ce moissonnage s’est arrêté sans prévenir, à chacun des "
    "{attempts} essais."
)
RESUMED = "Le programme qui menait ce moissonnage s’était arrêté sans prévenir : essai {attempt}."
CANCELLED = "Arrêté à la demande."
MOST_ATTEMPTS = 4
# A queued run whose message was lost (broker restarted) is sent again after this.
WAITING_TOO_LONG = datetime.timedelta(seconds=settings.HARVEST_RESEND_SECONDS)
# The reading of a run that was stopped or failed is taken over by the next one within this: a day,
# and what a daily source's next time may be late.
RESUMABLE_FOR = datetime.timedelta(hours=26)
# A reading whose time ran out goes on after this, so many times…
GOES_ON_AFTER = datetime.timedelta(minutes=5)
MOST_LATE = 48
# … and one that failed midway is tried again within this, so many times.
RETRIED_WITHIN = datetime.timedelta(hours=3)
MOST_RETRIES = 8
HOUR = datetime.timedelta(hours=1)
LONGEST_BACKOFF = datetime.timedelta(days=7)
EVENTS = 300
# A database session that a vanished machine left in the middle of a batch is ended after this.
IDLE_IN_BATCH = "10min"
GOOD = (RunState.DONE, RunState.DONE_WITH_ERRORS)


class Cancelled(Exception):
    """Someone asked the run to stop."""


class Lost(Exception):
    """The run was given to another program, or is over: this one writes nothing any more."""


def claim(run: Run) -> bool:
    """Take a queued run for this process; False when another already has it or it is over."""
    now = timezone.now()
    taken = Run.objects.filter(pk=run.pk, state=RunState.QUEUED).update(
        state=RunState.RUNNING,
        started_at=Coalesce("started_at", now),
        reading_since=Coalesce("reading_since", now),
        heartbeat_at=now,
    )
    if taken:
        run.refresh_from_db()
    return bool(taken)


def start(source: Source, trigger: Trigger) -> Run:
    """A run that begins at once, in this process. Raises ``IntegrityError`` when one is active."""
    now = timezone.now()
    run = Run(source=source, trigger=trigger, state=RunState.RUNNING)
    run.started_at = run.heartbeat_at = run.reading_since = now
    with transaction.atomic():
        run.save(force_insert=True)
    return run


@contextmanager
def held(run: Run) -> Iterator[None]:
    """A transaction during which the run is this program's, and nobody can declare it lost.

    All that a run writes is written in one of these. Raises ``Lost`` when the run has another
    program or is over, ``Cancelled`` when a stop was asked for; nothing is written then.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL idle_in_transaction_session_timeout = '{IDLE_IN_BATCH}'")
        mine = Run.objects.select_for_update().filter(
            pk=run.pk, state=RunState.RUNNING, attempt=run.attempt
        )
        is_stopped = mine.values_list("cancel_requested", flat=True).first()
        if is_stopped is None:
            raise Lost
        if is_stopped:
            raise Cancelled
        yield


def save(run: Run, **changed: Any) -> None:
    """Write what changed, and a heartbeat; within ``held``."""
    for name, value in changed.items():
        setattr(run, name, value)
    run.heartbeat_at = timezone.now()
    Run.objects.filter(pk=run.pk).update(heartbeat_at=run.heartbeat_at, **changed)


class Heart:
    """Beats while a program works at its run, however long a page takes to come.

    A thread with a connection of its own, opened for each beat and closed after it. A run whose
    row is locked is in the middle of a batch: nobody takes it for lost, so the beat is skipped.
    """

    def __init__(self, run: Run | None) -> None:
        self._run = run
        self._end = threading.Event()
        self._stop_asked = threading.Event()
        self._thread = threading.Thread(target=self._beat_on, name="heart", daemon=True)

    def __enter__(self) -> Self:
        if self._run is not None:
            self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._end.set()
        if self._run is not None:
            self._thread.join()

    def check(self) -> None:
        """Raises ``Cancelled`` when a stop was asked for."""
        if self._stop_asked.is_set():
            raise Cancelled

    def watched(self, rows: Iterable[Any]) -> Iterator[Any]:
        """The rows, as long as no stop is asked for. Raises ``Cancelled``."""
        for row in rows:
            self.check()
            yield row

    def _beat_on(self) -> None:
        while not self._end.wait(BEAT_SECONDS):
            try:
                if beat(self._run):  # type: ignore[arg-type]
                    self._stop_asked.set()
            except Error:
                continue  # A database that restarts: the next batch tells, if it is not back.
            finally:
                with suppress(Error):
                    connection.close()


BEAT = """
UPDATE partners_run SET heartbeat_at = %s WHERE id = (
    SELECT id FROM partners_run WHERE id = %s AND state = 'en-cours' AND attempt = %s
    FOR UPDATE SKIP LOCKED
) RETURNING cancel_requested
"""


def beat(run: Run) -> bool:
    """Write the heartbeat of a run at work; returns whether a stop was asked for."""
    with connection.cursor() as cursor:
        cursor.execute(BEAT, [timezone.now(), run.pk, run.attempt])
        return any(asked for (asked,) in cursor.fetchall())


def note(run: Run | None, level: str, text: str) -> None:
    """Append a line to the run's journal; ``level``: info, attention or erreur.

    The first lines and the latest are kept when there are too many.
    """
    if run is None:
        return
    at = timezone.now().isoformat(timespec="seconds")
    run.events.append({"at": at, "level": level, "text": text[:500]})
    if len(run.events) > EVENTS:
        del run.events[EVENTS // 2]
    Run.objects.filter(pk=run.pk, attempt=run.attempt).update(events=run.events)


def take_over(run: Run, digest: str) -> bool:
    """Go on with the reading that the source's last run left unfinished, if it can be.

    A request that was given up before it began left nothing; neither did a replay, to a harvest.
    ``digest``: what decides what a harvest gives (``identity.reading``). The new run counts only
    its own rows; what is missing at the source is told from the beginning of that reading.
    """
    begun = Run.objects.filter(source=run.source_id, reading_since__isnull=False)
    if run.trigger != Trigger.REPLAY:
        begun = begun.exclude(trigger=Trigger.REPLAY)
    before = begun.exclude(pk=run.pk).first()
    if before is None or not _can_be_taken_over(before, digest):
        return False
    read = before.read_before + before.counts.get("seen", 0)
    save(
        run,
        cursor={**(before.cursor or {}), "before": read},
        reading_since=before.reading_since,
        is_incremental=before.is_incremental,
    )
    Run.objects.filter(pk=before.pk).update(cursor=None)
    return True


def _can_be_taken_over(run: Run, digest: str) -> bool:
    oldest = timezone.now() - RESUMABLE_FOR
    return (
        run.state in (RunState.CANCELLED, RunState.FAILED)
        and run.can_resume
        and (run.cursor or {}).get("reading") == digest
        and run.finished_at is not None
        and run.finished_at >= oldest
    )


def end(run: Run, state: RunState, message: str = "", *, is_late: bool = False) -> bool:
    """Write the run's end and plan the next one, all at once; False when the run is another's.

    ``is_late``: the time of the run ran out before its reading's end.
    """
    run.state, run.message, run.finished_at = state, message, timezone.now()
    if state in GOOD:
        run.cursor = None
    elif is_late:
        run.cursor = {**(run.cursor or {}), "late": run.late + 1}
    names = (
        "state", "message", "finished_at", "counts", "warnings", "requests", "expected",
        "configuration", "cursor", "events", "present", "fills",
    )  # fmt: skip
    with transaction.atomic():
        written = Run.objects.filter(pk=run.pk, state=RunState.RUNNING, attempt=run.attempt).update(
            **{name: getattr(run, name) for name in names}
        )
        if written:
            _plan_next(run, is_late=is_late)
            _tell(run)
    return bool(written)


def goes_on_soon(run: Run) -> bool:
    """Whether a run whose time ran out will be followed by another, in minutes."""
    active = Source.objects.filter(pk=run.source_id, is_active=True, partner__is_active=True)
    return run.trigger != Trigger.REPLAY and run.late < MOST_LATE and active.exists()


def _plan_next(run: Run, *, is_late: bool) -> None:
    """Count failures in a row and set the time of the next run, later and later while it fails."""
    if run.trigger == Trigger.REPLAY:
        return
    source = run.source
    source.refresh_from_db(fields=["failures", "frequency", "is_active"])
    if run.state in GOOD:
        source.failures = 0
    elif run.state == RunState.FAILED:
        source.failures = min(source.failures + 1, 1000)
    schedule(source)
    if run.can_resume:
        source.next_run_at = _sooner(run, source, is_late=is_late)
    Source.objects.filter(pk=source.pk).update(
        next_run_at=source.next_run_at, failures=source.failures
    )


def _sooner(run: Run, source: Source, *, is_late: bool) -> datetime.datetime | None:
    """The next time of a source whose reading is unfinished: while it can still be taken over."""
    now = timezone.now()
    if is_late and source.is_active and run.late <= MOST_LATE:
        return now + GOES_ON_AFTER
    is_retried = run.state == RunState.FAILED and source.failures <= MOST_RETRIES
    if is_retried and source.next_run_at is not None:
        return min(source.next_run_at, now + RETRIED_WITHIN)
    return source.next_run_at


def schedule(source: Source) -> None:
    """Set the source's ``next_run_at`` from its frequency and its failures in a row; no saving.

    Give or take 5 %: sources made the same day do not start at the same minute for ever.
    """
    source.schedule_next()
    interval = Frequency(source.frequency).interval
    if source.next_run_at is None or interval is None:
        return
    if source.failures:
        longer = max(interval, HOUR) * 2 ** min(source.failures, 20)
        interval = min(longer, LONGEST_BACKOFF)
    source.next_run_at = timezone.now() + interval * random.uniform(0.95, 1.05)


def _tell(run: Run) -> None:
    """Those who asked are told of the run's end; pictures and texts are looked at, and records
    compared, later on."""
    from partners import alerts, pictures  # these read runs: imported late
    from partners.consolidation import requesting
    from partners.screening import checking

    alerts.after_run(run)
    if any(run.counts.get(name) for name in ("created", "updated", "withdrawn")):
        pictures.after_run(run)
        requesting.after_run()
        checking.after_run(run)


def lost() -> tuple[list[Run], list[Run]]:
    """Put back in the queue the running runs whose heart stopped: (those, those given up).

    A run that lost its program too many times fails; one that was asked to stop is stopped.
    """
    again, over = [], []
    with transaction.atomic():
        stuck = Run.objects.select_for_update(skip_locked=True, of=("self",)).filter(
            state=RunState.RUNNING, heartbeat_at__lt=timezone.now() - STUCK_AFTER
        )
        for run in stuck.select_related("source"):
            if run.cancel_requested:
                end(run, RunState.CANCELLED, CANCELLED)
                over.append(run)
            elif run.attempt >= MOST_ATTEMPTS:
                end(run, RunState.FAILED, LOST.format(attempts=MOST_ATTEMPTS))
                over.append(run)
            else:
                _queue_again(run)
                again.append(run)
    return again, over


def _queue_again(run: Run) -> None:
    """The same run, for another program: it goes on from what the former one committed."""
    run.attempt += 1
    run.state, run.heartbeat_at = RunState.QUEUED, timezone.now()
    Run.objects.filter(pk=run.pk).update(
        state=run.state, attempt=run.attempt, heartbeat_at=run.heartbeat_at
    )
    note(run, "attention", RESUMED.format(attempt=run.attempt))


def forgotten() -> list[Run]:
    """Queued runs that no worker took for long: their message is to be sent again."""
    limit = timezone.now() - WAITING_TOO_LONG
    waiting = Run.objects.filter(state=RunState.QUEUED, created_at__lt=limit)
    found = list(waiting.exclude(heartbeat_at__gte=limit))
    Run.objects.filter(pk__in=[r.pk for r in found]).update(heartbeat_at=timezone.now())
    return found
