"""A query string read into checked criteria; whatever cannot be used is told, never dropped."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import QueryDict

from carrefour.text import one_line, well_formed, whole_number
from innovations.models import Term
from innovations.query_place import MOST_KILOMETRES, RADIUS, QueryPlace, understood
from innovations.search_facets import FACETS, Facet, partner_names
from innovations.search_map import FIRST_ZOOM, Box
from innovations.search_place import PlaceAnswer, answer_code, answer_text, zones
from innovations.taxonomy import standing_for
from territories.kinds import Kind
from territories.models import Territory

MAX_TEXT = 200
MAX_PAGE = 10_000
MOST_NOTICES = 12
# Decimals of a degree: about a metre.
FINEST = 5
YEARS = (1800, 2100)
SORTS = {
    "pertinence": "Pertinence",
    "recentes": "Plus récentes",
    "titre": "Titre (A à Z)",
    "distance": "Distance",
}
READ = {"oui": "Compris", "non": "Laissé tel quel"}
RADII = (10, 30, 50, 100)
# What other readers of the same query string take, and what sites that link here add to it.
ELSEWHERE = {"cadre", "zoom", "fbclid", "gclid"}
ADDED = ("utm_", "mtm_", "pk_")
VARIED = {"oui": "Sources et territoires alternés", "non": "Strict ordre de pertinence"}
VIEWS = {"liste": "Liste", "carte": "Carte", "donnees": "Données"}
MEASURES = {"nombre": "Nombre de fiches", "habitants": "Pour 100 000 habitants"}
TABLE_ORDERS = {
    "nom": "Département", "nombre": "Fiches", "population": "Habitants",
    "taux": "Pour 100\u202f000 hab.",
}  # fmt: skip
# The tables of the results in figures, each a chart of the page and a CSV file.
TABLES = {
    **{facet.name: facet.of_one for facet in FACETS if facet.name != "zone"},
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
    in_text: QueryPlace | None = None
    # Kilometres added around the commune in the text because few records answer in it.
    added: int | None = None
    # The territory taken for the one in the text because nothing answers there, or all of France.
    larger: Territory | None = None
    is_anywhere: bool = False
    # What stood for a place in the text until no record was found there.
    released: str = ""
    point: tuple[float, float] | None = None
    radius_asked: int | None = None
    reads_places: bool = True
    corrects: bool = True
    sort_asked: str = ""
    view: str = "liste"
    measure: str = "nombre"
    table_order: str = ""
    table: str = ""
    page: int = 1
    is_varied: bool = True
    zones: Mapping[str, Territory] = field(default_factory=dict)
    notices: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What is searched in the records: the text without the place that stands in it."""
        known = self.in_text and self.in_text.place.territory
        return self.in_text.rest if self.in_text and known else self.text

    @property
    def territory(self) -> Territory | None:
        """The one asked beside the text, or the one that stands in it."""
        if self.is_larger:
            return self.larger
        return self.place.territory or (self.in_text.place.territory if self.in_text else None)

    @property
    def is_larger(self) -> bool:
        """Whether what answers is sought in more than the place of the text."""
        return self.is_anywhere or self.larger is not None

    @property
    def centre(self) -> tuple[float, float] | None:
        """Latitude and longitude of what distances are counted from."""
        if self.point:
            return self.point
        place = self.territory
        if place and place.latitude is not None and place.longitude is not None:
            return place.latitude, place.longitude
        return None

    @property
    def radius(self) -> int | None:
        """Kilometres around the centre; None when the very territory is asked."""
        if self.centre is None:
            return None
        if self.radius_asked is not None:
            return self.radius_asked or None
        if self.in_text and self.in_text.place.territory:
            return self.added or self.in_text.kilometres
        return RADIUS if self.point else None

    @property
    def default_sort(self) -> str:
        """The nearest first when only a place is asked, by relevance as soon as words are."""
        is_point = self.point is not None or self.radius is not None
        is_commune = self.territory is not None and self.territory.kind == Kind.COMMUNE
        is_place_alone = not self.words and self.centre is not None and (is_point or is_commune)
        return "distance" if is_place_alone else "pertinence"

    @property
    def sort(self) -> str:
        if self.sort_asked == "distance" and self.centre is None:
            # The place of the text was left since.
            return self.default_sort
        return self.sort_asked or self.default_sort

    @property
    def measures(self) -> bool:
        """Whether distances say something: not those from the middle of a région."""
        return self.radius is not None or self.sort == "distance"

    @property
    def is_around_territory(self) -> bool:
        """Whether the territory is the middle of what is asked, rather than what it covers."""
        return self.radius is not None and self.point is None


