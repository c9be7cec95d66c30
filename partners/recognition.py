"""Records that changed identifier or address at their source, recognised as those that are gone.

At the end of a complete reading the new records, not published yet, are matched one to one with
those that the reading did not hold: by their page, then by what they say. A page may be given to
another project: the same one bears a title alike, or the same porteur; and a record withdrawn
already is known by what it says only. The older record takes over everything of the new one,
which goes: its public address and history stay.
"""

import datetime
from array import array
from collections.abc import Iterator
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from rapidfuzz import fuzz

from carrefour import text as words
from partners.models import Source, SourceRecord
from partners.publishing import publish_records
from partners.suppression import keep_objections_waiting
from partners.vocabularies import Vocabularies
from partners.withdrawals import Turn

BATCH = 500
# What stays with the older record; all else comes from the new one.
KEPT = {"id", "source_id", "innovation_id", "first_seen_at", "missing_since", "changed_at"}
# Below this, two titles on one page are two projects (0 to 100).
ALIKE = 80
# How certain: by page or by content, among what is just missing or what was withdrawn already.
WAYS = (
    ("page_key", "state <> 'retiree'"),
    ("likeness", "state <> 'retiree'"),
    ("likeness", "state = 'retiree'"),
)
# One of its kind on both sides. A new record: read for the first time by this reading, and no
# innovation's yet; what the reading saw again counts too, a key it shares is nobody's.
PAIRS = """
SELECT older.id, newer.id, older."values" ->> 'title', newer."values" ->> 'title',
    older."values" #>> '{{porteur,name}}', newer."values" #>> '{{porteur,name}}'
FROM (
    SELECT {key} AS key, min(id) AS id FROM partners_sourcerecord
    WHERE source_id = %(source)s AND seen_at >= %(since)s AND {key} <> ''
    GROUP BY {key}
    HAVING count(*) = 1 AND bool_and(innovation_id IS NULL AND first_seen_at >= %(new)s)
) here
JOIN (
    SELECT {key} AS key, min(id) AS id FROM partners_sourcerecord
    WHERE source_id = %(source)s AND seen_at < %(since)s AND {key} <> '' AND {state}
    GROUP BY {key} HAVING count(*) = 1
) gone USING (key)
JOIN partners_sourcerecord older ON older.id = gone.id
JOIN partners_sourcerecord newer ON newer.id = here.id
"""


def recognise(
    source: Source,
    since: datetime.datetime,
    new_since: datetime.datetime,
    turn: Turn = transaction.atomic,
) -> int:
    """Match the new records with the missing ones after a complete reading begun at ``since``.

    Returns how many were recognised. ``new_since``: a record first seen since then was never
    published by an earlier reading. ``turn`` opens each transaction.
    """
    recognised = 0
    if not _may_match(source, since, new_since):
        return 0
    vocabularies = Vocabularies.load([source.pk])
    for key, state in WAYS:
        pairs = _pairs(source, since, new_since, key=key, state=state)
        for start in range(0, len(pairs), 2 * BATCH):
            part = pairs[start : start + 2 * BATCH]
            with turn():
                keep_objections_waiting()
                _take_over(part[::2].tolist(), part[1::2].tolist(), vocabularies)
            recognised += len(part) // 2
    return recognised


def likely(source: Source, since: datetime.datetime, new_since: datetime.datetime) -> set[int]:
    """Ids of the new records that a whole reading may recognise, after one of what changed only.

    Such a reading does not tell what is gone: what it did not hold may be gone. Those that earlier
    ones left waiting still wait.
    """
    new = SourceRecord.objects.filter(source=source, innovation=None, first_seen_at__gte=new_since)
    found = set(new.filter(seen_at__lt=since).values_list("pk", flat=True))
    if _may_match(source, since, new_since):
        for key, state in WAYS:
            found.update(_pairs(source, since, new_since, key=key, state=state)[1::2])
    return found


def _may_match(source: Source, since: datetime.datetime, new_since: datetime.datetime) -> bool:
    """Whether the reading met new records, and some that it did not meet are known."""
    known = SourceRecord.objects.filter(source=source)
    new = known.filter(seen_at__gte=since, first_seen_at__gte=new_since, innovation=None)
    return new.exists() and known.filter(seen_at__lt=since).exists()


def _pairs(
    source: Source,
    since: datetime.datetime,
    new_since: datetime.datetime,
    *,
    key: str,
    state: str,
) -> "array[int]":
    """Ids of the older and the new record of each pair, one after the other."""
    found = array("q")
    given = {"source": source.pk, "since": since, "new": new_since}
    for older, newer, *said in _streamed(PAIRS.format(key=key, state=state), given):
        if key == "likeness" or _is_same_project(*said):
            found.extend((older, newer))
    return found


def _is_same_project(
    old_title: str | None, title: str | None, old_porteur: str | None, porteur: str | None
) -> bool:
    """Whether two records that gave the same page are one project."""
    if words.key(porteur or "") and words.key(porteur or "") == words.key(old_porteur or ""):
        return True
    return fuzz.token_set_ratio(words.key(old_title or ""), words.key(title or "")) >= ALIKE


def _streamed(query: str, given: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(query, given)
        while rows := cursor.fetchmany(2000):
            yield from rows


def _take_over(older: list[int], newer: list[int], vocabularies: Vocabularies) -> None:
    """Give the older records all that the newer ones hold, remove these, publish those."""
    columns = [f.column for f in SourceRecord._meta.concrete_fields if f.column not in KEPT]
    written = ", ".join(f'"{c}" = n."{c}"' for c in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE taken_over ON COMMIT DROP AS "
            "SELECT p.older, r.* FROM unnest(%s::bigint[], %s::bigint[]) AS p(older, newer) "
            "JOIN partners_sourcerecord r ON r.id = p.newer",
            [older, newer],
        )
        cursor.execute("DELETE FROM partners_sourcerecord WHERE id = ANY(%s)", [newer])
        # Never shown to anyone: their history is the older record's from now on.
        cursor.execute("DELETE FROM partners_sourcerecordevent WHERE pgh_obj_id = ANY(%s)", [newer])
        cursor.execute(
            f"UPDATE partners_sourcerecord o SET {written}, missing_since = NULL, "
            "changed_at = %s FROM taken_over n WHERE o.id = n.older",
            [timezone.now()],
        )
        cursor.execute("DROP TABLE taken_over")
    publish_records(list(SourceRecord.objects.filter(pk__in=older).order_by("pk")), vocabularies)
