"""Which records answer: by their rows while they are few, by bitmaps beyond; the same answer."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cached_property, reduce
from operator import add
from typing import Protocol

import numpy as np
from django.db import connection
from django.db.models import Case, Count, IntegerField, Q, QuerySet, When
from django.db.models.expressions import RawSQL

from innovations import search_facets, search_spread
from innovations.index.bits import (
    BYTES,
    CHUNK,
    Bits,
    at_least,
    chunks_of,
    count,
    first_of,
    positions,
    to_literal,
    weighed,
)
from innovations.index.reading import LIVE, Index
from innovations.models import SearchChange, SearchPlace, SearchRow
from innovations.querysets import SearchRowQuerySet
from innovations.search_asked import ORDERS, Asked, saying
from innovations.search_facets import BY_NAME, FACETS, Tally, added
from innovations.search_ranking import BEST, RANKED, TITLES, in_title, worth
from innovations.search_words import Condition, Group, Words

# Beyond this many results, walking the index of an order is faster than sorting them.
MANY = 5000
# Whether the innovation of a place is in an array of strings of bits, one for each chunk.
HELD = f"""
(SELECT get_bit((%s::varbit[])[n.number / {CHUNK} + 1], n.number %% {CHUNK})
FROM innovations_searchnumber n WHERE n.innovation_id = innovations_searchplace.innovation_id)
"""


class Found(Protocol):
    """The records that answer one question."""

    asked: Asked

    def taking(self, words: Words) -> "Found":
        """The same question with its words taken otherwise."""

    def asking(self, asked: Asked) -> "Found":
        """Another question of the same records."""

    @property
    def total(self) -> int: ...

    @property
    def unfaceted_total(self) -> int:
        """The same whatever is chosen in facets: words are not loosened because of a filter."""

    def candidates(self) -> list[int]:
        """The records worth ranking: all of them when they are few."""

    def worths(self) -> dict[Group, float]:
        """What each group of words says, from how many records hold it."""

    @property
    def holders(self) -> dict[Group, int]:
        """How many records hold each group of words and its parts, wherever they are (nearly, of
        bitmaps)."""

    def ids(self, order: str, start: int, stop: int, without: Collection[int] = ()) -> list[int]:
        """These records in this order, from ``start`` to ``stop`` of those not in ``without``."""

    def facets(self) -> Tally:
        """{facet: {code: records}}, each facet as if nothing were chosen in it."""

    def figures(self) -> Tally:
        """{facet: {code: records}} of the very results, years and territories too."""

    def spread(self) -> Tally:
        """How the results lie in départements or cells, and of how many each thing is known."""

    def placed(self, places: QuerySet[SearchPlace]) -> QuerySet[SearchPlace]:
        """Those of these places that are the results'."""