class Reading:
    """One query string being read; gathers the notices on the way."""

    def __init__(
        self, query: QueryDict, terms: Iterable[Term], besides: Iterable[str] = ()
    ) -> None:
        self.besides = {*ELSEWHERE, *besides}
        self.query = query
        self.terms = {(t.vocabulary, t.code) for t in terms}
        self.notices: list[str] = []
        self.zones: dict[str, Territory] = {}
        self.names: set[str] = set()

    def criteria(self) -> Criteria:
        year_from, year_to = self.year("annee_min"), self.year("annee_max")
        if year_from and year_to and year_from > year_to:
            year_from, year_to = year_to, year_from
        text, place, point = self.text("q"), self.place(), self.point()
        reads = self.one_of("lieux", READ, "oui") == "oui"
        is_free = reads and not place.written and not place.territory and not point
        criteria = Criteria(
            text=text,
            place=place,
            in_text=understood(text) if is_free else None,
            point=point,
            radius_asked=self.radius(),
            reads_places=reads,
            corrects=self.one_of("corriger", READ, "oui") == "oui",
            chosen={f.name: codes for f in FACETS if (codes := self.codes(f))},
            year_from=year_from,
            year_to=year_to,
            box=self.box(),
            sort_asked=self.one_of("tri", SORTS, ""),
            view=self.one_of("vue", VIEWS, "liste"),
            measure=self.one_of("mesure", MEASURES, "nombre"),
            table_order=self.one_of("ordre", TABLE_ORDERS, ""),
            table=self.one_of("tableau", TABLES, ""),
            page=self.page(),
            is_varied=self.one_of("varier", VARIED, "oui") == "oui",
            zones=self.zones,
        )
        return self.checked(criteria)

    def checked(self, criteria: Criteria) -> Criteria:
        """The criteria that go together, with the notices of all that was left aside."""
        if criteria.centre is None and criteria.radius_asked:
            self.notices.append(
                f"Le rayon de {criteria.radius_asked} km demande un lieu : il a été ignoré."
            )
            criteria = replace(criteria, radius_asked=None)
        if criteria.centre is None and criteria.sort_asked == "distance":
            self.notices.append("Le tri par distance demande un lieu : il a été ignoré.")
            criteria = replace(criteria, sort_asked="")
        if criteria.sort_asked == criteria.default_sort:
            # One address for one order.
            criteria = replace(criteria, sort_asked="")
        self.tell_unread()
        return replace(criteria, notices=tuple(self.notices))

    def tell_unread(self) -> None:
        facets = {facet.name for facet in FACETS}
        for name, values in self.query.lists():
            shown = one_line(well_formed(name))[:30]
            if name in self.names - facets and len(set(values)) > 1:
                self.notices.append(
                    f"Le paramètre « {shown} » est donné plusieurs fois : seule sa dernière valeur "
                    "a été lue."
                )
            if name not in self.names | self.besides and not name.startswith(ADDED):
                self.notices.append(f"Le paramètre « {shown} » n’existe pas : il a été ignoré.")
        if len(self.notices) > MOST_NOTICES:
            left = len(self.notices) - MOST_NOTICES
            self.notices[MOST_NOTICES:] = [f"{left} autres critères n’ont pas été compris."]

    def text(self, name: str) -> str:
        self.names.add(name)
        written = one_line(well_formed(self.query.get(name, "")))
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
        if "lieu" in self.query and not written:
            # The visitor emptied the box.
            return PlaceAnswer()
        if not written or known.is_written(written):
            return known
        return answer_text(written)

    def codes(self, facet: Facet) -> tuple[str, ...]:
        self.names.add(facet.name)
        asked = dict.fromkeys(one_line(well_formed(v)) for v in self.query.getlist(facet.name))
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
        if (found := whole_number(written, *YEARS)) is not None:
            return found
        self.notices.append(
            f"« {written[:30]} » n’est pas une année comprise entre {YEARS[0]} et {YEARS[1]} : "
            "ce critère a été ignoré."
        )
        return None

    def point(self) -> tuple[float, float] | None:
        """Latitude, longitude in degrees."""
        written = self.text("autour")
        if not written:
            return None
        try:
            latitude, longitude = (round(float(p), FINEST) for p in written.split(","))
        except (ValueError, OverflowError):
            latitude = longitude = math.nan
        if -90 <= latitude <= 90 and -180 <= longitude <= 180:
            return latitude, longitude
        self.notices.append("Le point demandé n’est pas lisible : il a été ignoré.")
        return None

    def radius(self) -> int | None:
        """Kilometres; 0 for none, whatever the text says."""
        written = self.text("rayon")
        if not written:
            return None
        if (found := whole_number(written, 0, MOST_KILOMETRES)) is not None:
            return found
        self.notices.append(
            f"« {written[:30]} » n’est pas un rayon de 1 à {MOST_KILOMETRES} km : il a été ignoré."
        )
        return None

    def box(self, name: str = "bbox") -> Box | None:
        """West, south, east, north in degrees."""
        written = self.text(name)
        if not written:
            return None
        try:
            west, south, east, north = (round(float(p), FINEST) for p in written.split(","))
        except (ValueError, OverflowError):
            west = south = east = north = math.nan
        if -180 <= west < east <= 180 and -90 <= south < north <= 90:
            return west, south, east, north
        self.notices.append("La zone de carte demandée n’est pas lisible : elle a été ignorée.")
        return None

    def zoom(self) -> int:
        """Of the map that asks; that of a first view when it does not say."""
        written = self.text("zoom")
        found = whole_number(written, 0, 99) if written else FIRST_ZOOM
        if found is None:
            self.notices.append(f"« {written[:30]} » n’est pas une échelle de carte.")
        return found or 0

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
        if (found := whole_number(written, 1, MAX_PAGE)) is not None:
            return found
        self.notices.append(f"La page « {written[:30]} » n’existe pas : voici la première.")
        return 1
