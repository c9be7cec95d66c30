"""The figures of a search: one table per question, drawn as a chart and given as CSV."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from carrefour.french import counted, grouped
from innovations.models import Term
from innovations.search import InnovationSearch
from innovations.search_criteria import TABLES
from innovations.search_facets import BY_NAME
from innovations.search_page import SearchPage
from innovations.search_place import zones

MOST_BARS = 15
# Years drawn; the table gives those before.
YEARS = 40
HEIGHT, GAP = 160, 1
ORDER = (
    "theme", "public", "methode", "annee", "region", "departement", "partenaire", "nature",
    "maturite", "portee", "ressource", "commun", "reprise", "essaimee", "diffusion", "forme",
)  # fmt: skip
WIDE = ("theme", "annee")
TITLES = {
    "theme": "Par thème", "public": "Par public", "methode": "Par méthode", "region": "Par région",
    "departement": "Par département", "annee": "Par année de démarrage",
    "partenaire": "Par source", "nature": "Par nature", "maturite": "Par maturité",
    "portee": "Par portée", "ressource": "Par ressource du modèle économique",
    "essaimee": "Essaimage", "diffusion": "Par forme de diffusion déclarée",
    "commun": "Communs", "reprise": "Conditions de reprise", "forme": "Par forme juridique",
}  # fmt: skip
# A record may have several values: they do not add up.
SEVERAL = {
    "theme",
    "public",
    "methode",
    "region",
    "departement",
    "partenaire",
    "ressource",
    "diffusion",
}


@dataclass(frozen=True)
class Bar:
    """``share``: length of the bar, in percent of the longest, as SVG writes it."""

    label: str
    code: str
    count: int
    url: str
    share: str = "0%"


@dataclass(frozen=True)
class Column:
    """A year drawn: its column stands on the bottom of the drawing."""

    bar: Bar
    x: int
    y: float
    height: float


@dataclass(frozen=True)
class Table:
    """The records of each value; ``unknown`` have none."""

    name: str
    bars: tuple[Bar, ...]
    total: int
    unknown: int
    csv: str

    @property
    def title(self) -> str:
        return TITLES[self.name]

    @property
    def heading(self) -> str:
        return TABLES[self.name]

    @property
    def is_wide(self) -> bool:
        return self.name in WIDE

    @property
    def first(self) -> tuple[Bar, ...]:
        """What is drawn: all the years of a table, the first values of the others."""
        return self.bars if self.name == "annee" else self.bars[:MOST_BARS]

    @cached_property
    def columns(self) -> list[Column]:
        """The last years, one column each, years without a record too."""
        known = {int(bar.code): bar for bar in self.bars}
        last = max(known)
        years = range(max(min(known), last - YEARS + 1), last + 1)
        most = max(bar.count for year, bar in known.items() if year in years)
        return [
            Column(known[year], rank, round(HEIGHT - height, 1), round(height, 1))
            for rank, year in enumerate(years)
            if year in known and (height := max(2.0, known[year].count * HEIGHT / most))
        ]

    @property
    def last_year(self) -> str:
        return self.bars[-1].label

    @property
    def span(self) -> int:
        """How many years the drawing is wide."""
        return self.columns[-1].x + 1

    @property
    def notes(self) -> list[str]:
        """What the drawing does not say."""
        found = []
        if self.name == "annee" and (before := len(self.bars) - len(self.columns)):
            found.append(
                f"Le graphique montre les {YEARS} dernières années ; le tableau donne aussi "
                f"{counted(before, 'année plus ancienne', 'années plus anciennes')}."
            )
        if len(self.bars) > len(self.first):
            found.append(
                f"Les {MOST_BARS} premiers sur {grouped(len(self.bars))} ; "
                "le fichier CSV les donne tous."
            )
        if self.unknown > 0:
            found.append(
                f"Non renseigné : {counted(self.unknown, 'fiche')} "
                f"({percent(self.unknown, self.total)})."
            )
        return found

    def rows(self) -> Iterator[list[Any]]:
        """The lines of the file, its heading first."""
        yield [self.heading, "Code", "Fiches", "Part des fiches (%)"]
        for bar in self.bars:
            yield [bar.label, bar.code, bar.count, round(bar.count * 100 / self.total, 2)]
        yield [
            "Non renseigné",
            "",
            self.unknown,
            round(self.unknown * 100 / self.total, 2) if self.total else 0,
        ]


class Figures:
    """The tables of one search."""

    def __init__(self, search: InnovationSearch, page: SearchPage) -> None:
        self.search, self.page = search, page

    @property
    def tables(self) -> list[Table]:
        """By theme, public, method, year, territory, source and so on: those that hold a value."""
        return [table for name in ORDER if (table := self.table(name)).bars]

    def table(self, name: str) -> Table:
        labelled = {
            "annee": self._years,
            "region": self._territories,
            "departement": self._territories,
        }.get(name, self._values)(name)
        drawn = bars(labelled)
        total = self.search.total
        known = (
            self.search.spread.get("known", {}).get(name, 0)
            if name in SEVERAL
            else sum(bar.count for bar in drawn)
        )
        csv = self.search.url(vue="donnees", tableau=name)
        return Table(name, drawn, total, max(0, total - known), csv)

    def _values(self, name: str) -> list[tuple[str, str, int, str]]:
        facet = BY_NAME[name]
        counts: Mapping[str, int] = self.search.figures.get(name, {})
        if facet.vocabulary:
            tops = {t.code for t in self.search.terms if _is_top(t, facet.vocabulary)}
            counts = {code: n for code, n in counts.items() if code in tops}
        rows = [
            (self.page.label(facet, code), code, n, self._url(**{name: [code]}))
            for code, n in counts.items()
        ]
        return sorted(rows, key=lambda row: (-row[2], row[0]))

    def _years(self, name: str) -> list[tuple[str, str, int, str]]:
        counts = self.search.figures.get(name, {})
        return [
            (year, year, counts[year], self._url(annee_min=year, annee_max=year))
            for year in sorted(counts, key=int)
        ]

    def _territories(self, name: str) -> list[tuple[str, str, int, str]]:
        """Collectivités stand with the départements."""
        rows = [
            (f"{place.name} ({place.code})", code, n, self._url(territoire=code, lieu=None))
            for code, n in self._counted(name).items()
            if (place := self._places.get(code))
        ]
        return sorted(rows, key=lambda row: (-row[2], row[0]))

    def _counted(self, name: str) -> dict[str, int]:
        if name == "departement":
            return self.search.figures.get("departement", {})
        counts = self.search.figures.get("zone", {})
        return {code: n for code, n in counts.items() if code.startswith("region-")}

    @cached_property
    def _places(self) -> Mapping[str, Any]:
        return zones([*self._counted("region"), *self._counted("departement")])

    def _url(self, **changes: Any) -> str:
        return self.search.url(vue="donnees", tableau=None, **changes)


def bars(labelled: Sequence[tuple[str, str, int, str]]) -> tuple[Bar, ...]:
    """Bars of (label, code, count, url), their lengths in proportion."""
    longest = max((count for _, _, count, _ in labelled), default=1) or 1
    return tuple(
        Bar(label, code, count, url, f"{count * 100 / longest:.1f}%")
        for label, code, count, url in labelled
    )


def percent(part: int, total: int) -> str:
    """« 12 % », « moins de 1 % »."""
    share = part * 100 / total
    return "moins de 1\u00a0%" if 0 < share < 1 else f"{share:.0f}\u00a0%"


def _is_top(term: Term, vocabulary: str) -> bool:
    return term.vocabulary == vocabulary and term.parent_id is None
