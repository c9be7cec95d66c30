"""Keeping the compared rows as the records are: made again when one changed, gone when it is."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from django.db import connection

from innovations import copying
from partners.consolidation.blocking import keys_of
from partners.consolidation.features import PACKED, VERSION, Compared, compared
from partners.consolidation.tables import Frequencies, Table
from partners.models import ComparedRecord, SourceRecord, WordFrequency

# Under this key the number of compared records itself is kept.
EVERYONE = 0
PENDING = "16MB"
STALE = """
SELECT r.id FROM partners_sourcerecord r
LEFT JOIN partners_comparedrecord c ON c.record_id = r.id
WHERE r.state <> 'retiree' AND r.innovation_id IS NOT NULL
    AND (c.record_id IS NULL OR c.made_from <> r.changed_at OR c.version <> %s)
"""
GONE = """
SELECT c.record_id FROM partners_comparedrecord c
JOIN partners_sourcerecord r ON r.id = c.record_id
WHERE r.state = 'retiree' OR r.innovation_id IS NULL
"""
COUNTED = """
INSERT INTO partners_wordfrequency AS f (key, count)
SELECT * FROM unnest(%s::bigint[], %s::int[]) AS given (key, count) ORDER BY key
ON CONFLICT (key) DO UPDATE SET count = f.count + excluded.count
"""
READ = (
    "pk", "source_id", "values__title", "values__porteur__name", "values__website",
    "values__description", "values__summary", "values__year", "sites", "url", "changed_at",
)  # fmt: skip


def stale() -> list[int]:
    """The records, in order, that are to be compared and whose row is missing or old."""
    with connection.cursor() as cursor:
        cursor.execute(STALE + "ORDER BY r.id", [VERSION])
        return [pk for (pk,) in cursor.fetchall()]


def gone() -> list[int]:
    """The records that are compared no longer: withdrawn, or of no innovation."""
    with connection.cursor() as cursor:
        cursor.execute(GONE)
        return [pk for (pk,) in cursor.fetchall()]


def refresh(record_ids: Sequence[int]) -> Table:
    """Make the rows of these records again, whatever they were; returns them as a table."""
    made = []
    moments = {}
    for pk, source, title, porteur, website, text, summary, year, sites, url, changed in (
        SourceRecord.objects.filter(pk__in=record_ids).order_by("pk").values_list(*READ)
    ):
        values = {
            "title": title, "porteur": {"name": porteur}, "website": website,
            "description": text, "summary": summary, "year": year,
        }  # fmt: skip
        made.append(compared(pk, source, values, sites, url))
        moments[pk] = changed
    table = Table.of(made)
    forget(record_ids)
    _write(made, table, moments)
    return table


def forget(record_ids: Iterable[int]) -> None:
    """Remove the rows of these records, and their words from the counts."""
    rows = ComparedRecord.objects.filter(pk__in=list(record_ids))
    before = [bytes(p) for p in rows.values_list("packed", flat=True)]
    if before:
        _count(np.frombuffer(b"".join(before), PACKED), -1)
        rows.delete()


def read(record_ids: Iterable[int] | None = None) -> Table:
    """The compared rows of these records, or of all, ordered by record."""
    rows = ComparedRecord.objects.order_by("pk")
    if record_ids is not None:
        rows = rows.filter(pk__in=list(record_ids))
    ids: list[int] = []
    packed: list[bytes] = []
    texts: tuple[list[str], list[str], list[str]] = ([], [], [])
    named = rows.values_list("pk", "packed", "title", "core", "porteur")
    for pk, bits, *said in named.iterator(chunk_size=5000):
        ids.append(pk)
        packed.append(bytes(bits))
        for kept, text in zip(texts, said, strict=True):
            kept.append(text)
    return Table(np.array(ids, np.int64), np.frombuffer(b"".join(packed), PACKED), *texts)


def frequencies(table: Table) -> Frequencies:
    """How often the words of these rows come among all compared records (one query)."""
    said = Frequencies.of(table.packed).keys
    rows = WordFrequency.objects.filter(pk__in=[EVERYONE, *said.tolist()]).order_by("pk")
    known = np.array([*rows.values_list("key", "count")], np.int64).reshape(-1, 2)
    total = int(known[known[:, 0] == EVERYONE, 1].sum())
    known = known[known[:, 0] != EVERYONE]
    order = np.argsort(known[:, 0])
    return Frequencies(known[order, 0], known[order, 1], total)


def recount(table: Table) -> Frequencies:
    """Count the words of all records again, whatever was counted; returns the counts."""
    counted = Frequencies.of(table.packed)
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {WordFrequency._meta.db_table}")
    _add(counted, 1)
    return counted


def flush() -> None:
    """Put into the index the keys that wait: every look-up would read along them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT gin_clean_pending_list('partners_compared_keys'::regclass)")


def _write(made: Sequence[Compared], table: Table, moments: dict[int, Any]) -> None:
    keys: list[set[int]] = [set() for _ in made]
    for rows, found in keys_of(table):
        for row, key in zip(rows.tolist(), found.tolist(), strict=True):
            keys[row].add(key)
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL gin_pending_list_limit = '{PENDING}'")
    copying.insert(
        ComparedRecord,
        [
            ComparedRecord(
                record_id=row.record_id, title=row.title, core=row.core, porteur=row.porteur,
                packed=row.packed, keys=sorted(held), made_from=moments[row.record_id],
                version=VERSION,
            )
            for row, held in zip(made, keys, strict=True)
        ],
    )  # fmt: skip
    _count(table.packed, 1)


def _count(packed: np.ndarray, sign: int) -> None:
    if len(packed):
        _add(Frequencies.of(packed), sign)


def _add(counted: Frequencies, sign: int) -> None:
    keys = [EVERYONE, *counted.keys.tolist()]
    counts = [sign * counted.total, *(sign * counted.counts).tolist()]
    with connection.cursor() as cursor:
        cursor.execute(COUNTED, [keys, counts])
