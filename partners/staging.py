"""What the database already knows of a batch, and the batch written: one statement per question."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from innovations import copying
from partners.models import Source, SourceRecord

WRITTEN = [
    "url", "record_type", "state", "raw", "fingerprint", "values", "sites", "problems",
    "licence", "innovation", "page", "page_key", "likeness", "dated_at", "changed_at", "seen_at",
    "missing_since",
]  # fmt: skip
# The wide columns are not read: comparing fingerprints tells all that an unchanged record needs.
KNOWN = """
SELECT record.id, given.external_id, record.innovation_id,
    record.state <> 'retiree' AND record.fingerprint = given.fingerprint
        AND NOT record.problems @> '[{"code": "supprimee-a-la-source"}]',
    record.state <> 'retiree' AND coalesce(record.seen_at >= %s, false),
    record.seen_at >= %s
FROM unnest(%s::text[], %s::text[]) AS given (external_id, fingerprint)
JOIN partners_sourcerecord AS record
    ON record.source_id = %s AND record.external_id = given.external_id
"""
SEEN = """
UPDATE partners_sourcerecord SET seen_at = %s, missing_since = NULL WHERE id = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class Known:
    """A record as the database has it. ``is_same``: present, made of the same rows in the same
    way; ``was_read``: this very reading met it already; ``is_recent``: this attempt at it did."""

    pk: int
    innovation_id: int | None
    is_same: bool
    was_read: bool
    is_recent: bool


def known(
    source: Source,
    identities: Sequence[tuple[str, str]],
    since: datetime.datetime | None,
    attempt_since: datetime.datetime,
) -> dict[str, Known]:
    """Identifier → what is known, for those (identifier, fingerprint) pairs that have a record.

    The reading began at ``since``, and its present attempt at ``attempt_since``.
    """
    if source.pk is None or not identities:
        return {}
    ids, fingerprints = zip(*identities, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(KNOWN, [since, attempt_since, list(ids), list(fingerprints), source.pk])
        return {
            external_id: Known(pk, innovation, same, read, recent)
            for pk, external_id, innovation, same, read, recent in cursor.fetchall()
        }


def mark_seen(pks: Sequence[int], now: datetime.datetime) -> None:
    """Unchanged records: they are here, nothing else is written."""
    if pks:
        with connection.cursor() as cursor:
            cursor.execute(SEEN, [now, list(pks)])


def number(records: Sequence[SourceRecord]) -> None:
    """Give new records their primary key, so that all that speaks of them is written once."""
    new = [r for r in records if r.pk is None]
    for record, pk in zip(new, copying.next_ids(SourceRecord, len(new)), strict=True):
        record.pk = pk


def write(records: Sequence[SourceRecord]) -> None:
    """Write numbered records: new ones by COPY, the others by one UPDATE."""
    known_ones = [r for r in records if not r._state.adding]
    copying.insert(SourceRecord, [r for r in records if r._state.adding])
    copying.update(SourceRecord, known_ones, WRITTEN)
