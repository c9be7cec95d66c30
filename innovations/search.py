"""The search: one object read from a query string, used by page, map, data, export and API.

Search → text and place and facets → rows of the narrow search table → innovations of one page.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import ceil
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from innovations import search_facets, search_map
from innovations.models import Innovation, SearchRow, Term
from innovations.querysets import InnovationQuerySet, SearchRowQuerySet
from innovations.search_criteria import Criteria, Reading
from innovations.search_facets import BY_NAME, Tally
from innovations.search_map import Box, MapAnswer
from innovations.search_place import parameter
from innovations.search_text import TextMode, matching, modes, with_highlight

PAGE_SIZE = 12
ORDERS = {
    "pertinence": ("-rank", "-published_at", "-innovation_id"),
    "recentes": ("-published_at", "-innovation_id"),
    "titre": ("title_key", "innovation_id"),
}


@dataclass(frozen=True)
class InnovationSearch:
    """A search ready to answer. Build it with ``from_query``; every answer is computed once."""

    criteria: Criteria
    terms: Sequence[Term] = field(default=(), repr=False)

    @classmethod
    def from_query(cls, query: QueryDict) -> "InnovationSearch":
        """Read the query string; what cannot be used is told in ``notices``. Never raises."""
        terms = list(Term.objects.active())
        return cls(Reading(query, terms).criteria(), terms)

    # --- which rows ---------------------------------------------------------------------------

    @property
    def notices(self) -> tuple[str, ...]:
        return self.criteria.notices

    @cached_property
    def chosen(self) -> dict[str, tuple[Any, ...]]:
        """{facet: values as the search row keeps them}: term ids, slugs or codes."""
        ids = {(t.vocabulary, t.code): t.pk for t in self.terms}
        return {
            name: tuple(ids[BY_NAME[name].vocabulary, code] for code in codes)
            if BY_NAME[name].vocabulary
            else codes
            for name, codes in self.criteria.chosen.items()
        }

    @cached_property
    def _framed(self) -> SearchRowQuerySet:
        """Rows of the place, the years and the map's frame: all but the text and the facets."""
        rows: SearchRowQuerySet = SearchRow.objects.all()
        asked = self.criteria
        if asked.place.territory:
            rows = rows.filter(territory_ids__contains=[asked.place.territory.pk])
        if asked.year_from:
            rows = rows.filter(year__gte=asked.year_from)
        if asked.year_to:
            rows = rows.filter(year__lte=asked.year_to)
        if asked.box:
            rows = rows.filter(innovation__in=search_map.inside(asked.box).values("innovation"))
        return rows

    @cached_property
    def mode(self) -> TextMode:
        """How the words are taken: loosened only when nothing answers them as they are."""
        text = self.criteria.text
        if not text or self._answers(TextMode.ALL):
            return TextMode.ALL
        found = (m for m in modes(text) if matching(self._framed, text, m).exists())
        return next(found, TextMode.ALL)

    def _answers(self, mode: TextMode) -> bool:
        rows = matching(self._framed, self.criteria.text, mode)
        return search_facets.filtered(rows, self.chosen).exists()

    @cached_property
    def _unfaceted(self) -> SearchRowQuerySet:
        if not self.criteria.text:
            return self._framed
        return matching(self._framed, self.criteria.text, self.mode)

    @cached_property
    def rows(self) -> SearchRowQuerySet:
        """The search rows that answer, in no order."""
        return search_facets.filtered(self._unfaceted, self.chosen)

    def ordered(self) -> SearchRowQuerySet:
        """The same in the order asked; relevance without words is the most recent first."""
        order = self.criteria.sort
        if order == "pertinence" and not self.criteria.text:
            order = "recentes"
        return self.rows.order_by(*ORDERS[order])

    # --- answers ------------------------------------------------------------------------------

    @cached_property
    def total(self) -> int:
        return self.rows.count()

    @property
    def pages(self) -> int:
        return max(1, ceil(self.total / PAGE_SIZE))

    @property
    def page(self) -> int:
        return min(self.criteria.page, self.pages)

    def innovations(self) -> InnovationQuerySet:
        """Every innovation that answers, in no order: for exports and the API."""
        return Innovation.objects.filter(pk__in=self.rows.values("pk"))

    def results(self) -> list[Innovation]:
        """The innovations of the page, as cards show them; ``highlight`` when words are given."""
        start = (self.page - 1) * PAGE_SIZE
        ids = list(self.ordered().values_list("pk", flat=True)[start : start + PAGE_SIZE])
        innovations = Innovation.objects.filter(pk__in=ids).for_cards()
        if self.criteria.text:
            innovations = with_highlight(innovations, self.criteria.text)
        found = {innovation.pk: innovation for innovation in innovations}
        return [found[pk] for pk in ids if pk in found]

    @cached_property
    def facets(self) -> Tally:
        """{facet: {code: count}}, each facet counted as if nothing were chosen in it."""
        return search_facets.tally(self._unfaceted, self.chosen)

    @cached_property
    def figures(self) -> Tally:
        """{facet: {code: count}} of the very results, with « annee » and « departement »."""
        return search_facets.figures(self.rows)

    def places(self, frame: Box | None = None, zoom: int = search_map.FIRST_ZOOM) -> MapAnswer:
        """The places of the results that a map can show, inside the frame of the map if given."""
        return search_map.answer(self.rows.values("pk"), frame, zoom)

    # --- back to an address -------------------------------------------------------------------

    def parameters(self, **changes: Any) -> dict[str, list[str]]:
        """The query string as {name: values}; ``changes`` replace (None or [] removes).

        Changing anything but the page or the view goes back to the first page.
        """
        asked = self.criteria
        place = asked.place
        found: dict[str, Any] = {
            "q": asked.text,
            "lieu": "" if place.territory else place.written,
            "territoire": parameter(place.territory) if place.territory else "",
            **{name: list(codes) for name, codes in asked.chosen.items()},
            "annee_min": asked.year_from,
            "annee_max": asked.year_to,
            "bbox": ",".join(f"{side:g}" for side in asked.box) if asked.box else "",
            "tri": asked.sort if asked.sort != "pertinence" else "",
            "vue": asked.view if asked.view != "liste" else "",
            "page": asked.page if asked.page > 1 else "",
        }
        if set(changes) - {"page"}:
            found["page"] = ""
        found |= changes
        return {name: values for name, value in found.items() if (values := _as_list(value))}

    def query_string(self, **changes: Any) -> str:
        query = QueryDict(mutable=True)
        for name, values in self.parameters(**changes).items():
            query.setlist(name, values)
        return query.urlencode()

    def url(self, **changes: Any) -> str:
        """Address of the search page for this search, ``changes`` applied."""
        query = self.query_string(**changes)
        return reverse("innovations:search") + (f"?{query}" if query else "")


def _as_list(value: Any) -> list[str]:
    values = value if isinstance(value, list | tuple) else [value]
    return [str(v) for v in values if v not in ("", None)]
