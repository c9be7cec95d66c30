"""One reading of a source, which several runs may share: where it began, where it goes on."""

import datetime
import time
from typing import Any

from carrefour.french import counted
from partners import runs
from partners.connectors import Connector
from partners.identity import reading
from partners.models import Run, Source, SourceRecord
from partners.models.run import no_counts

TELL_SECONDS = 10.0
WAITS = (429, 503)
STARTED = "Lecture de la source."
TAKEN_OVER = "Reprise de la lecture que le moissonnage précédent n’avait pas finie."
GOES_ON = "Reprise de la lecture après une interruption."
AGAIN = "La source a été réglée autrement depuis l’interruption : lecture reprise du début."
NEWS = "Seules les nouveautés depuis le {date:%d/%m/%Y à %H:%M} sont demandées."


class Reading:
    """Its place in time and in the source. ``resume``: the connector's cursor to go on from, or
    None; ``again``: rows met again, counted before; ``mended``: cells whose encoding was repaired;
    ``deleted``: identifiers that the source deleted, not written yet; ``announced``: how many there
    were; ``before``: rows that earlier runs gave to it."""

    def __init__(self, source: Source, run: Run | None) -> None:
        self.source = source
        self.run = run
        self.digest = reading(source) if run else ""
        self.is_limited = False
        self.is_resumed = False
        self.is_first = True
        # Whether all that was read before an interruption could be.
        self.was_whole = True
        self.again = 0
        self.mended = 0
        self.deleted: list[str] = []
        self.announced = 0
        self.before = 0
        self.resume: Any = None
        self.started = STARTED
        self._is_bounded = False
        self._since: datetime.datetime | None = None
        self._late = 0
        self._told_at = 0.0
        self._last_request: Any = None
        self._requests = 0

    def begin(self, *, is_limited: bool) -> None:
        """Begin, or go on: with the run's own cursor (its program was lost), or with that of the
        run before (stopped or failed)."""
        run = self._running
        self._is_bounded = is_limited
        with runs.held(run):
            if run.cursor is not None:
                self._go_on()
            elif not is_limited and runs.take_over(run, self.digest):
                self.is_resumed = True
                runs.note(run, "info", TAKEN_OVER)
            else:
                runs.note(run, "info", self.started)
            self._take_place()
            runs.save(run, cursor=self.place(self.resume))
        # Withdrawn ones too: what comes back under another identifier is to be recognised.
        known = SourceRecord.objects.filter(source=self.source)
        self.is_first = not known.filter(first_seen_at__lt=run.reading_since).exists()

    @property
    def _running(self) -> Run:
        if self.run is None:
            raise ValueError("a dry run has no reading to keep")
        return self.run

    def _go_on(self) -> None:
        run = self._running
        if (run.cursor or {}).get("reading") == self.digest:
            self.is_resumed = True
            runs.note(run, "info", GOES_ON)
            return
        # Rows of one reading are compared with each other: they must be read the same way.
        runs.save(
            run,
            cursor=None,
            counts=no_counts(),
            reading_since=run.heartbeat_at,
            is_incremental=False,
        )
        runs.note(run, "attention", AGAIN)

    def _take_place(self) -> None:
        place = self._running.cursor or {}
        self.resume = place.get("resume")
        self.before = int(place.get("before", 0))
        self._late = int(place.get("late", 0))
        self.was_whole = bool(place.get("whole", True))
        if since := place.get("since"):
            self._since = datetime.datetime.fromisoformat(since)

    def asked(self, connector: Connector) -> dict[str, Any]:
        """The arguments of ``connector.rows``: from where, and since when."""
        run = self.run
        if run is None:
            return {}
        if self._since is None and self.resume is None and connector.can_read_since:
            self._since = self._last_good()
        if self._since is not None:
            run.is_incremental = True
            Run.objects.filter(pk=run.pk).update(is_incremental=True)
            runs.note(run, "info", NEWS.format(date=self._since.astimezone()))
        return {"resume": self.resume, "since": self._since}

    def _last_good(self) -> datetime.datetime | None:
        """The beginning of the last reading that went through, if a full one is recent enough."""
        run = self._running
        if self._is_bounded or self.source.full_reading_days == 0 or run.reading_since is None:
            return None
        good = Run.objects.filter(
            source=self.source, state__in=runs.GOOD, configuration=self.digest
        )
        recent = run.reading_since - datetime.timedelta(days=self.source.full_reading_days)
        if not good.filter(is_incremental=False, reading_since__gte=recent).exists():
            return None
        return good.values_list("reading_since", flat=True).first()

    def cursor(self, connector: Connector) -> dict[str, Any]:
        """What the run keeps with a batch, to go on from there."""
        self.resume = None if connector.several_rows_per_record else connector.cursor
        if self.resume is not None:
            self.was_whole = self.was_whole and connector.is_complete
        return self.place(self.resume)

    def place(self, resume: Any) -> dict[str, Any]:
        since = self._since.isoformat() if self._since else None
        return {
            "reading": self.digest,
            "resume": resume,
            "since": since,
            "before": self.before,
            "late": self._late,
            "whole": self.was_whole,
        }

    def tell(self, counts: dict[str, int], journal: list[dict[str, Any]]) -> None:
        """Write how far the reading is in the run's journal, now and then."""
        new = self._new_requests(journal)
        self._requests += len(new)
        for status in WAITS:
            if asked := sum(r.get("status") == status for r in new):
                text = f"Le site a demandé de patienter ({status}), {asked} fois."
                runs.note(self.run, "attention", text)
        if self.run is not None and time.monotonic() - self._told_at >= TELL_SECONDS:
            self._told_at = time.monotonic()
            text = f"{counted(counts['seen'], 'ligne lue')}, {counted(self._requests, 'requête')}."
            runs.note(self.run, "info", text)

    def _new_requests(self, journal: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Those made since the last time; the journal loses its middle when it grows long."""
        new: list[dict[str, Any]] = []
        for entry in reversed(journal):
            if entry is self._last_request:
                break
            new.append(entry)
        self._last_request = journal[-1] if journal else None
        return new
