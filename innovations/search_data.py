"""The figures of a search: one table per question, drawn as a chart and given as CSV."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from carrefour.charts import MOST_YEARS, Column, ColumnChart, column_chart
from carrefour.french import counted, grouped
from innovations.models import Term
from innovations.search import InnovationSearch
from innovations.search_criteria import TABLES
from innovations.search_facets import BY_NAME
from innovations.search_page import SearchPage
from innovations.search_place import zones

# How many bars are drawn, unless so few more would be left out.
MOST_BARS, FEW_MORE = 15, 3
ORDER = (
    "theme", "public", "methode", "annee", "region", "departement", "partenaire", "nature",
    "maturite", "portee", "ressource", "dependance", "commun", "reprise", "essaimee", "diffusion",
    "forme",
)  # fmt: skip
WIDE = ("theme", "annee")
TITLES = {
    "theme": "Par thème", "public": "Par public", "methode": "Par méthode", "region": "Par région",
    "departement": "Par département", "annee": "Par année de démarrage",
    "partenaire": "Par source", "nature": "Par nature", "maturite": "Par maturité",
    "portee": "Par portée", "ressource": "Par ressource du modèle économique",
    "dependance": "Par dépendance aux subventions",
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
class Table:
    """The records of each value; ``unknown`` have none."""

    name: str
    bars: tuple[Bar, ...]
    total: int
    unknown: int
    csv: str

    unit = "Fiches"

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
        is_whole = self.name == "annee" or len(self.bars) <= MOST_BARS + FEW_MORE
        return self.bars if is_whole else self.bars[:MOST_BARS]

    @cached_property
    def chart(self) -> ColumnChart:
        """The last years as columns, years without a record too."""
        return column_chart({int(bar.code): bar.count for bar in self.bars})

    @property
    def columns(self) -> list[tuple[Bar, Column]]:
        """Each column of the chart, with what it leads to."""
        known = {int(bar.code): bar for bar in self.bars}
        return [(known[column.year], column) for column in self.chart.columns]

    @property
    def notes(self) -> list[str]:
        """What the drawing does not say."""
        found = []
        if self.name == "annee" and (before := len(self.bars) - len(self.columns)):
            found.append(
                f"Le graphique montre les {MOST_YEARS} dernières années ; le tableau donne aussi "
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
        """Collectivités stand with the départements. The code of a région is left to the file: it
        would be taken for the number of a département."""
        is_numbered = name == "departement"
        rows = [
            (
                f"{place.name} ({place.code})" if is_numbered else place.name,
                code,
                n,
                self._url(territoire=code, lieu=None),
            )
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
    """« 12 % », « moins de 1 % », « plus de 99 % »: neither none nor all when it is not."""
    share = part * 100 / total
    if 0 < share < 1:
        return "moins de 1\u00a0%"
    return "plus de 99\u00a0%" if 99 < share < 100 else f"{share:.0f}\u00a0%"


def _is_top(term: Term, vocabulary: str) -> bool:
    return term.vocabulary == vocabulary and term.parent_id is None
