"""What the search page shows of a search: labels, counts and addresses, ready for templates."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from django.core.paginator import Page, Paginator
from django.urls import reverse

from carrefour.french import counted
from innovations.export_formats import FORMATS
from innovations.models import Term
from innovations.search import PAGE_SIZE, InnovationSearch
from innovations.search_criteria import SORTS, VIEWS
from innovations.search_facets import FACETS, Facet, partner_names
from innovations.search_place import candidate_label, label, parameter, zones

# Facets open at first sight; the others open when something is chosen in them.
OPEN = ("theme",)
# Parameters that change how results are shown, not which.
SHOWING = ("vue", "tri", "mesure", "ordre", "tableau")
ICONS = {"liste": "list-unordered", "carte": "map-pin-2-line", "donnees": "bar-chart-box-line"}


@dataclass(frozen=True)
class Option:
    """One value of a facet; ``children`` are the sub-themes of a theme that is chosen."""

    code: str
    label: str
    count: int
    is_chosen: bool
    children: tuple["Option", ...] = ()


@dataclass(frozen=True)
class Group:
    name: str
    label: str
    options: tuple[Option, ...]
    is_open: bool


@dataclass(frozen=True)
class Chosen:
    """An active filter: what it says, and the address of the search without it."""

    label: str
    url: str


@dataclass(frozen=True)
class Link:
    label: str
    url: str
    is_current: bool = False
    icon: str = ""
    title: str = ""


@dataclass(frozen=True)
class SearchPage:
    """One search as the page tells it."""

    search: InnovationSearch
    terms: dict[tuple[str, str], Term] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.terms.update({(t.vocabulary, t.code): t for t in self.search.terms})

    # --- labels -------------------------------------------------------------------------------

    @cached_property
    def partner_names(self) -> Mapping[str, str]:
        """{slug: name} of the partners that the facet or the choice names; one query."""
        slugs = {*self.search.facets.get("partenaire", {})}
        slugs.update(self.search.criteria.chosen.get("partenaire", ()))
        return partner_names(slugs)

    @cached_property
    def zone_names(self) -> Mapping[str, str]:
        """{« kind-code »: name} of the territories that the facet or the choice names."""
        codes = {*self.search.facets.get("zone", {}), *self.search.criteria.zones}
        return {code: label(territory) for code, territory in zones(codes).items()}

    def label(self, facet: Facet, code: str) -> str:
        if facet.vocabulary:
            return self.terms[facet.vocabulary, code].label
        if facet.choices:
            return str(facet.choices(code).label)
        if facet.column == "territory_ids":
            return self.zone_names.get(code, code)
        return self.partner_names.get(code, code)

    @property
    def title(self) -> str:
        """« 12 innovations pour « compost » en Bretagne », or what was wrong with the place."""
        place = self.search.criteria.place
        if not place.is_unused:
            return self.count
        if place.others:
            return f"Quel « {place.written} » ?"
        return f"Lieu non reconnu : « {place.written} »"

    @property
    def count(self) -> str:
        """« 12 innovations pour « compost » en Bretagne »."""
        total = self.search.total
        number = counted(total, "innovation") if total else "Aucune innovation"
        text = self.search.criteria.text
        place = self.search.criteria.place.territory
        return (
            number + (f" pour « {text} »" if text else "") + (f" {place.located}" if place else "")
        )

    @property
    def relaxed(self) -> str:
        """What was loosened because too little answered the words as written."""
        words = self.search.words
        asked = len(self.search.written.counted)
        if words.need >= len(self.search.written.groups):
            return ""
        if words.need == 1:
            return (
                "Aucune fiche ne contient tous vos mots. "
                "Voici celles qui en contiennent au moins un."
            )
        return (
            f"Peu de fiches contiennent tous vos mots. Voici celles qui en contiennent au moins "
            f"{words.need} sur {asked}."
        )

    # --- facets -------------------------------------------------------------------------------

    @cached_property
    def groups(self) -> list[Group]:
        return [g for facet in FACETS if (g := self._group(facet)).options]

    def _group(self, facet: Facet) -> Group:
        chosen = self.search.criteria.chosen.get(facet.name, ())
        counts = dict.fromkeys(chosen, 0) | self.search.facets.get(facet.name, {})
        if facet.vocabulary:
            options = tuple(self._term_options(facet, counts, set(chosen)))
        else:
            labelled = [(self.label(facet, code), code, n) for code, n in counts.items()]
            ordered = sorted(labelled, key=lambda item: (-item[2], item[0]))
            options = tuple(Option(code, text, n, code in chosen) for text, code, n in ordered)
        return Group(facet.name, facet.label, options, bool(chosen) or facet.name in OPEN)

    def _term_options(
        self, facet: Facet, counts: Mapping[str, int], chosen: set[str]
    ) -> Iterator[Option]:
        """Top terms by count; a chosen one, or one with a chosen child, shows its children."""
        known = [t for t in self.search.terms if t.vocabulary == facet.vocabulary]
        shown = [t for t in known if t.code in counts]
        parents = {t.parent_id for t in shown if t.code in chosen}
        tops = [t for t in known if t.parent_id is None and (t.code in counts or t.pk in parents)]
        for term in sorted(tops, key=lambda t: (-counts.get(t.code, 0), t.label)):
            unfolded = term.code in chosen or term.pk in parents
            below = [t for t in shown if unfolded and t.parent_id == term.pk]
            yield self._term_option(
                term, counts, chosen, tuple(self._term_option(t, counts, chosen) for t in below)
            )

    @staticmethod
    def _term_option(
        term: Term,
        counts: Mapping[str, int],
        chosen: set[str],
        children: tuple[Option, ...] = (),
    ) -> Option:
        return Option(
            term.code, term.label, counts.get(term.code, 0), term.code in chosen, children
        )

    # --- links --------------------------------------------------------------------------------

    @cached_property
    def active(self) -> list[Chosen]:
        """The filters in force, each with the address that removes it."""
        asked, url = self.search.criteria, self.search.url
        found = [Chosen(f"« {asked.text} »", url(q=None))] if asked.text else []
        if asked.place.territory:
            found.append(Chosen(asked.place.text, url(territoire=None, lieu=None)))
        for facet in FACETS:
            codes = asked.chosen.get(facet.name, ())
            found += [
                Chosen(self.label(facet, code), url(**{facet.name: _without(codes, code)}))
                for code in codes
            ]
        if asked.year_from:
            found.append(Chosen(f"À partir de {asked.year_from}", url(annee_min=None)))
        if asked.year_to:
            found.append(Chosen(f"Jusqu’en {asked.year_to}", url(annee_max=None)))
        if asked.box:
            found.append(Chosen("Zone de la carte", url(bbox=None)))
        return found

    @property
    def tabs(self) -> list[Link]:
        return [
            Link(label, self.search.url(vue=view), view == self.search.criteria.view, ICONS[view])
            for view, label in VIEWS.items()
        ]

    @property
    def sorts(self) -> list[tuple[str, str, bool]]:
        return [(code, label, code == self.search.criteria.sort) for code, label in SORTS.items()]

    @property
    def place_links(self) -> list[Link]:
        """The places the visitor may have meant, each with its search."""
        return [
            Link(
                candidate_label(territory),
                self.search.url(territoire=parameter(territory), lieu=None),
            )
            for territory in self.search.criteria.place.others
        ]

    @property
    def box(self) -> str:
        return "".join(self.search.parameters().get("bbox", []))

    @property
    def canonical(self) -> str:
        """The one address of these results, whatever the way they are shown or sorted."""
        page = self.search.page if self.search.page > 1 else None
        return self.search.url(**dict.fromkeys(SHOWING), page=page)

    @property
    def map_query(self) -> str:
        """The query string that the map's points answer: all the results, whatever the page."""
        return self.search.query_string(**dict.fromkeys(SHOWING), page=None)

    @property
    def formats(self) -> list[Link]:
        """The files of these results: every record, whatever the page."""
        return [
            Link(
                one.label,
                f"{reverse('innovations:export', args=[one.name])}?{self.map_query}",
                title=f"{one.label} : {one.told}",
            )
            for one in FORMATS.values()
        ]

    @property
    def map_search(self) -> str:
        """The search to which the script of the map adds its frame (« bbox »)."""
        return self.search.url(bbox=None, page=None)

    @property
    def page(self) -> Page:
        """The page of results, for the DSFR pagination (numbers and dots in ``pages_list``)."""
        paginator = Paginator(range(self.search.total), PAGE_SIZE)
        page = paginator.page(self.search.page)
        page.pages_list = list(  # type: ignore[attr-defined]
            paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
        )
        return page


def _without(codes: tuple[str, ...], removed: str) -> list[str]:
    return [code for code in codes if code != removed]
