"""One harvest of one source, from its first request to its report. Knows nothing of Celery."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.utils import timezone

from carrefour.http import Fetcher, FetchError, NotModified
from partners import runs, settling
from partners.connectors import Connector, RawRow, SourceError, connect
from partners.identity import Group, Identifier, Refused
from partners.mapping.rules import MappingError, parse
from partners.models import Run, RunState, Source, SourceRecord, Trigger
from partners.reaching import reach
from partners.reading import Reading
from partners.reports import Report, mapping_of
from partners.settling import Unusable
from partners.store import Outcome, Store
from partners.suppression import KEY_LOST, SuppressionKeyLost, Suppressions
from partners.survey import Survey
from partners.vocabularies import Vocabularies
from partners.withdrawals import announce_deleted

BATCH = 500
SLOW_SECONDS = 2.0
TOLD_ROWS = 50
ALREADY = "Un moissonnage de cette source est déjà en cours."
TAKEN = "Ce moissonnage a déjà été mené, ou un autre programme le mène."
BROKEN = "Erreur interne, inscrite au journal du serveur."
AT_KEYBOARD = "Arrêté au clavier."
OUT_OF_TIME = "Temps imparti dépassé."
TO_BE_RESUMED = " Relancé dans les 24 heures, il reprendra où il s’est arrêté."
GOES_ON = " La suite sera lue dans quelques minutes."
EXPECTED_ERRORS = (FetchError, SourceError, Unusable, MappingError, SuppressionKeyLost)
log = logging.getLogger(__name__)

Progress = Callable[[dict[str, int], int | None], None]
Batch = Sequence[Group | Refused]


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
            run = begun(source, run, trigger)
        except Unusable as error:
            report.problem = error.message
            return report
        report.run_id = run.pk
    work = Harvest(source, None if dry_run else run, report)
    work.limit, work.progress = limit, progress
    work.carry_out()
    return report


def begun(source: Source, run: Run | None, trigger: Trigger) -> Run:
    """The run, claimed for this process, or a new one. Raises ``Unusable`` when neither can be."""
    if run is not None:
        if not runs.claim(run):
            raise Unusable(TAKEN)
        return run
    try:
        return runs.start(source, trigger)
    except IntegrityError as error:
        raise Unusable(ALREADY) from error


class Harvest:
    """One run's work: its parts share the source, the report and the store.

    ``timeouts``: the exceptions that say that the program's time is over.
    """

    timeouts: tuple[type[BaseException], ...] = ()

    def __init__(self, source: Source, run: Run | None, report: Report) -> None:
        self.source = source
        self.run = run
        self.report = report
        self.limit: int | None = None
        self.progress: Progress | None = None
        self.connector: Connector | None = None
        self.reading = Reading(source, run)
        self.journal: list[dict[str, Any]] = []
        self.is_late = False

    def carry_out(self) -> None:
        """Do the work and write its end, whatever happens."""
        try:
            with runs.Heart(self.run) as self.heart:
                self._work()
        except EXPECTED_ERRORS as error:
            self._end(RunState.FAILED, getattr(error, "message", str(error)))
        except runs.Cancelled:
            self._end(RunState.CANCELLED, runs.CANCELLED + self._later())
        except runs.Lost:
            self.report.problem = TAKEN
        except (OperationalError, InterfaceError):
            # The database went away: the run stays as it is, to be given to another program.
            log.exception("Moissonnage de « %s » : base injoignable", self.source.slug)
            raise
        except BaseException as error:
            self._broken_off(error)
        else:
            rejected = self.report.counts["rejected"]
            self._end(RunState.DONE_WITH_ERRORS if rejected else RunState.DONE)

    def _broken_off(self, error: BaseException) -> None:
        """The end of a run that something outside of it, or a fault of ours, broke off."""
        if isinstance(error, KeyboardInterrupt):
            self._end(RunState.CANCELLED, AT_KEYBOARD + self._later())
        elif isinstance(error, self.timeouts):
            self._out_of_time()
            return
        else:
            log.exception("Moissonnage de « %s » interrompu", self.source.slug)
            self._end(RunState.FAILED, BROKEN)
        raise error

    def _out_of_time(self) -> None:
        """Stopped when it can go on from where it is; failed when all would be read again."""
        if self.run is None or self.reading.resume is None:
            self._end(RunState.FAILED, OUT_OF_TIME)
            return
        self.is_late = True
        follows = GOES_ON if runs.goes_on_soon(self.run) else TO_BE_RESUMED
        self._end(RunState.CANCELLED, OUT_OF_TIME + follows)

    def _later(self) -> str:
        return TO_BE_RESUMED if self.reading.resume is not None else ""

    def _work(self) -> None:
        identifier, store = self._prepared()
        self._begin(store)
        with self._fetcher() as fetcher:
            fetcher.journal = self.journal
            source = self.source
            connector = self.connector or connect(
                source.connector, source.url, source.options, fetcher
            )
            try:
                self._read(connector, identifier, store)
            except NotModified:
                self._nothing_new()
        self.report.warnings = [*dict.fromkeys([*self.report.warnings, *connector.warnings])]
        if mended := self.reading.mended:
            self.report.warn(f"Encodage réparé : {mended} cellules avaient des accents abîmés.")
        if identifier.computed:
            self.report.warn(
                f"Lignes sans identifiant : {identifier.computed}. Leur adresse ou leur titre en "
                "tient lieu : une fiche qui en change sera prise pour une nouvelle."
            )
        settling.settle(self, connector, store)

    def _prepared(self) -> tuple[Identifier, Store]:
        """What names and stores the projects, from the source's mapping as it is now."""
        rules = parse(self.source.mapping)
        if not any(rule.target == "title" for rule in rules):
            raise Unusable("La correspondance ne dit pas où est le titre des fiches.")
        self.report.mapping = mapping_of(rules)
        words = Vocabularies.load([self.source.pk])
        store = Store(self.source, self.run, rules, Suppressions.load(), words)
        store.stops = self.timeouts
        return Identifier(self.source, rules), store

    def _begin(self, store: Store) -> None:
        """Set the store and the run for the reading that begins or goes on."""
        if self.run is None:
            return
        self.reading.begin(is_limited=self.limit is not None)
        self.report.counts = dict(self.run.counts)
        store.reading_since = self.run.reading_since
        store.publishes_new = self.reading.is_first

    def _fetcher(self) -> Fetcher:
        if self.source.pk is None:
            return Fetcher()
        return reach(self.source, validators=self._validators())

    def _read(self, connector: Connector, identifier: Identifier, store: Store) -> None:
        asked = self.reading.asked(connector)
        rows = self._here(self.heart.watched(connector.rows(**asked)), identifier, connector)
        with Survey(identifier, together=connector.several_rows_per_record) as survey:
            store.shared = survey.shared
            for batch in _batches(survey.projects(rows)):
                self._write(batch, store, connector)
        self._announce_deleted()

    def _here(
        self, rows: Iterable[RawRow], identifier: Identifier, connector: Connector
    ) -> Iterator[RawRow]:
        """The rows within the limit; those that the source deleted are noted on the way."""
        for number, row in enumerate(rows, start=1):
            if self.limit is not None and number > self.limit:
                self.reading.is_limited = True
                return
            if connector.several_rows_per_record and not number % TOLD_ROWS:
                # All are read before the first is written: the journal alone tells how far.
                self.reading.tell({"seen": number}, self.journal)
            if not row.is_deleted:
                yield row
                continue
            self.reading.announced += 1
            self.reading.deleted.append(identifier.of_deleted(row))
            if len(self.reading.deleted) >= BATCH:
                self._announce_deleted()

    def _announce_deleted(self) -> None:
        """Write what the source said it deleted since the last time."""
        if self.run is not None and self.reading.deleted:
            with runs.held(self.run):
                announce_deleted(self.source, self.reading.deleted)
        self.reading.deleted = []

    def _write(self, batch: Batch, store: Store, connector: Connector) -> None:
        """Store one batch with the run's counts and cursor, in one transaction: all or nothing."""
        if self.run is None:
            outcome = store.preview(batch)
            counts = added(self.report.counts, batch, outcome)
        else:
            with runs.held(self.run):
                outcome = store.write(batch)
                # The cursor is past them: they would not be told again.
                announce_deleted(self.source, self.reading.deleted)
                counts = added(self.report.counts, batch, outcome)
                cursor = self.reading.cursor(connector)
                runs.save(self.run, counts=counts, expected=connector.expected, cursor=cursor)
            self.reading.deleted = []
        self.report.counts = counts
        self.reading.again += outcome.again + outcome.hidden
        self.reading.mended += outcome.mended
        self._account(outcome, store.vocabularies, connector.expected)

    def _account(self, outcome: Outcome, words: Vocabularies, expected: int | None) -> None:
        self.report.add_refused(outcome.refused)
        self.report.add_preview(outcome.made, words)
        if outcome.suppressed:
            self.report.warn("Des fiches retirées à la demande d’une personne ont été écartées.")
        if outcome.redacted:
            self.report.warn("Des données retirées à la demande d’une personne ont été masquées.")
        self.reading.tell(self.report.counts, self.journal)
        if self.progress is not None:
            self.progress(self.report.counts, expected)

    def _validators(self) -> dict[str, tuple[str, str]]:
        """Validators of the last good reading, when nothing else asks to read again."""
        if self.run is None or self.limit is not None or self.reading.is_resumed:
            return {}
        if self.source.held_back:
            return {}
        over = Run.objects.filter(source=self.source, finished_at__isnull=False)
        before = over.exclude(trigger=Trigger.REPLAY).first()
        if (
            before is None
            or before.state != RunState.DONE
            or before.configuration != self.reading.digest
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
        if self.run is None:
            return
        good = Run.objects.filter(source=self.source, state=RunState.DONE)
        before = good.exclude(trigger=Trigger.REPLAY).first()
        present = SourceRecord.objects.present().filter(source=self.source)
        if before is not None and before.reading_since is not None:
            present = present.filter(seen_at__gte=before.reading_since)
        with runs.held(self.run):
            unchanged = present.update(seen_at=timezone.now())
            seen = max(unchanged, before.counts["seen"] if before else 0)
            counts = {**self.report.counts, "unchanged": unchanged, "seen": seen}
            runs.save(self.run, counts=counts)
        runs.note(self.run, "info", "Le document n’a pas changé depuis la dernière lecture.")
        self.report.counts = counts

    def _end(self, state: RunState, message: str = "") -> None:
        self.report.state = state.value
        if state == RunState.FAILED:
            self.report.problem = message
        run = self.run
        if run is None:
            return
        run.counts = self.report.counts
        run.warnings = [*dict.fromkeys([*run.warnings, *self.report.warnings])]
        run.requests = self.journal
        level = {RunState.FAILED: "erreur", RunState.CANCELLED: "attention"}.get(state, "info")
        runs.note(run, level, f"Fin : {state.label.lower()}. {message}".strip())
        with transaction.atomic():
            runs.end(run, state, _cleaned(run, message), is_late=self.is_late)


def _cleaned(run: Run, message: str) -> str:
    """The message, once it and the run's journal are rid of what was removed on request."""
    try:
        listed = Suppressions.hold()
    except SuppressionKeyLost:
        # Nothing can be recognised: nothing that a partner wrote is kept.
        run.warnings, run.requests, run.events = [], [], []
        return KEY_LOST
    kept = [r for r in run.requests if not listed.hides("", "", str(r.get("url", "")), "", "")]
    run.requests = listed.redact(kept)[0]
    run.warnings = listed.redact(run.warnings)[0]
    run.events = listed.redact(run.events)[0]
    return str(listed.redact(message)[0])


def added(counts: dict[str, int], batch: Batch, outcome: Outcome) -> dict[str, int]:
    """The counts with those of a batch; rows that this reading counted already are left out, and
    so are those of suppressed projects, of which nothing is kept to tell them when read again."""
    found = dict(counts)
    found["seen"] += sum(len(b.rows) for b in batch) - outcome.again - outcome.hidden
    for name in ("created", "updated", "unchanged"):
        found[name] += getattr(outcome, name)
    found["rejected"] += len(outcome.refused)
    return found


def _batches(projects: Iterable[Any]) -> Iterator[list[Any]]:
    """Lists of at most BATCH projects; fewer when they come slowly, so that what was read is soon
    kept, seen on the run's page, and not read again after a stop. What was read before the source
    failed is given before its failure is raised."""
    batch: list[Any] = []
    began = time.monotonic()
    failure: Exception | None = None
    try:
        for project in projects:
            batch.append(project)
            if len(batch) >= BATCH or time.monotonic() - began >= SLOW_SECONDS:
                yield batch
                batch, began = [], time.monotonic()
    except (FetchError, SourceError) as error:
        failure = error
    if batch:
        yield batch
    if failure is not None:
        raise failure
