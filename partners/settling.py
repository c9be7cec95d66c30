"""What the end of a reading changes: recognition, publication, withdrawals, contract, measures."""

from __future__ import annotations

import datetime
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import F

from carrefour.french import agree, counted
from innovations import searchrows
from partners import contracts, runs, vocabularies, withdrawals
from partners.connectors import Connector
from partners.identity import told_by_case
from partners.models import RejectedRow, Run, SourceRecord, Trigger
from partners.publishing import publish_pending
from partners.recognition import likely, recognise
from partners.runs import GOOD
from partners.shared_pages import forget_shared_pages
from partners.store import Store

if TYPE_CHECKING:
    from partners.harvest import Harvest

NOTHING = "La source ne contient aucune fiche : rien n’a été changé."

# What is said of one record, of several.
RECOGNISED = ("reconnue, elle garde son", "reconnues, elles gardent leur")


class Unusable(Exception):
    """The source cannot be harvested as it is; ``message`` is one French sentence."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


def settle(work: Harvest, connector: Connector, store: Store) -> None:
    """Draw the conclusions of a reading that went to its end. Raises ``Unusable`` when empty."""
    read = work.report.counts["seen"] + work.reading.again + work.reading.before
    run = work.run
    is_incremental = run is not None and run.is_incremental
    if not (read or is_incremental or work.reading.announced):
        raise Unusable(NOTHING)
    if run is None:
        return
    Settling(work, run, store, is_empty=not read).settle(connector)


@dataclass
class Settling:
    """The end of one run's reading, each step in transactions that are surely the run's."""

    work: Harvest
    run: Run
    store: Store
    is_empty: bool = False

    def turn(self) -> AbstractContextManager[None]:
        return runs.held(self.run)

    @property
    def since(self) -> datetime.datetime:
        if self.run.reading_since is None:
            raise ValueError("a run that was begun has a reading")
        return self.run.reading_since

    def settle(self, connector: Connector) -> None:
        is_limited = self.work.reading.is_limited
        is_complete = connector.is_complete and self.work.reading.was_whole
        if (is_complete or connector.is_one_document) and not is_limited:
            self.run.configuration = self.work.reading.digest
        is_whole = is_complete and not (is_limited or self.run.is_incremental or self.is_empty)
        if is_whole:
            self._recognise()
        self._publish_the_rest()
        if not connector.several_rows_per_record:
            forget_shared_pages(self.work.source, self.turn)
        with self.turn():
            self._forget_refusals(is_whole=is_whole)
        self._withdraw(is_whole=is_whole)
        if is_whole and (said := told_by_case(self.work.source)):
            self.work.report.warn(said)
        self._measure(is_whole=is_whole)
        if any(self.work.report.counts[n] for n in ("created", "updated", "withdrawn")):
            searchrows.flush()

    def _recognise(self) -> None:
        """New records that are old ones under another name or address count as changed."""
        new_since = self._new_since()
        if new_since is None:
            return
        known = recognise(self.work.source, self.since, new_since, self.turn)
        if not known:
            return
        counts = self.work.report.counts
        moved = min(known, counts["created"])
        counts["created"] -= moved
        counts["updated"] += moved
        runs.note(
            self.run,
            "info",
            f"{counted(known, 'fiche')} {agree(known, 'a', 'ont')} changé d’identifiant ou "
            f"d’adresse chez le partenaire : {agree(known, *RECOGNISED)} "
            f"adresse publique et {agree(known, 'son', 'leur')} historique.",
        )

    def _new_since(self) -> datetime.datetime | None:
        """Records first seen since then may be old ones under another name; None at first."""
        last = Run.objects.filter(source=self.work.source, state__in=GOOD)
        last = last.exclude(trigger=Trigger.REPLAY).exclude(pk=self.run.pk)
        # New records that only looked like older ones wait through the readings of what changed.
        if full := last.filter(is_incremental=False).first():
            return None if self.work.reading.is_first else full.reading_since
        return None

    def _publish_the_rest(self) -> None:
        """New records; but what looks like an older one waits for a whole reading to tell."""
        if self.store.publishes_new:
            return
        new_since = self._new_since() if self.run.is_incremental else None
        waiting = likely(self.work.source, self.since, new_since) if new_since else []
        while True:
            with self.turn():
                if not publish_pending(
                    self.work.source, self.store.vocabularies, limit=500, but=waiting
                ):
                    return

    def _forget_refusals(self, *, is_whole: bool) -> None:
        """Refused rows that the reading did not meet again, or whose record it accepted."""
        old = RejectedRow.objects.filter(source=self.work.source, seen_at__lt=self.since)
        if not is_whole:
            accepted = SourceRecord.objects.filter(
                source=self.work.source, seen_at__gte=self.since, changed_at=F("seen_at")
            )
            old = old.filter(external_id__in=accepted.values("external_id"))
        old.delete()

    def _withdraw(self, *, is_whole: bool) -> None:
        """What the source said it deleted, then what a whole reading did not hold."""
        source, since, run, gone = self.work.source, self.since, self.run, 0
        deleted, warning = withdrawals.withdraw_announced(source, since, run=run, turn=self.turn)
        if is_whole and not warning:
            gone, warning = withdrawals.mark_missing(source, since, run=run, turn=self.turn)
        self.work.report.counts["withdrawn"] += deleted + gone
        if deleted:
            said = agree(deleted, "supprimée a été retirée", "supprimées ont été retirées")
            text = f"{counted(deleted, 'fiche')} que la source dit avoir {said}."
            runs.note(self.run, "info", text)
        if warning:
            self.work.report.warn(warning)
            runs.note(self.run, "attention", warning)
        elif gone:
            said = agree(gone, "a été retirée", "ont été retirées")
            text = f"{counted(gone, 'fiche absente')} de la source {said}."
            runs.note(self.run, "info", text)

    def _measure(self, *, is_whole: bool) -> None:
        source, run = self.work.source, self.run
        run.counts = self.work.report.counts
        with self.turn():
            # Even when nothing changed: a synonym added since may explain words that waited.
            vocabularies.recount(source)
            contracts.measure(source, run)
            for sentence in contracts.check(source, run):
                self.work.report.warn(sentence)
                runs.note(run, "attention", sentence)
            if is_whole and run.present and not source.sample:
                contracts.take_sample(source)
