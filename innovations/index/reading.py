"""The bitmaps as they stand: read by key, by condition on rows, and counted by facet."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property

import numpy as np
from django.db import connection
from django.db.models import QuerySet

from innovations.index.bits import BYTES, CHUNK, Bits, chunks_of, empty, of_positions, to_literal
from innovations.models import SearchChange, SearchIndex, SearchKey, SearchNumber, SearchRow

LIVE = ("live", "")
FETCH = "SELECT key_id, chunk, varbit_send(bits) FROM innovations_searchbits WHERE key_id = ANY(%s)"
# Counts by facet of several results at once: each result is asked some of the facets.
COUNT = """
WITH asked AS MATERIALIZED (
    SELECT part, chunk, literal::varbit AS bits
    FROM unnest(%s::int[], %s::int[], %s::text[]) AS a(part, chunk, literal)),
wanted AS (SELECT part, facet FROM unnest(%s::int[], %s::text[]) AS w(part, facet)),
counted AS (
    SELECT k.id, sum(bit_count(b.bits & asked.bits)) AS n
    FROM wanted
    JOIN innovations_searchkey k ON k.facet = wanted.facet
    JOIN asked ON asked.part = wanted.part
    JOIN innovations_searchbits b ON b.key_id = k.id AND b.chunk = asked.chunk
    GROUP BY k.id)
SELECT k.facet, k.kind, k.code, counted.n
FROM counted JOIN innovations_searchkey k USING (id) WHERE counted.n > 0
"""
HEADER = 4


class Index:
    """One reading of the bitmaps. Read within one transaction with the rows that changed since."""

    def __init__(self, state: SearchIndex) -> None:
        self.size, self.base = state.size, state.base
        self.chunks = -(-state.size // CHUNK)

    @classmethod
    def read(cls) -> "Index | None":
        """None as long as the rows are too few for bitmaps to be of use."""
        state = SearchIndex.objects.filter(size__gt=0).first()
        return cls(state) if state else None

    def keys(self, asked: Mapping[str, Collection[str]]) -> dict[tuple[str, str], int]:
        """{(kind, value): key} of those whose bitmaps are kept, for {kind: values}; one query."""
        pairs = [(kind, value) for kind, values in asked.items() for value in values]
        if not pairs:
            return {}
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT k.kind, k.value, k.id FROM unnest(%s::text[], %s::text[]) AS a(kind, value)"
                " JOIN innovations_searchkey k USING (kind, value)",
                [*map(list, zip(*pairs, strict=True))],
            )
            return {(kind, value): key for kind, value, key in cursor.fetchall()}

    # --- bits ---------------------------------------------------------------------------------

    def none(self) -> Bits:
        return empty(self.chunks)

    def of_keys(self, keys: Collection[int]) -> dict[int, Bits]:
        """{key: its bits}; one query."""
        found: dict[int, Bits] = {key: self.none() for key in keys}
        if not keys:
            return found
        with connection.cursor() as cursor:
            cursor.execute(FETCH, [list(keys)])
            for key, chunk, sent in cursor.fetchall():
                part = np.frombuffer(sent, dtype=np.uint8, offset=HEADER)
                found[key][chunk * BYTES : chunk * BYTES + len(part)] = part
        return found

    def of_rows(self, rows: QuerySet[SearchRow]) -> Bits:
        """The bits of the rows of a query."""
        numbers = SearchNumber.objects.filter(innovation_id__in=rows.order_by().values("pk"))
        return of_positions(numbers.values_list("number", flat=True), self.chunks)

    @cached_property
    def live(self) -> Bits:
        """Positions whose row is as the bitmaps say: neither gone nor changed since."""
        key = SearchKey.objects.filter(kind=LIVE[0], value=LIVE[1]).values_list("pk", flat=True)
        live = self.of_keys(list(key))
        changed = SearchNumber.objects.filter(
            innovation_id__in=SearchChange.objects.values("innovation_id")
        )
        dead = of_positions(changed.values_list("number", flat=True), self.chunks)
        return np.bitwise_and.reduce([*live.values(), ~dead])

    # --- counts -------------------------------------------------------------------------------

    def counts(
        self, results: Sequence[tuple[Bits, Collection[str]]]
    ) -> dict[str, list[tuple[str, str, int]]]:
        """{facet: [(kind, code, rows)]} of results, each counted by the facets asked of it."""
        asked = [
            (part, chunk, to_literal(held))
            for part, (bits, _) in enumerate(results)
            for chunk, held in chunks_of(bits)
        ]
        wanted = [(part, facet) for part, (_, facets) in enumerate(results) for facet in facets]
        found: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
        if asked and wanted:
            with connection.cursor() as cursor:
                cursor.execute(
                    COUNT,
                    [*map(list, zip(*asked, strict=True)), *map(list, zip(*wanted, strict=True))],
                )
                for facet, kind, code, number in cursor.fetchall():
                    found[facet].append((kind, code, int(number)))
        return found
