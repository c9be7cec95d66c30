"""Making the bitmaps: all of them in the order of merit, or what changed put at their end."""

from collections.abc import Callable, Iterator

import numpy as np
from django.db import connection, transaction
from django.utils import timezone

from innovations.index.bits import BYTES, CHUNK, to_literal
from innovations.models import SearchChange, SearchIndex, SearchNumber, SearchRow
from innovations.search_spread import values_of

Progress = Callable[[int, int], None]

# Under this many rows, reading them is as fast as their bitmaps.
ENOUGH = 2_000
# Rows that wait before they are put into the bitmaps: so many, or this share of them.
WAITING, SHARE = 5_000, 0.1
# Share of the positions out of the order of merit, or empty, beyond which all is made again.
WORN = 0.25
# A word or a territory that one row in so many holds keeps its bitmaps.
FREQUENT = 500
LEAST = 200
LOCK = 7_214_003

# What changed, as it stands now: whatever changes meanwhile will still be noted at the end.
TAKE = """
CREATE TEMPORARY TABLE taken ON COMMIT DROP AS
    SELECT innovation_id, seen FROM innovations_searchchange
"""
# Whoever holds one is noting a newer change: it stays. Waiting for them could end in a deadlock:
# they note several, in another order.
FORGET = """
DELETE FROM innovations_searchchange WHERE innovation_id IN (
    SELECT c.innovation_id FROM innovations_searchchange c
    JOIN taken t ON t.innovation_id = c.innovation_id AND t.seen = c.seen
    FOR UPDATE OF c SKIP LOCKED)
"""
NUMBER_ALL = """
INSERT INTO innovations_searchnumber (innovation_id, number)
SELECT innovation_id, row_number() OVER (ORDER BY merit DESC, innovation_id DESC) - 1
FROM innovations_searchrow
"""
RETIRE = """
DELETE FROM innovations_searchnumber n USING taken t
WHERE n.innovation_id = t.innovation_id RETURNING n.number
"""
NUMBER_TAKEN = """
INSERT INTO innovations_searchnumber (innovation_id, number)
SELECT innovation_id, %s + row_number() OVER (ORDER BY merit DESC, innovation_id DESC) - 1
FROM innovations_searchrow JOIN taken USING (innovation_id)
"""
# The values of rows, their words apart: (kind, value, innovation).
VALUES = f"""
SELECT v.kind, v.value, s.innovation_id FROM innovations_searchrow s {{joined}}
CROSS JOIN LATERAL (
    SELECT 'term_ids', id::text FROM unnest(s.term_ids) AS id
    UNION ALL SELECT 'partner_slugs', slug FROM unnest(s.partner_slugs) AS slug
    UNION ALL SELECT 'tags', tag FROM unnest(s.tags) AS tag
    UNION ALL SELECT 'nature', s.nature WHERE s.nature <> ''
    UNION ALL SELECT 'maturity', s.maturity WHERE s.maturity <> ''
    UNION ALL SELECT 'legal_form', s.legal_form WHERE s.legal_form <> ''
    UNION ALL SELECT 'year', s.year::text WHERE s.year IS NOT NULL
    UNION ALL SELECT 'territory_ids', id::text FROM unnest(s.territory_ids) AS id
    UNION ALL SELECT 'live', ''
    UNION ALL {values_of("s")}
) AS v(kind, value)
"""
# What their counts are called: those of a term by its id, those of a territory by its address.
KEYS = f"""
INSERT INTO innovations_searchkey (kind, value, facet, code)
SELECT found.kind, found.value,
    CASE found.kind
        WHEN 'term_ids' THEN term.vocabulary
        WHEN 'tags' THEN split_part(found.value, ':', 1)
        WHEN 'territory_ids' THEN CASE
            WHEN territory.kind IN ('departement', 'collectivite') THEN 'departement'
            WHEN territory.kind = 'region' THEN 'region' ELSE '' END
        WHEN 'live' THEN ''
        ELSE found.kind END,
    CASE found.kind
        WHEN 'tags' THEN split_part(found.value, ':', 2)
        WHEN 'territory_ids' THEN territory.kind || '-' || territory.code
        ELSE found.value END
FROM (SELECT kind, value, count(*) AS n FROM ({VALUES}) AS held GROUP BY kind, value) AS found
LEFT JOIN innovations_term term ON found.kind = 'term_ids' AND term.id::text = found.value
LEFT JOIN territories_territory territory
    ON found.kind = 'territory_ids' AND territory.id::text = found.value
WHERE (found.kind <> 'territory_ids' OR found.n >= %s
        OR territory.kind IN ('departement', 'collectivite', 'region', 'pays'))
    AND (found.kind <> 'term_ids' OR term.id IS NOT NULL)
ON CONFLICT DO NOTHING
"""
WORDS = """
WITH frequent AS (
    SELECT word FROM ts_stat('SELECT vector FROM innovations_searchrow')
    WHERE ndoc >= %s AND length(word) <= 400)
INSERT INTO innovations_searchkey (kind, value, facet, code)
SELECT kind, word, '', '' FROM frequent, unnest(ARRAY['words', 'title']) AS kind
"""
IN_CHUNK = (
    "JOIN innovations_searchnumber n ON n.innovation_id = s.innovation_id "
    "AND n.number >= %(first)s AND n.number < %(first)s + %(length)s"
)
HELD = f"""
SELECT k.id, array_agg(n.number - %(first)s) FROM ({VALUES.format(joined=IN_CHUNK)}) AS held
JOIN innovations_searchnumber n USING (innovation_id)
JOIN innovations_searchkey k ON k.kind = held.kind AND k.value = held.value
GROUP BY k.id
"""
HELD_WORDS = f"""
SELECT k.id, array_agg(n.number - %(first)s) FROM innovations_searchrow s {IN_CHUNK}
CROSS JOIN LATERAL unnest(s.vector) AS u(lexeme, positions, weights)
JOIN innovations_searchkey k ON k.value = u.lexeme
    AND (k.kind = 'words' OR k.kind = 'title' AND 'A' = ANY(u.weights))
GROUP BY k.id
"""


