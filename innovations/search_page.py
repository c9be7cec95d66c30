"""What the search page shows of a search: labels, counts and addresses, ready for templates."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from django.core.paginator import Page, Paginator
from django.urls import reverse

from carrefour.french import counted
from innovations import search_nearest, search_options, search_understood
from innovations.export_formats import FORMATS
from innovations.models import Term
from innovations.search import PAGE_SIZE, InnovationSearch
from innovations.search_criteria import SORTS, VIEWS
from innovations.search_facets import FACETS, Facet, partner_names
from innovations.search_options import Group
from innovations.search_place import PlaceAnswer, candidate_label, label, parameter, zones
from innovations.search_understood import quoted
from innovations.search_wider import ENOUGH
from territories.models import Territory

# Facets open at first sight; the others open when something is chosen in them.
OPEN = ("theme",)
# Those whose values alone do not say what they are of.
TOLD = {"commun", "portee", "ressource", "dependance", "maturite", "diffusion"}
# Parameters that change how results are shown, not which.
SHOWING = ("vue", "tri", "mesure", "ordre", "tableau")
ICONS = {"liste": "list-unordered", "carte": "map-pin-2-line", "donnees": "bar-chart-box-line"}


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
    def zones(self) -> Mapping[str, Territory]:
        """{« kind-code »: territory} of those that the facet or the choice names; one query."""
        return zones({*self.search.facets.get("zone", {}), *self.search.criteria.zones})

    def label(self, facet: Facet, code: str) -> str:
        if facet.vocabulary:
            return self.terms[facet.vocabulary, code].label
        if facet.choices:
            return str(facet.choices(code).label)
        if facet.column == "territory_ids":
            return label(self.zones[code]) if code in self.zones else code
        return self.partner_names.get(code, code)

    def told(self, facet: Facet, code: str) -> str:
        """The value where its facet is not seen, without what explains it: « Commun : oui »."""
        found = self.label(facet, code)
        if facet.name not in TOLD:
            return found
        found = found.partition("\u00a0:")[0]
        return f"{facet.label} : {found[:1].lower()}{found[1:]}"

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
        text = self.search.text
        where = search_understood.located(self.search.criteria)
        return number + (f" pour {quoted(text)}" if text else "") + where

    @property
    def name(self) -> str:
        """« Innovations pour « compost » en Bretagne : Santé »: what stays true as records come."""
        text = self.search.text
        where = search_understood.located(self.search.criteria)
        told = ("Innovations" + (f" pour {quoted(text)}" if text else "") + where).strip()
        if not self.filters:
            return told if text or where else "Toutes les innovations"
        return f"{told} : {', '.join(each.label for each in self.filters)}"

    @property
    def notices(self) -> list[str]:
        """What to know of these results, where places to choose from are not proposed apart."""
        told = [*self.search.notices, *self.search.refusals, self.widened]
        return [notice for notice in dict.fromkeys(told) if notice]

    @property
    def relaxed(self) -> str:
        """What was loosened because too little answered the words as written."""
        words = self.search.words
        if not words.is_loose:
            return ""
        held = (
            "au moins un"
            if words.is_any
            else "l’essentiel, un mot rare comptant plus qu’un mot courant"
        )
        if words.near:
            held += f" ; comptent aussi {quotes(words.near)}"
        if self.search.said.unfaceted_total:
            return (
                "Peu de fiches contiennent tous vos mots : s’y ajoutent celles qui en contiennent "
                f"{held}."
            )
        return f"Aucune fiche ne contient tous vos mots. Voici celles qui en contiennent {held}."

    @property
    def widened(self) -> str:
        """What was added because few records hold the words as written."""
        words = self.search.words
        if words.is_loose:
            return ""
        terms, kin, near = (quotes(told) for told in (words.terms, words.kin, words.near))
        held = [
            *([f"celles classées {terms}"] if terms else []),
            *([f"celles qui ont un mot de la même famille que {kin}"] if kin else []),
            *([f"celles qui parlent de {near}"] if near else []),
        ]
        if not held:
            return ""
        if near and self.search.said.unfaceted_total >= ENOUGH:
            return f"Aux fiches qui contiennent vos mots s’ajoutent {' et '.join(held)}."
        if self.search.said.unfaceted_total:
            return f"Peu de fiches contiennent vos mots : s’y ajoutent {' et '.join(held)}."
        return f"Aucune fiche ne contient vos mots. Voici {' et '.join(held)}."

    # --- facets -------------------------------------------------------------------------------

    @cached_property
    def groups(self) -> list[Group]:
        return [g for facet in FACETS if (g := self._group(facet)).options]

    def _group(self, facet: Facet) -> Group:
        chosen = set(self.search.criteria.chosen.get(facet.name, ()))
        counts = dict.fromkeys(chosen, 0) | self.search.facets.get(facet.name, {})
        if facet.vocabulary:
            known = [t for t in self.search.terms if t.vocabulary == facet.vocabulary]
            options = search_options.of_terms(known, counts, chosen)
        elif facet.column == "territory_ids":
            options = search_options.of_zones(self.zones, counts, chosen)
        else:
            labels = {code: self.label(facet, code) for code in counts}
            options = search_options.plain(labels, counts, chosen)
        return search_options.group(facet, options, is_open=bool(chosen) or facet.name in OPEN)

    # --- links --------------------------------------------------------------------------------

    @cached_property
    def active(self) -> list[Chosen]:
        """All that is asked, each with the address that removes it."""
        asked, url = self.search.criteria, self.search.url
        found = [Chosen(quoted(asked.words), url(q=self._place_words))] if asked.words else []
        if place := search_understood.place_label(asked):
            as_place = f"Comme lieu : {place}" if self.place else place
            found.append(Chosen(as_place, url(**search_understood.place_removed(asked))))
        found += self.filters
        if not asked.reads_places:
            found.append(Chosen("Lieux cherchés dans le texte", url(lieux=None)))
        if not asked.corrects:
            found.append(Chosen("Mots tels qu’ils sont écrits", url(corriger=None)))
        return found

    @cached_property
    def filters(self) -> list[Chosen]:
        """What narrows the search beside its words and its place."""
        asked, url = self.search.criteria, self.search.url
        found: list[Chosen] = []
        for facet in FACETS:
            codes = asked.chosen.get(facet.name, ())
            found += [
                Chosen(self.told(facet, code), url(**{facet.name: _without(codes, code)}))
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
    def _place_words(self) -> str:
        """The query without its words but its place."""
        found = self.search.criteria.in_text
        return found.written if found and found.place.territory else ""

    @property
    def place(self) -> search_understood.Reading | None:
        return search_understood.place_in_text(self.search)

    @property
    def very_place(self) -> search_understood.Reading | None:
        return search_understood.very_place(self.search)

    @property
    def is_nearest_first(self) -> bool:
        """Whether the nearest come first without having been asked to: only a place is given."""
        return self.search.criteria.sort == "distance" and not self.search.criteria.sort_asked

    @property
    def correction(self) -> search_understood.Reading | None:
        return search_understood.correction(self.search)

    @property
    def proposal(self) -> search_understood.Reading | None:
        return search_understood.proposal(self.search)

    @property
    def radii(self) -> list[search_understood.Radius]:
        return search_understood.radii(self.search.criteria)

    @cached_property
    def nearest(self) -> list[Link]:
        """What gives results when nothing answers, each with its address."""
        return [
            Link(
                f"{each.label} : {counted(each.total, 'innovation')}",
                self.search.url(**each.changes),
            )
            for each in search_nearest.relaxations(self.search)
        ]

    @property
    def tabs(self) -> list[Link]:
        return [
            Link(label, self.search.url(vue=view), view == self.search.criteria.view, ICONS[view])
            for view, label in VIEWS.items()
        ]

    @property
    def sorts(self) -> list[tuple[str, str, bool]]:
        """(value, label, whether it is chosen); the order that words or a place have by themselves
        has no value, so that the form does not keep it for another question."""
        asked = self.search.criteria
        return [
            ("" if code == asked.default_sort else code, label, code == asked.sort)
            for code, label in SORTS.items()
            if code != "distance" or asked.centre
        ]

    @property
    def place_links(self) -> list[Link]:
        """The places the visitor may have meant, each with its search."""
        asked = self.search.criteria
        changes = search_understood.place_removed(asked)
        return [
            Link(
                candidate_label(territory),
                self.search.url(**changes | {"territoire": parameter(territory)}),
            )
            for territory in self.asked_place.others
        ]

    @property
    def asked_place(self) -> PlaceAnswer:
        """What was made of the place, beside the text or in it."""
        asked = self.search.criteria
        return asked.in_text.place if asked.in_text else asked.place

    @property
    def box(self) -> str:
        return "".join(self.search.parameters().get("bbox", []))

    @property
    def point(self) -> str:
        return "".join(self.search.parameters().get("autour", []))

    @property
    def canonical(self) -> str:
        """The one address of these results, whatever the way they are shown or sorted."""
        page = self.search.page if self.search.page > 1 else None
        return self.search.url(**dict.fromkeys(SHOWING), page=page)

    @property
    def permalink(self) -> str:
        """The address to share: these results, shown and sorted as they are, from the first."""
        return self.search.url(page=None)

    @property
    def feed(self) -> str:
        """The address of the Atom feed: its order is its own."""
        query = self.search.query_string(vue=None, tri=None, varier=None, page=None)
        return reverse("innovations:feed") + (f"?{query}" if query else "")

    @property
    def embed(self) -> str:
        """The page that gives the code of the frame."""
        query = self.search.query_string(page=None)
        return reverse("innovations:embed") + (f"?{query}" if query else "")

    @property
    def map_query(self) -> str:
        """The query string that points and files answer: all the results, whatever the page,
        without what the page said that it could not use."""
        changes: dict[str, str | None] = {**dict.fromkeys(SHOWING), "page": None}
        if self.search.criteria.place.is_unused:
            changes["lieu"] = None
        if self.search.unread:
            changes["q"] = self._place_words
        return self.search.query_string(**changes)

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
        shown = min(self.search.total, self.search.pages * PAGE_SIZE)
        paginator = Paginator(range(shown), PAGE_SIZE)
        page = paginator.page(self.search.page)
        page.pages_list = list(  # type: ignore[attr-defined]
            paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
        )
        return page


def quotes(told: Iterable[str]) -> str:
    """« lien social », « entraide »."""
    return ", ".join(f"« {each} »" for each in told)


def _without(codes: tuple[str, ...], removed: str) -> list[str]:
    return [code for code in codes if code != removed]
