"""One harvest of one source, from its first request to its report. Knows nothing of Celery."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from carrefour.http import Fetcher, FetchError, NotModified
from partners import runs, vocabularies, withdrawals
from partners.connectors import Connector, RawRow, SourceError, connect
from partners.identity import Group, Identifier, Refused, grouped, reading
from partners.mapping.rules import MappingError, parse
from partners.models import RejectedRow, Run, RunState, Source, SourceRecord, Trigger
from partners.reports import Report
from partners.shared_pages import claims, forget_shared_pages
from partners.store import Outcome, Store
from partners.suppression import KEY_LOST, SuppressionKeyLost, Suppressions
from partners.vocabularies import Vocabularies

BATCH = 500
ALREADY = "Un moissonnage de cette source est déjà en cours."
log = logging.getLogger(__name__)

Progress = Callable[[dict[str, int], int | None], None]


class Unusable(Exception):
    """The source cannot be harvested as it is; ``message`` is one French sentence."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


def harvest(
    source: Source,
    *,
    run: Run | None = None,
    trigger: Trigger = Trigger.COMMAND,
    dry_run: bool = False,
    limit: int | None = None,
    progress: Progress | None = None,
) -> Report:
    """Harvest a source and tell what was done; never raises for what a source can do wrong.

    ``run`` is a queued run to carry out, a new one is begun otherwise. A dry run (the only kind
    possible for an unsaved source) reads and maps but writes nothing. ``limit`` bounds the rows
    read. ``progress`` receives (counts, rows expected or None) after each batch.
    """
    report = Report(connector=source.connector, source=source.slug)
    if not dry_run:
        try:
            run = _begun(source, run, trigger)
        except Unusable as error:
            report.problem = error.message
            return report
        report.run_id = run.pk
    work = Harvest(source, None if dry_run else run, report)
    work.limit, work.progress = limit, progress
    work.carry_out()
    return report


def _begun(source: Source, run: Run | None, trigger: Trigger) -> Run:
    if run is not None:
        if not runs.claim(run):
            raise Unusable("Ce moissonnage a déjà été mené, ou un autre programme le mène.")
        return run
    try:
        return runs.start(source, trigger)
    except IntegrityError as error:
        raise Unusable(ALREADY) from error