def update(
    *, forced: bool = False, least: int = LEAST, progress: Progress = lambda done, total: None
) -> bool:
    """Put what changed into the bitmaps when it is time, or at once; says whether it did.

    Words and territories that fewer than ``least`` rows hold get no bitmaps. One at a time: another
    call meanwhile leaves it to the first. Nothing is shown before the end, and a stop leaves the
    bitmaps as they were.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0] or not _is_time(forced):
            return False
        state = SearchIndex.objects.select_for_update().filter(size__gt=0).first()
        cursor.execute(TAKE)
        if state is None or _is_worn(state):
            _rebuild(least, progress)
        else:
            _append(state, progress)
        cursor.execute(FORGET)
        cursor.execute("DROP TABLE taken")
    return True


def _is_time(forced: bool) -> bool:
    if forced:
        return True
    if state := SearchIndex.objects.filter(size__gt=0).first():
        return SearchChange.objects.count() >= min(WAITING, state.size * SHARE)
    return SearchRow.objects.count() >= ENOUGH


def _is_worn(state: SearchIndex) -> bool:
    changed = SearchChange.objects.count()
    holes = state.size - SearchNumber.objects.count()
    return state.size - state.base + holes + changed > state.size * WORN


def _rebuild(least: int, progress: Progress) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM innovations_searchbits")
        cursor.execute("DELETE FROM innovations_searchkey")
        cursor.execute("DELETE FROM innovations_searchnumber")
        cursor.execute(NUMBER_ALL)
        size = cursor.rowcount
        frequent = max(least, size // FREQUENT)
        cursor.execute(KEYS.format(joined=""), [frequent])
        cursor.execute(WORDS, [frequent])
        cursor.execute("ANALYZE innovations_searchkey, innovations_searchnumber")
    _write(0, size, progress)
    SearchIndex.objects.update_or_create(
        id=1, defaults={"size": size, "base": size, "built_at": timezone.now()}
    )


def _append(state: SearchIndex, progress: Progress) -> None:
    with connection.cursor() as cursor:
        cursor.execute(RETIRE)
        retired = [number for (number,) in cursor.fetchall()]
        cursor.execute(NUMBER_TAKEN, [state.size])
        size = state.size + cursor.rowcount
        joined = "JOIN taken USING (innovation_id)"
        # A new key holds nothing older: true of facets, not of places too rare to have had one.
        cursor.execute(KEYS.format(joined=joined), [size + 1])
    whole = state.size // CHUNK
    _bury([number for number in retired if number // CHUNK < whole])
    _write(whole, size, progress)
    state.size, state.built_at = size, timezone.now()
    state.save(update_fields=["size", "built_at"])


def _bury(retired: list[int]) -> None:
    """Take the positions of rows that changed out of the live ones."""
    by_chunk: dict[int, list[int]] = {}
    for number in retired:
        by_chunk.setdefault(number // CHUNK, []).append(number % CHUNK)
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE innovations_searchbits b SET bits = b.bits & %s::varbit "
            "FROM innovations_searchkey k WHERE k.id = b.key_id AND k.kind = 'live' AND chunk = %s",
            [(to_literal((~_packed(held)).tobytes()), chunk) for chunk, held in by_chunk.items()],
        )


def _write(first_chunk: int, size: int, progress: Progress) -> None:
    """Make the bitmaps of these chunks again, to the last."""
    chunks = -(-size // CHUNK)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM innovations_searchbits WHERE chunk >= %s", [first_chunk])
        for chunk in range(first_chunk, chunks):
            held = list(_of_chunk(chunk))
            with cursor.copy(
                "COPY innovations_searchbits (key_id, chunk, bits) FROM STDIN"
            ) as copy:
                for key, literal in held:
                    copy.write_row((key, chunk, literal))
            progress(chunk + 1, chunks)


def _of_chunk(chunk: int) -> Iterator[tuple[int, str]]:
    where = {"first": chunk * CHUNK, "length": CHUNK}
    with connection.cursor() as cursor:
        for statement in (HELD, HELD_WORDS):
            cursor.execute(statement, where)
            for key, held in cursor.fetchall():
                yield key, to_literal(_packed(held).tobytes())


def _packed(held: list[int]) -> "np.ndarray":
    flags = np.zeros(BYTES * 8, dtype=np.bool_)
    flags[held] = True
    return np.packbits(flags)
