"""A query string read into checked criteria; whatever cannot be used is told, never dropped."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from carrefour.text import one_line
from innovations.models import Term
from innovations.search_facets import FACETS, Facet, partner_names
from innovations.search_map import Box
from innovations.search_place import PlaceAnswer, answer_code, answer_text, zones
from innovations.taxonomy import standing_for
from territories.models import Territory

MAX_TEXT = 200
MAX_PAGE = 10_000
YEARS = (1800, 2100)
SORTS = {"pertinence": "Pertinence", "recentes": "Plus récentes", "titre": "Titre (A à Z)"}
VARIED = {"oui": "Sources et territoires alternés", "non": "Strict ordre de pertinence"}
VIEWS = {"liste": "Liste", "carte": "Carte", "donnees": "Données"}
MEASURES = {"nombre": "Nombre de fiches", "habitants": "Pour 100 000 habitants"}
TABLE_ORDERS = {
    "nom": "Département", "nombre": "Fiches", "population": "Habitants",
    "taux": "Pour 100\u202f000 hab.",
}  # fmt: skip
# The tables of the results in figures, each a chart of the page and a CSV file.
TABLES = {
    **{facet.name: facet.label for facet in FACETS if facet.name != "zone"},
    "annee": "Année de démarrage",
    "region": "Région",
    "departement": "Département",
}


@dataclass(frozen=True)
class Criteria:
    """What is asked, every value known to exist; ``notices`` say what was left aside and why."""

    text: str = ""
    place: PlaceAnswer = field(default_factory=PlaceAnswer)
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    year_from: int | None = None
    year_to: int | None = None
    box: Box | None = None
    sort: str = "pertinence"
    view: str = "liste"
    measure: str = "nombre"
    table_order: str = ""
    table: str = ""
    page: int = 1
    is_varied: bool = True
    zones: Mapping[str, Territory] = field(default_factory=dict)
    notices: tuple[str, ...] = ()


class Reading:
    """One query string being read; gathers the notices on the way."""

    def __init__(self, query: QueryDict, terms: Iterable[Term]) -> None:
        self.query = query
        self.terms = {(t.vocabulary, t.code) for t in terms}
        self.notices: list[str] = []
        self.zones: dict[str, Territory] = {}

    def criteria(self) -> Criteria:
        year_from, year_to = self.year("annee_min"), self.year("annee_max")
        if year_from and year_to and year_from > year_to:
            year_from, year_to = year_to, year_from
        return Criteria(
            text=self.text("q"),
            place=self.place(),
            chosen={f.name: codes for f in FACETS if (codes := self.codes(f))},
            year_from=year_from,
            year_to=year_to,
            box=self.box(),
            sort=self.one_of("tri", SORTS, "pertinence"),
            view=self.one_of("vue", VIEWS, "liste"),
            measure=self.one_of("mesure", MEASURES, "nombre"),
            table_order=self.one_of("ordre", TABLE_ORDERS, ""),
            table=self.one_of("tableau", TABLES, ""),
            page=self.page(),
            is_varied=self.one_of("varier", VARIED, "oui") == "oui",
            zones=self.zones,
            notices=tuple(self.notices),
        )

    def text(self, name: str) -> str:
        written = one_line(self.query.get(name, "").replace("\x00", " "))
        if len(written) > MAX_TEXT:
            self.notices.append(
                f"Votre recherche était trop longue : seuls ses {MAX_TEXT} premiers caractères "
                "ont été lus."
            )
        return written[:MAX_TEXT]

    def place(self) -> PlaceAnswer:
        """The territory asked by code, unless the text beside it names another place."""
        known = PlaceAnswer()
        if asked := self.text("territoire"):
            known = answer_code(asked)
            if known.territory is None:
                self.notices.append(f"Le territoire « {asked} » n’existe pas : il a été ignoré.")
        written = self.text("lieu")
        if not written or known.is_written(written):
            return known
        return answer_text(written)

    def codes(self, facet: Facet) -> tuple[str, ...]:
        asked = dict.fromkeys(
            one_line(v.replace("\x00", "")) for v in self.query.getlist(facet.name)
        )
        asked.pop("", None)
        known = self._known(facet, list(asked))
        if facet.vocabulary and (others := [code for code in asked if code not in known]):
            today = standing_for(others, facet.vocabulary)
            known |= set(today.values())
            asked = dict.fromkeys(today.get(code, code) for code in asked)
        for unknown in [code for code in asked if code not in known]:
            self.notices.append(
                f"Le filtre « {facet.label} : {unknown[:60]} » n’existe pas : il a été ignoré."
            )
        return tuple(code for code in asked if code in known)

    def _known(self, facet: Facet, asked: list[str]) -> set[str]:
        if facet.vocabulary:
            return {code for code in asked if (facet.vocabulary, code) in self.terms}
        if facet.choices:
            return set(asked) & set(facet.choices.values)
        if facet.column == "territory_ids":
            self.zones = zones(asked)
            return set(self.zones)
        return set(partner_names(asked))

    def year(self, name: str) -> int | None:
        written = self.text(name)
        if not written:
            return None
        if written.isascii() and written.isdigit() and YEARS[0] <= int(written[:9]) <= YEARS[1]:
            return int(written)
        self.notices.append(
            f"« {written[:30]} » n’est pas une année comprise entre {YEARS[0]} et {YEARS[1]} : "
            "ce critère a été ignoré."
        )
        return None

    def box(self, name: str = "bbox") -> Box | None:
        """West, south, east, north in degrees."""
        written = self.text(name)
        if not written:
            return None
        try:
            west, south, east, north = (float(part) for part in written.split(","))
        except ValueError:
            west = south = east = north = math.nan
        if -180 <= west < east <= 180 and -90 <= south < north <= 90:
            return west, south, east, north
        self.notices.append("La zone de carte demandée n’est pas lisible : elle a été ignorée.")
        return None

    def one_of(self, name: str, known: Mapping[str, Any], default: str) -> str:
        written = self.text(name)
        if not written or written in known:
            return written or default
        self.notices.append(
            f"« {written[:30]} » n’est pas une valeur connue pour « {name} » : elle a été ignorée."
        )
        return default

    def page(self) -> int:
        written = self.text("page")
        if not written:
            return 1
        if written.isascii() and written.isdigit() and 1 <= int(written[:9]) <= MAX_PAGE:
            return int(written)
        self.notices.append(f"La page « {written[:30]} » n’existe pas : voici la première.")
        return 1