class Harvest:
    """One run's work: its parts share the source, the report and the store."""

    def __init__(self, source: Source, run: Run | None, report: Report) -> None:
        self.source = source
        self.run = run
        self.report = report
        self.limit: int | None = None
        self.progress: Progress | None = None
        self.connector: Connector | None = None
        self.is_limited = False

    def carry_out(self) -> None:
        """Do the work and write its end, whatever happens."""
        journal: list[dict[str, Any]] = []
        try:
            self._work(journal)
        except (FetchError, SourceError, Unusable, MappingError, SuppressionKeyLost) as error:
            message = getattr(error, "message", str(error))
            self._end(RunState.FAILED, journal, message)
        except runs.Cancelled:
            self._end(RunState.CANCELLED, journal, "Arrêté à la demande.")
        except BaseException:
            log.exception("Moissonnage de « %s » interrompu", self.source.slug)
            self._end(RunState.FAILED, journal, "Erreur interne, inscrite au journal du serveur.")
            raise
        else:
            rejected = self.report.counts["rejected"]
            self._end(RunState.DONE_WITH_ERRORS if rejected else RunState.DONE, journal)

    def _work(self, journal: list[dict[str, Any]]) -> None:
        rules = parse(self.source.mapping)
        if not any(rule.target == "title" for rule in rules):
            raise Unusable("La correspondance ne dit pas où est le titre des fiches.")
        self.report.mapping = {
            r.target: {"path": " + ".join(r.paths), "confidence": r.confidence} for r in rules
        }
        identifier = Identifier(self.source, rules)
        words = Vocabularies.load([self.source.pk])
        store = Store(self.source, self.run, rules, Suppressions.load(), words)
        with Fetcher(validators=self._validators()) as fetcher:
            fetcher.journal = journal
            source = self.source
            connector = self.connector or connect(
                source.connector, source.url, source.options, fetcher
            )
            try:
                self._read(connector, identifier, store)
            except NotModified:
                self._nothing_new()
        self.report.warnings = [*dict.fromkeys([*self.report.warnings, *connector.warnings])]
        if identifier.computed:
            self.report.warn(
                f"Lignes sans identifiant : {identifier.computed}. Leur adresse ou leur titre en "
                "tient lieu : une fiche qui en change sera prise pour une nouvelle."
            )
        self._finish(connector, store)

    def _read(self, connector: Connector, identifier: Identifier, store: Store) -> None:
        rows = self._limited(runs.watched(connector.rows(), self.run))
        together = connector.several_rows_per_record
        projects: Iterable[Group | Refused] = grouped(rows, identifier, together=together)
        if together:
            projects = list(projects)
            store.pages = claims(projects, store.rules, self.source.url)
        for batch in _batches(projects):
            outcome = store.write(batch) if self.run else store.preview(batch)
            self._account(batch, outcome, store.vocabularies, connector.expected)

    def _limited(self, rows: Iterable[RawRow]) -> Iterator[RawRow]:
        for number, row in enumerate(rows, start=1):
            if self.limit is not None and number > self.limit:
                self.is_limited = True
                return
            yield row

    def _account(
        self,
        batch: Sequence[Group | Refused],
        outcome: Outcome,
        words: Vocabularies,
        expected: int | None,
    ) -> None:
        counts = self.report.counts
        counts["seen"] += sum(len(b.rows) for b in batch)
        for name in ("created", "updated", "unchanged"):
            counts[name] += getattr(outcome, name)
        counts["rejected"] += len(outcome.refused)
        self.report.add_refused(outcome.refused)
        self.report.add_preview(outcome.made, words)
        if outcome.suppressed:
            self.report.warn("Des fiches retirées à la demande d’une personne ont été écartées.")
        if outcome.redacted:
            self.report.warn("Des données retirées à la demande d’une personne ont été masquées.")
        if self.run is not None:
            runs.beat(self.run, counts=dict(counts), expected=expected)
        if self.progress is not None:
            self.progress(counts, expected)

    def _validators(self) -> dict[str, tuple[str, str]]:
        """Validators of the last good reading, when nothing else asks to read again."""
        if self.run is None or self.limit is not None:
            return {}
        before = Run.objects.filter(source=self.source, finished_at__isnull=False).first()
        if (
            before is None
            or before.state != RunState.DONE
            or before.configuration != reading(self.source)
        ):
            return {}
        if SourceRecord.objects.filter(source=self.source, missing_since__isnull=False).exists():
            return {}
        return {
            r["url"]: (r.get("etag", ""), r.get("modified", ""))
            for r in before.requests
            if r.get("etag") or r.get("modified")
        }

    def _nothing_new(self) -> None:
        """The source's only document is the one read last time."""
        present = SourceRecord.objects.present().filter(source=self.source)
        self.report.counts["unchanged"] = present.update(seen_at=timezone.now())
        before = Run.objects.filter(source=self.source, state=RunState.DONE).first()
        self.report.counts["seen"] = before.counts["seen"] if before else 0

    def _finish(self, connector: Connector, store: Store) -> None:
        counts, run = self.report.counts, self.run
        if not counts["seen"]:
            raise Unusable("La source ne contient aucune fiche : rien n’a été changé.")
        if run is None or run.started_at is None:
            return
        if not connector.several_rows_per_record:
            forget_shared_pages(self.source)
        if (connector.is_complete or connector.is_one_document) and not self.is_limited:
            run.configuration = reading(self.source)
        if connector.is_complete and not self.is_limited:
            RejectedRow.objects.filter(source=self.source, seen_at__lt=run.started_at).delete()
            counts["withdrawn"], warning = withdrawals.mark_missing(self.source, run.started_at)
            if warning:
                self.report.warn(warning)
        # Even when nothing changed: a synonym added since may explain words that waited.
        vocabularies.recount(self.source)

    def _end(self, state: RunState, journal: list[dict[str, Any]], message: str = "") -> None:
        self.report.state = state.value
        if state == RunState.FAILED:
            self.report.problem = message
        if self.run is None:
            return
        self.run.counts = self.report.counts
        self.run.warnings = [*self.run.warnings, *self.report.warnings]
        self.run.requests = journal
        with transaction.atomic():
            runs.end(self.run, state, _cleaned(self.run, message))


def _cleaned(run: Run, message: str) -> str:
    """The message, once it and the run's journal are rid of what was removed on request."""
    try:
        listed = Suppressions.hold()
    except SuppressionKeyLost:
        # Nothing can be recognised: nothing that a partner wrote is kept.
        run.warnings, run.requests = [], []
        return KEY_LOST
    kept = [r for r in run.requests if not listed.hides("", "", str(r.get("url", "")), "", "")]
    run.requests = listed.redact(kept)[0]
    run.warnings = listed.redact(run.warnings)[0]
    return str(listed.redact(message)[0])


def _batches(projects: Iterable[Any]) -> Iterator[list[Any]]:
    projects = iter(projects)
    while batch := list(islice(projects, BATCH)):
        yield batch
