"""The search: one object read from a query string, used by page, map, data, export and API.

Search → text and place and facets → rows of the narrow search table → innovations of one page.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from math import ceil
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from carrefour.caching import of_version
from carrefour.text import key
from innovations import search_distance, search_map
from innovations.equivalents import equivalents
from innovations.index.reading import Index
from innovations.models import Innovation, SearchPlace, SearchRow, Term
from innovations.querysets import InnovationQuerySet, SearchRowQuerySet
from innovations.search_around import settled
from innovations.search_asked import Asked
from innovations.search_criteria import MAX_PAGE, Criteria, Reading
from innovations.search_facets import BY_NAME, Tally
from innovations.search_found import BitsFound, Found, RowsFound
from innovations.search_map import Box, MapAnswer, Narrowing
from innovations.search_place import parameter
from innovations.search_ranking import ranked
from innovations.search_spelling import corrected, slips_of
from innovations.search_text import with_highlight
from innovations.search_wider import ENOUGH, answering
from innovations.search_words import Words, read
from innovations.vocabulary import Slip

PAGE_SIZE = 12


@dataclass(frozen=True)
class InnovationSearch:
    """A search ready to answer. Build it with ``from_query``; every answer is computed once."""

    criteria: Criteria
    terms: Sequence[Term] = field(default=(), repr=False)
    # Why some of what the address asks is left aside.
    left: tuple[str, ...] = ()

    @classmethod
    def from_query(cls, query: QueryDict, besides: Collection[str] = ()) -> "InnovationSearch":
        """Read the query string; what cannot be used is told in ``notices``, but the
        names that the page reads ``besides``. Never raises."""
        terms = of_version("terms", lambda: list(Term.objects.active()))
        criteria = Reading(query, terms, besides).criteria()
        search = cls(criteria, terms, criteria.notices)
        return settled(search) if criteria.in_text else search

    # --- what is asked ------------------------------------------------------------------------

    @property
    def notices(self) -> tuple[str, ...]:
        return (*self.criteria.notices, *self.unread, *self._last_page)

    @property
    def refusals(self) -> tuple[str, ...]:
        """Why this is not what was asked, for answers that have no page to tell it on."""
        place = self.criteria.place
        unknown = f"« {place.written} » n’est pas un lieu reconnu, ou en désigne plusieurs."
        return (*self.left, *([unknown] if place.is_unused else []), *self.unread)

    @property
    def unread(self) -> tuple[str, ...]:
        """That nothing of the text can be searched: it has common words only, or signs."""
        if not self.criteria.words or not self.written.is_empty:
            return ()
        return (
            f"« {self.criteria.words} » ne contient que des mots trop courants, ou des signes, "
            "qui ne se cherchent pas : toutes les fiches sont montrées.",
        )

    @property
    def _last_page(self) -> tuple[str, ...]:
        if self.criteria.page > self.pages:
            return (f"La page {self.criteria.page} n’existe pas : voici la dernière.",)
        if self.page == MAX_PAGE and self.total > MAX_PAGE * PAGE_SIZE:
            return ("Les pages s’arrêtent ici : précisez la recherche, ou téléchargez ses fiches.",)
        return ()

    @cached_property
    def written(self) -> Words:
        """The words as the visitor wrote them, all of them needed."""
        return read(self.criteria.words, equivalents)

    @cached_property
    def chosen(self) -> dict[str, tuple[Any, ...]]:
        """{facet: values as the search row keeps them}: ids of terms or territories, or codes."""
        ids = {(t.vocabulary, t.code): t.pk for t in self.terms}
        found: dict[str, tuple[Any, ...]] = {}
        for name, codes in self.criteria.chosen.items():
            facet = BY_NAME[name]
            if facet.vocabulary:
                found[name] = tuple(ids[facet.vocabulary, code] for code in codes)
            elif name == "zone":
                found[name] = tuple(self.criteria.zones[code].pk for code in codes)
            else:
                found[name] = codes
        return found

    @cached_property
    def asked(self) -> Asked:
        criteria = self.criteria
        territory = criteria.territory
        return Asked(
            words=self.written,
            chosen=self.chosen,
            territory_id=territory.pk if territory and not criteria.is_around_territory else None,
            year_from=criteria.year_from,
            year_to=criteria.year_to,
            narrowing=self.narrowing(),
            codes={term.pk: term.code for term in self.terms},
        )

    def narrowing(
        self, *, box: bool = True, radius: bool = True, kilometres: int | None = None
    ) -> tuple[Narrowing, ...]:
        """The conditions on places: the frame of the map, and what lies around the centre."""
        criteria = self.criteria
        found = [search_map.within(criteria.box)] if box and criteria.box else []
        around = kilometres or criteria.radius
        if radius and criteria.centre and around:
            latitude, longitude = criteria.centre
            found.append(search_map.near(longitude, latitude, around))
        return tuple(found)

    # --- which rows ---------------------------------------------------------------------------

    @cached_property
    def exact(self) -> Found:
        """What holds all the words as they are written."""
        index = Index.read()
        return BitsFound(self.asked, index) if index else RowsFound(self.asked)

    @cached_property
    def slips(self) -> list[Slip]:
        """The words that may be typing errors, looked for when little answers them as written."""
        if not self.written.groups or self.exact.unfaceted_total >= ENOUGH:
            return []
        # The name of a place is no typing error.
        known = key(self.criteria.released).split()
        return [slip for slip in slips_of(self.written) if key(slip.written) not in known]

    @property
    def _unheld(self) -> list[Slip]:
        return [slip for slip in self.slips if not slip.is_held]

    @cached_property
    def correction(self) -> str:
        """The text whose results are shown instead: nothing answers a word as it is written."""
        if not self.criteria.corrects or not self._unheld or self.exact.unfaceted_total:
            return ""
        return corrected(self.criteria.text, self._unheld)

    @property
    def text(self) -> str:
        """The words searched, put right when they were."""
        return corrected(self.criteria.words, self._unheld if self.correction else ())

    @cached_property
    def proposal(self) -> str:
        """Another text that the visitor may have meant; "" without one."""
        meant = corrected(self.criteria.text, self.slips)
        return "" if meant in {self.criteria.text, self.correction} else meant

    @cached_property
    def said(self) -> Found:
        """What holds all the words as they are written, or put right."""
        return self.exact.taking(read(self.text, equivalents)) if self.correction else self.exact

    @cached_property
    def found(self) -> Found:
        """What answers; the words are widened, then loosened, only when too little does."""
        return answering(self.said, self.text)

    @property
    def words(self) -> Words:
        """The words as they are taken: all of them, or those that say enough."""
        return self.found.asked.words

    @cached_property
    def rows(self) -> SearchRowQuerySet:
        """The search rows that answer, in no order: for exports and the API."""
        return self.found.asked.rows(SearchRow.objects.all())

    @cached_property
    def ranked(self) -> list[int]:
        """The first innovations by relevance; the others follow by merit."""
        if not self.words.groups:
            return []
        varied = self.criteria.is_varied and "partenaire" not in self.chosen
        found = [self.found]
        if self.words.is_widened and self.said.total and not self.words.near:
            # Those that say the words come first, as if nothing else were found.
            found.insert(0, self.said)
        lists = [
            ranked(each.candidates(), each.asked.words, each.worths(), varied=varied)
            for each in found
        ]
        return list(dict.fromkeys(chain(*lists)))

    def ids(self, start: int, stop: int) -> list[int]:
        """The innovations from ``start`` to ``stop`` in the order asked."""
        if self.criteria.sort == "distance" and self.criteria.centre:
            return search_distance.nearest(self.rows, self.criteria.centre, start, stop)
        if self.criteria.sort != "pertinence":
            return self.found.ids(self.criteria.sort, start, stop)
        if not self.words.groups:
            return self.found.ids("recentes", start, stop)
        first = self.ranked[start:stop]
        behind = len(self.ranked)
        if len(first) == stop - start or behind >= self.total:
            return first
        rest = self.found.ids(
            "pertinence", max(0, start - behind), stop - behind, without=self.ranked
        )
        return [*first, *rest]

    # --- answers ------------------------------------------------------------------------------

    @property
    def total(self) -> int:
        return self.found.total

    @property
    def pages(self) -> int:
        return max(1, min(MAX_PAGE, ceil(self.total / PAGE_SIZE)))

    @property
    def page(self) -> int:
        return min(self.criteria.page, self.pages)

    def innovations(self) -> InnovationQuerySet:
        """Every innovation that answers, in no order: for exports and the API."""
        return Innovation.objects.filter(pk__in=self.rows.values("pk"))

    def results(self) -> list[Innovation]:
        """The innovations of the page, as cards show them: with ``highlight`` when words are
        given, ``away`` (in kilometres) when distance matters.
        """
        start = (self.page - 1) * PAGE_SIZE
        ids = self.ids(start, start + PAGE_SIZE)
        innovations = Innovation.objects.filter(pk__in=ids).for_cards()
        if self.words.groups:
            innovations = with_highlight(innovations, self.words.any_tsquery)
        found = {innovation.pk: innovation for innovation in innovations}
        if self.criteria.measures and self.criteria.centre and ids:
            for pk, away in search_distance.kilometres(ids, self.criteria.centre).items():
                found[pk].away = away  # type: ignore[attr-defined]
        return [found[pk] for pk in ids if pk in found]

    @cached_property
    def facets(self) -> Tally:
        """{facet: {code: count}}, each facet counted as if nothing were chosen in it."""
        return self.found.facets()

    @cached_property
    def figures(self) -> Tally:
        """{facet: {code: count}} of the very results, with « annee » and « departement »."""
        return self.found.figures()

    @cached_property
    def spread(self) -> Tally:
        """{« departement », « cell » or « known »: {code: count}}: see search_spread."""
        return self.found.spread()

    def places(self, frame: Box | None = None, zoom: int = search_map.FIRST_ZOOM) -> MapAnswer:
        """What a map shows of the results, inside its frame if given."""
        is_far = frame is None or zoom < search_map.NEAR
        if is_far and self.total > search_map.MOST_POINTS:
            return search_map.national(self.spread)
        places = search_map.inside(frame) if frame else SearchPlace.objects.all()
        return search_map.answer(self.found.placed(places), zoom)

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
            "autour": ",".join(f"{side:.9g}" for side in asked.point) if asked.point else "",
            "rayon": asked.radius_asked,
            "lieux": "" if asked.reads_places else "non",
            "corriger": "" if asked.corrects else "non",
            "bbox": ",".join(f"{side:.9g}" for side in asked.box) if asked.box else "",
            "varier": "" if asked.is_varied else "non",
            "tri": asked.sort_asked,
            "vue": asked.view if asked.view != "liste" else "",
            "mesure": asked.measure if asked.measure != "nombre" else "",
            "ordre": asked.table_order,
            "tableau": asked.table,
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
