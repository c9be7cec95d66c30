"""What is asked, as conditions on rows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.contrib.postgres.search import SearchRank

from innovations import search_facets
from innovations.querysets import SearchRowQuerySet
from innovations.search_facets import Selection
from innovations.search_words import Condition, Words

# A condition on rows that has no bitmaps: a frame of the map, a radius.
Narrowing = Callable[[SearchRowQuerySet], SearchRowQuerySet]
ORDERS = {
    "pertinence": ("-merit", "-innovation_id"),
    "recentes": ("-published_at", "-innovation_id"),
    "titre": ("title_key", "innovation_id"),
}


@dataclass(frozen=True)
class Asked:
    """What is asked, as rows keep it."""

    words: Words = field(default_factory=Words)
    chosen: Selection = field(default_factory=dict)
    territory_id: int | None = None
    year_from: int | None = None
    year_to: int | None = None
    narrowing: tuple[Narrowing, ...] = ()
    codes: Mapping[int, str] = field(default_factory=dict)

    def framed(self, rows: SearchRowQuerySet) -> SearchRowQuerySet:
        """Those of the place and the years: all but the text and the facets."""
        if self.territory_id:
            rows = rows.filter(territory_ids__contains=[self.territory_id])
        if self.year_from:
            rows = rows.filter(year__gte=self.year_from)
        if self.year_to:
            rows = rows.filter(year__lte=self.year_to)
        for narrow in self.narrowing:
            rows = narrow(rows)
        return rows

    def unfaceted(self, rows: SearchRowQuerySet) -> SearchRowQuerySet:
        return saying(self.framed(rows), self.words.tsquery)

    def rows(self, rows: SearchRowQuerySet) -> SearchRowQuerySet:
        return search_facets.filtered(self.unfaceted(rows), self.chosen)


def saying(rows: SearchRowQuerySet, tsquery: str) -> SearchRowQuerySet:
    """Those whose text answers; all of them when nothing is asked."""
    if not tsquery:
        return rows
    return rows.filter(vector=Condition(tsquery))


def with_relevance(rows: SearchRowQuerySet, words: Words) -> SearchRowQuerySet:
    """Those that hold all the words, with ``rank`` (higher is better)."""
    said = Condition(words.any_tsquery)
    return saying(rows, words.tsquery).annotate(rank=SearchRank("vector", said, cover_density=True))