class RowsFound:
    """By conditions on the rows of ``among``."""

    def __init__(self, asked: Asked, among: SearchRowQuerySet | None = None) -> None:
        self.asked = asked
        self.among = SearchRow.objects.all() if among is None else among

    def taking(self, words: Words) -> "RowsFound":
        return RowsFound(replace(self.asked, words=words), self.among)

    def asking(self, asked: Asked) -> "RowsFound":
        return RowsFound(asked, self.among)

    @cached_property
    def rows(self) -> SearchRowQuerySet:
        return self.asked.rows(self.among)

    @cached_property
    def total(self) -> int:
        return self.rows.count()

    @cached_property
    def unfaceted_total(self) -> int:
        if not self.asked.chosen:
            return self.total
        return self.asked.unfaceted(self.among).count()

    def candidates(self) -> list[int]:
        if self.total <= RANKED:
            return list(self.rows.order_by("-merit", "-pk").values_list("pk", flat=True))
        return self.foremost()

    def foremost(self) -> list[int]:
        """Those worth ranking among many."""
        if self.asked.words.is_loose:
            return self._fullest(self.asked.words)
        best = self.rows.order_by("-merit", "-pk").values_list("pk", flat=True)
        titled = saying(self.rows, in_title(self.asked.words.tsquery))
        first = titled.order_by("-merit", "-pk").values_list("pk", flat=True)[:TITLES]
        return list(dict.fromkeys([*first, *best[:BEST]]))

    def _fullest(self, words: Words) -> list[int]:
        """Those whose words say most."""
        held = [
            Case(When(vector=Condition(group.tsquery), then=said), default=0)
            for group, said in words.counted
        ]
        rows = self.rows.order_by(reduce(add, held).desc(), "-merit", "-pk")
        return list(rows.values_list("pk", flat=True)[:RANKED])

    def worths(self) -> dict[Group, float]:
        total = self.among.count()
        return {group: worth(rows, total) for group, rows in self.holders.items()}

    @cached_property
    def holders(self) -> dict[Group, int]:
        groups = self.asked.words.weighed
        counted = {
            f"g{n}": Count("pk", filter=Q(vector=Condition(g.tsquery)))
            for n, g in enumerate(groups)
        }
        said = saying(self.among, self.asked.words.any_tsquery).aggregate(**counted)
        return {g: said[f"g{n}"] for n, g in enumerate(groups)}

    def ids(self, order: str, start: int, stop: int, without: Collection[int] = ()) -> list[int]:
        rows = self.rows.exclude(pk__in=list(without)) if without else self.rows
        return list(rows.order_by(*ORDERS[order]).values_list("pk", flat=True)[start:stop])

    def facets(self) -> Tally:
        return search_facets.tally(self.asked.unfaceted(self.among), self.asked.chosen)

    def figures(self) -> Tally:
        return search_facets.figures(self.rows)

    def spread(self) -> Tally:
        return search_spread.spread(self.rows)

    def placed(self, places: QuerySet[SearchPlace]) -> QuerySet[SearchPlace]:
        return places.filter(innovation__in=self.rows.values("pk"))


