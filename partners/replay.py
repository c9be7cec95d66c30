"""Mapping again the rows already received, without asking the partner for anything.

Every present record is made again from the raw rows kept with it, then every refused row has
another try: those that pass become records and leave the quarantine. Nothing is marked missing,
and nothing seen: only the source tells what it holds.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db import connection

from innovations import searchrows
from partners import contracts, runs, vocabularies
from partners.connectors import RawRow
from partners.harvest import BATCH, Batch, Harvest, added, begun
from partners.identity import NO_IDENTITY, SAME_IDENTITY, Group, Identifier, Refused
from partners.models import RejectedRow, Run, Source, SourceRecord, Trigger
from partners.reports import Report
from partners.requesting import request_harvest
from partners.settling import Unusable
from partners.shared_pages import forget_shared_pages
from partners.store import Store

STARTED = "Fiches et lignes refusées relues telles que reçues, sans requête au partenaire."
DOUBLE = [{"code": SAME_IDENTITY["code"]}]
SEEN_AS_BEFORE = """
UPDATE partners_sourcerecord r SET seen_at = b.seen_at, missing_since = b.missing_since
FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[]) AS b(id, seen_at, missing_since)
WHERE r.id = b.id
"""


def request_replay(source: Source, user: Any = None) -> Run:
    """Queue a replay of what was received. Raises ``AlreadyActive``."""
    return request_harvest(source, user, Trigger.REPLAY)


def replay(source: Source, *, run: Run | None = None) -> Report:
    """Carry out a replay and tell what was done; never raises for what a source can do wrong."""
    report = Report(connector=source.connector, source=source.slug)
    try:
        run = begun(source, run, Trigger.REPLAY)
    except Unusable as error:
        report.problem = error.message
        return report
    report.run_id = run.pk
    Replay(source, run, report).carry_out()
    return report


class Replay(Harvest):
    """A run whose rows come from the database: its parts, one after the other, by batches."""

    def _work(self) -> None:
        self.reading.digest = f"rejeu {self.reading.digest}"
        self.reading.started = STARTED
        identifier, store = self._prepared()
        self._begin(store)
        store.publishes_new = True
        store.reading_since = None
        store.marks_seen = False
        parts: Sequence[Callable[[Store, Identifier, int], None]] = (
            self._records,
            self._refused,
            self._doubles,
        )
        resume = self.reading.resume or {}
        first = int(resume.get("part", 0))
        for number, part in enumerate(parts[first:], start=first):
            self.part = number
            part(store, identifier, int(resume.get("after", 0)) if number == first else 0)
        self._conclude(store)

    @property
    def _own_run(self) -> Run:
        if self.run is None:
            raise ValueError("a replay is always a run")
        return self.run

    def _records(self, store: Store, identifier: Identifier, after: int) -> None:
        """Every present record, under the identifier that it has."""
        present = SourceRecord.objects.present().filter(source=self.source)
        says_licence = any(rule.target == "licence" for rule in store.rules)
        while records := list(present.filter(pk__gt=after).order_by("pk")[:BATCH]):
            after = records[-1].pk
            batch = [self._group(r, identifier, says_licence=says_licence) for r in records]
            self._replay(batch, store, after, records)

    def _refused(self, store: Store, identifier: Identifier, after: int) -> None:
        """The refused rows, an identifier of two projects apart: a record may change by them."""
        rows = self._waiting().exclude(errors__contains=DOUBLE)
        self._again(rows, store, identifier, after)

    def _doubles(self, store: Store, identifier: Identifier, after: int) -> None:
        """Those whose identifier was another project's: they never change a record."""
        store.spares_known = True
        self._again(self._waiting().filter(errors__contains=DOUBLE), store, identifier, after)

    def _waiting(self) -> Any:
        since = self._own_run.reading_since
        return RejectedRow.objects.filter(source=self.source, seen_at__lt=since)

    def _again(self, waiting: Any, store: Store, identifier: Identifier, after: int) -> None:
        while rows := list(waiting.filter(pk__gt=after).order_by("pk")[:BATCH]):
            after = rows[-1].pk
            self._replay(list(_projects(rows, identifier)), store, after, ())

    def _group(self, record: SourceRecord, identifier: Identifier, *, says_licence: bool) -> Group:
        """The record's rows as they came. Their licence is kept only as the record's."""
        own = record.licence if record.licence != self.source.licence else ""
        rows = [
            RawRow(
                data,
                "fiche reçue",
                record.external_id,
                url=record.page,
                licence="" if says_licence else own,
                date=record.dated_at.isoformat() if record.dated_at else "",
            )
            for data in record.raw
        ]
        return Group(record.external_id, rows, identifier.fingerprint(rows))

    def _replay(
        self, batch: Batch, store: Store, after: int, records: Sequence[SourceRecord]
    ) -> None:
        """Store one batch; its records stay seen, or missing, since when they were."""
        self.heart.check()
        run = self._own_run
        cursor = self.reading.place({"part": self.part, "after": after})
        with runs.held(run):
            outcome = store.write(batch)
            counts = added(self.report.counts, batch, outcome)
            _see_as_before(records)
            runs.save(run, counts=counts, cursor=cursor)
        self.report.counts = counts
        self.reading.again += outcome.again
        self._account(outcome, store.vocabularies, None)

    def _conclude(self, store: Store) -> None:
        run = self._own_run
        run.counts = self.report.counts
        with runs.held(run):
            self._waiting().delete()
            forget_shared_pages(self.source)
            vocabularies.recount(self.source)
            contracts.measure(self.source, run)
        if self.report.counts["created"] or self.report.counts["updated"]:
            searchrows.flush()


def _projects(rows: Sequence[RejectedRow], identifier: Identifier) -> Iterator[Group | Refused]:
    """Refused rows as projects again, under the identifier that the mapping now gives them."""
    met: set[str] = set()
    for refused in rows:
        given = [
            RawRow(data, refused.position, refused.external_id or None, url=refused.page)
            for data in refused.raw
        ]
        external_id = identifier.of(given[0]) if given else ""
        fingerprint = identifier.fingerprint(given)
        if not external_id:
            yield Refused(given, [NO_IDENTITY], fingerprint=fingerprint)
        elif external_id in met:
            yield Refused(given, [SAME_IDENTITY], external_id, fingerprint)
        else:
            met.add(external_id)
            yield Group(external_id, given, fingerprint)


def _see_as_before(records: Sequence[SourceRecord]) -> None:
    if not records:
        return
    columns = [[getattr(r, name) for r in records] for name in ("pk", "seen_at", "missing_since")]
    with connection.cursor() as cursor:
        cursor.execute(SEEN_AS_BEFORE, columns)
