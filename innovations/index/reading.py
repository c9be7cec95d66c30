"""The bitmaps as they stand: read by key, by condition on rows, and counted by facet."""

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from numpy.typing import NDArray

from innovations.index.bits import BYTES, CHUNK, Bits, empty, of_positions
from innovations.models import SearchChange, SearchKey, SearchNumber, SearchRow

# Kind, code and number of rows of a value.
Count = tuple[str, str, int]

LIVE = ("live", "")
STATE = """
SELECT size, base, built_at, EXISTS (SELECT FROM innovations_searchchange)
FROM innovations_searchindex WHERE size > 0
"""
OF_VALUES = """
SELECT k.kind, k.value, b.chunk, varbit_send(b.bits)
FROM unnest(%s::text[], %s::text[]) AS a(kind, value)
JOIN innovations_searchkey k USING (kind, value) JOIN innovations_searchbits b ON b.key_id = k.id
"""
FETCH = "SELECT key_id, chunk, varbit_send(bits) FROM innovations_searchbits WHERE key_id = ANY(%s)"
HELD_OR_CHANGED = """
SELECT innovation_id FROM innovations_searchnumber WHERE number = ANY(%s)
UNION ALL SELECT unnest(%s::bigint[])
"""
# PostgreSQL sends the number of bits first.
HEADER = 4


@dataclass(frozen=True)
class Facets:
    """The bitmaps of every value that is counted: ``rows[n]`` are those of ``values[n]``."""

    values: list[tuple[str, str, str]]
    rows: NDArray[np.uint64]

    def counts(self, bits: Bits, facets: Collection[str]) -> dict[str, list[Count]]:
        """{facet: [(kind, code, rows)]} of the positions in ``bits``, for the facets asked."""
        held = bits.view(np.uint64)
        found: dict[str, list[Count]] = defaultdict(list)
        for (facet, kind, code), row in zip(self.values, self.rows, strict=True):
            if facet in facets and (number := int(np.bitwise_count(row & held).sum())):
                found[facet].append((kind, code, number))
        return found


# The last that this process read, and when they were made: a copy, good as long as they stand.
_facets: dict[datetime.datetime, Facets] = {}


class Index:
    """One reading of the bitmaps. Read within one transaction with the rows that changed since."""

    def __init__(
        self, size: int, base: int, built_at: datetime.datetime, has_changes: bool
    ) -> None:
        self.size, self.base, self.built_at = size, base, built_at
        self.has_changes = has_changes
        # What was read: None for a value without a bitmap.
        self._held: dict[tuple[str, str], Bits | None] = {}
        self.chunks = -(-size // CHUNK)

    @classmethod
    def read(cls) -> "Index | None":
        """None as long as the rows are too few for bitmaps to be of use."""
        with connection.cursor() as cursor:
            cursor.execute(STATE)
            state = cursor.fetchone()
        return cls(*state) if state else None

    def of_values(self, asked: Mapping[str, Collection[str]]) -> dict[tuple[str, str], Bits]:
        """{(kind, value): its bits} of those whose bitmaps are kept, for {kind: values}; one query
        for all that was not read yet."""
        pairs = [(kind, value) for kind, values in asked.items() for value in values]
        if unread := [pair for pair in pairs if pair not in self._held]:
            self._held.update(dict.fromkeys(unread))
            with connection.cursor() as cursor:
                cursor.execute(OF_VALUES, [*map(list, zip(*unread, strict=True))])
                for kind, value, chunk, sent in cursor.fetchall():
                    held = np.frombuffer(sent, dtype=np.uint8, offset=HEADER)
                    bits = self._held[kind, value]
                    if bits is None:
                        bits = self._held[kind, value] = self.none()
                    bits[chunk * BYTES : chunk * BYTES + len(held)] = held
        return {pair: bits for pair in pairs if (bits := self._held[pair]) is not None}

    def none(self) -> Bits:
        return empty(self.chunks)

    def _fetched(self, keys: list[int]) -> Iterator[tuple[int, int, Bits]]:
        if not keys:
            return
        with connection.cursor() as cursor:
            cursor.execute(FETCH, [keys])
            for key, chunk, sent in cursor.fetchall():
                yield key, chunk, np.frombuffer(sent, dtype=np.uint8, offset=HEADER)

    def pks(self, numbers: Sequence[int]) -> list[int]:
        """The innovations at these positions, in the same order."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT n.innovation_id FROM unnest(%s::int[]) WITH ORDINALITY AS a(number, place) "
                "JOIN innovations_searchnumber n USING (number) ORDER BY a.place",
                [list(numbers)],
            )
            return [pk for (pk,) in cursor.fetchall()]

    def rows(self, numbers: list[int], others: list[int]) -> QuerySet[SearchRow]:
        """The rows at these positions, and of these other innovations; one array each, since
        thousands of parameters would cost more than the answer."""
        held = RawSQL(HELD_OR_CHANGED, [numbers, others])
        return SearchRow.objects.filter(pk__in=held)

    def of_rows(self, rows: QuerySet[SearchRow]) -> Bits:
        """The bits of the rows of a query."""
        numbers = SearchNumber.objects.filter(innovation_id__in=rows.order_by().values("pk"))
        return of_positions(numbers.values_list("number", flat=True), self.chunks)

    @cached_property
    def live(self) -> Bits:
        """Positions whose row is as the bitmaps say: neither gone nor changed since."""
        alive = self.of_values({LIVE[0]: [LIVE[1]]})[LIVE]
        if not self.has_changes:
            return alive
        changed = SearchNumber.objects.filter(
            innovation_id__in=SearchChange.objects.values("innovation_id")
        )
        return alive & ~of_positions(changed.values_list("number", flat=True), self.chunks)

    # --- counts -------------------------------------------------------------------------------

    def counts(self, results: Sequence[tuple[Bits, Collection[str]]]) -> dict[str, list[Count]]:
        """{facet: [(kind, code, rows)]} of results, each counted by the facets asked of it."""
        found: dict[str, list[Count]] = {}
        for bits, facets in results:
            found |= self.facets.counts(bits, facets)
        return found

    @property
    def facets(self) -> Facets:
        """Read once by each process for each state of the bitmaps: forty megabytes a million rows.

        PostgreSQL would take three times as long to count in place (decision 0061).
        """
        known = _facets.get(self.built_at)
        if known is None:
            known = self._read_facets()
            # Another thread may put those of another state there at any moment.
            _facets.clear()
            _facets[self.built_at] = known
        return known

    def _read_facets(self) -> Facets:
        keys = SearchKey.objects.exclude(facet="").order_by("pk")
        known = {key.pk: (key.facet, key.kind, key.code) for key in keys}
        rows = np.zeros((len(known), self.chunks * BYTES), dtype=np.uint8)
        at = {key: n for n, key in enumerate(known)}
        for key, chunk, held in self._fetched(list(known)):
            rows[at[key], chunk * BYTES : chunk * BYTES + len(held)] = held
        return Facets(list(known.values()), rows.view(np.uint64))