class BitsFound:
    """By the bitmaps, and by their rows for those that changed since."""

    def __init__(self, asked: Asked, index: Index) -> None:
        self.asked, self.index = asked, index
        changed = SearchChange.objects.values("innovation_id")
        rows = SearchRow.objects.filter(pk__in=changed)
        self.changed = RowsFound(asked, rows if index.has_changes else SearchRow.objects.none())
        self._memory: dict[Group, Bits] = {}

    def taking(self, words: Words) -> "BitsFound":
        found = BitsFound(replace(self.asked, words=words), self.index)
        found._memory = self._memory
        for name in ("framed", "chosen"):
            found.__dict__[name] = getattr(self, name)
        return found

    def asking(self, asked: Asked) -> "BitsFound":
        found = BitsFound(asked, self.index)
        found._memory = self._memory
        return found

    # --- which positions ----------------------------------------------------------------------

    @cached_property
    def framed(self) -> Bits:
        asked = self.asked
        self._foresee()
        parts = [self.index.live]
        if asked.territory_id:
            held = self.index.of_values({"territory_ids": [str(asked.territory_id)]})
            place = replace(Asked(), territory_id=asked.territory_id)
            parts += held.values() or [self._of(place)]
        if asked.year_from or asked.year_to:
            first, last = asked.year_from or 0, asked.year_to or 9999
            parts.append(self._any("year", [str(year) for year in range(first, last + 1)]))
        if asked.narrowing:
            parts.append(self._of(Asked(narrowing=asked.narrowing)))
        return np.bitwise_and.reduce(parts)

    @cached_property
    def chosen(self) -> dict[str, Bits]:
        """The positions of each facet's choice."""
        return {
            name: self._any(BY_NAME[name].column, [BY_NAME[name].held(v) for v in values])
            for name, values in self.asked.chosen.items()
        }

    @cached_property
    def text(self) -> Bits | None:
        words = self.asked.words
        if words.is_empty:
            return None
        self._remember([*words.groups, *words.excluded])
        parts = [~self._memory[group] for group in words.excluded]
        if words.is_loose:
            parts.append(at_least(self._counted, words.need))
        else:
            parts += [self._memory[group] for group in words.groups]
        return np.bitwise_and.reduce(parts)

    @cached_property
    def unfaceted(self) -> Bits:
        return self.framed if self.text is None else self.framed & self.text

    @cached_property
    def result(self) -> Bits:
        return np.bitwise_and.reduce([self.unfaceted, *self.chosen.values()])

    def _foresee(self) -> None:
        """Read at once the bitmaps that the question will need."""
        asked = self.asked
        groups = [*asked.words.groups, *asked.words.excluded]
        words = {lexeme for g in groups for way in g.ways for lexeme in way.lexemes}
        wanted: dict[str, set[str]] = {LIVE[0]: {LIVE[1]}, "words": words, "title": words}
        if asked.territory_id:
            wanted["territory_ids"] = {str(asked.territory_id)}
        for name, values in asked.chosen.items():
            facet = BY_NAME[name]
            wanted.setdefault(facet.column, set()).update(map(facet.held, values))
        self.index.of_values(wanted)

    def _of(self, asked: Asked) -> Bits:
        return self.index.of_rows(asked.rows(SearchRow.objects.all()))

    def _any(self, kind: str, values: Sequence[str]) -> Bits:
        held = self.index.of_values({kind: values})
        return np.bitwise_or.reduce([self.index.none(), *held.values()])

    def _remember(self, groups: Sequence[Group]) -> None:
        """Read the positions of groups of words: a question, and one for each that is rare."""
        unread = [group for group in groups if group not in self._memory]
        words = {lexeme for g in unread for way in g.ways for lexeme in way.lexemes}
        known = {word: bits for (_, word), bits in self.index.of_values({"words": words}).items()}
        for group in unread:
            kept = [w for w in group.ways if not w.is_phrase and known.keys() >= {*w.lexemes}]
            ways = [np.bitwise_and.reduce([known[lexeme] for lexeme in w.lexemes]) for w in kept]
            if others := tuple(way for way in group.ways if way not in kept):
                said = Group(group.written, others).tsquery
                ways.append(self.index.of_rows(saying(SearchRow.objects.all(), said)))
            self._memory[group] = np.bitwise_or.reduce(ways)

    # --- answers ------------------------------------------------------------------------------

    @cached_property
    def total(self) -> int:
        return count(self.result) + self.changed.total

    @cached_property
    def unfaceted_total(self) -> int:
        return count(self.unfaceted) + self.changed.unfaceted_total

    def candidates(self) -> list[int]:
        found = [*self.changed.candidates(), *self.index.pks(self._ranked_positions())]
        if self.total <= RANKED or not (self.changed.total or self.index.size > self.index.base):
            return found
        # Those out of the order of the bitmaps stand at their merit among the others.
        return RowsFound(self.asked, SearchRow.objects.filter(pk__in=found)).foremost()

    def _ranked_positions(self) -> list[int]:
        found = positions(self.result)
        if len(found) <= RANKED:
            return found.tolist()
        if self.asked.words.is_loose:
            said = weighed(self._counted)[found].astype(np.int32)
            return found[np.argsort(-said, kind="stable")][:RANKED].tolist()
        titled, base = positions(self._titled & self.result), self.index.base
        return list(dict.fromkeys([*first_of(titled, base, TITLES), *first_of(found, base, BEST)]))

    @property
    def _counted(self) -> list[tuple[Bits, int]]:
        return [(self._memory[group], said) for group, said in self.asked.words.counted]

    @cached_property
    def _titled(self) -> Bits:
        """Positions whose title holds all the words that have bitmaps of titles."""
        lexemes = {w.lexemes[0] for g in self.asked.words.groups for w in g.ways if w.lexemes}
        known = {word: bits for (_, word), bits in self.index.of_values({"title": lexemes}).items()}
        groups = [
            np.bitwise_or.reduce(parts)
            for g in self.asked.words.groups
            if (parts := [known[w.lexemes[0]] for w in g.ways if w.lexemes[0] in known])
        ]
        return np.bitwise_and.reduce(groups) if groups else self.index.none()

    def worths(self) -> dict[Group, float]:
        return {group: worth(rows, self.index.size) for group, rows in self.holders.items()}

    @cached_property
    def holders(self) -> dict[Group, int]:
        groups = self.asked.words.weighed
        self._remember(groups)
        return {group: count(self._memory[group]) for group in groups}

    def ids(self, order: str, start: int, stop: int, without: Collection[int] = ()) -> list[int]:
        if order == "pertinence":
            return self._by_merit(start, stop, without)
        if self.total <= MANY:
            there, changed = positions(self.result).tolist(), self.changed.ids(order, 0, MANY)
            return list(self._ordered(there, changed, order)[start:stop])
        return self._walked(order, start, stop)

    def _by_merit(self, start: int, stop: int, without: Collection[int]) -> list[int]:
        there = first_of(positions(self.result), self.index.base, stop + len(without))
        changed = self.changed.ids("pertinence", 0, stop, without) if self.changed.total else []
        left = set(without)
        pks = [*changed, *(pk for pk in self.index.pks(there) if pk not in left)]
        if changed or (there and there[-1] >= self.index.base):
            pks = list(self._ordered([], pks, "pertinence")[:stop])
        return pks[start:stop]

    def _ordered(self, there: list[int], others: list[int], order: str) -> QuerySet:
        rows = self.index.rows(there, others).order_by(*ORDERS[order])
        return rows.values_list("pk", flat=True)

    def _walked(self, order: str, start: int, stop: int) -> list[int]:
        """The first of an order, from its own index."""
        chunks = [(chunk, to_literal(held)) for chunk, held in chunks_of(self.result)]
        changed = list(self.changed.rows.values_list("pk", flat=True))
        ordering = {"recentes": "s.published_at DESC, s.innovation_id DESC"}.get(
            order, "s.title_key, s.innovation_id"
        )
        with connection.cursor() as cursor:
            cursor.execute(
                "WITH asked AS MATERIALIZED (SELECT chunk, literal::varbit AS bits "
                "FROM unnest(%s::int[], %s::text[]) AS a(chunk, literal)) "
                "SELECT s.innovation_id FROM innovations_searchrow s "
                "LEFT JOIN innovations_searchnumber n USING (innovation_id) "
                f"LEFT JOIN asked a ON a.chunk = n.number / {CHUNK} "
                f"WHERE get_bit(a.bits, n.number %% {CHUNK}) = 1 OR s.innovation_id = ANY(%s) "
                f"ORDER BY {ordering} LIMIT %s OFFSET %s",
                [[n for n, _ in chunks], [b for _, b in chunks], changed, stop - start, start],
            )
            return [pk for (pk,) in cursor.fetchall()]

    def facets(self) -> Tally:
        free = [f for f in FACETS if f.name not in self.chosen]
        asked: list[tuple[Bits, Collection[str]]] = [
            (self.result, [c for f in free for c in f.counted_as])
        ]
        for name in self.chosen:
            others = [bits for other, bits in self.chosen.items() if other != name]
            asked.append(
                (np.bitwise_and.reduce([self.unfaceted, *others]), BY_NAME[name].counted_as)
            )
        counts = self.index.counts(asked)
        tally = search_facets.named(counts, self.asked.codes)
        return added(tally, self.changed.facets()) if self.index.has_changes else tally

    def figures(self) -> Tally:
        facets = {c for f in FACETS for c in f.counted_as} | {"year", "departement", "region"}
        counts = self.index.counts([(self.result, facets)])
        figures = search_facets.named(counts, self.asked.codes) | search_facets.more_named(counts)
        return added(figures, self.changed.figures()) if self.index.has_changes else figures

    def spread(self) -> Tally:
        counts = self.index.counts([(self.result, search_spread.FACETS)])
        found = {facet: {code: n for _, code, n in rows} for facet, rows in counts.items()}
        return added(found, self.changed.spread()) if self.index.has_changes else found

    def placed(self, places: QuerySet[SearchPlace]) -> QuerySet[SearchPlace]:
        changed = Q(innovation__in=self.changed.rows.values("pk")) if self.changed.total else Q()
        if self.total <= MANY:
            pks = self.index.pks(positions(self.result).tolist())
            return places.filter(Q(innovation__in=pks) | changed)
        parts = [to_literal(part.tobytes()) for part in self.result.reshape(-1, BYTES)]
        held = places.alias(held=RawSQL(HELD, [parts], output_field=IntegerField()))
        return held.filter(Q(held=1) | changed)
