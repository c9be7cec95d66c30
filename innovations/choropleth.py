"""The results by département, coloured in classes: how many records, or how many per inhabitant."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil

from carrefour.french import counted, grouped
from innovations.search import InnovationSearch
from innovations.search_criteria import MEASURES, TABLE_ORDERS
from territories import svg
from territories.kinds import Kind
from territories.models import Territory

CLASSES = 5
INHABITANTS = 100_000
ANCHOR = "#departements"


@dataclass(frozen=True)
class Departement:
    """A département or collectivité: its records, and how many for 100 000 inhabitants."""

    kind: str
    code: str
    name: str
    name_key: str
    path: str
    count: int
    population: int | None
    url: str

    @property
    def key(self) -> str:
        return f"{self.kind}-{self.code}"

    @property
    def rate(self) -> float | None:
        """None where the population is not known."""
        return round(self.count * INHABITANTS / self.population, 2) if self.population else None

    @property
    def inhabitants(self) -> str:
        return grouped(self.population) if self.population else "–"

    @property
    def told_rate(self) -> str:
        return "–" if self.rate is None else decimal(self.rate)


@dataclass(frozen=True)
class Shaded:
    """A département as drawn: ``shade`` is its colour, 0 for no record; ``told`` says its value."""

    departement: Departement
    shade: int
    told: str


@dataclass(frozen=True)
class Heading:
    """The heading of a column, and the address of the table sorted by it."""

    label: str
    url: str
    sort: str = ""


class Choropleth:
    """The map of a search by département, its legend and its table."""

    def __init__(self, search: InnovationSearch) -> None:
        self.search = search
        self.is_per_head = search.criteria.measure == "habitants"
        self.viewbox, self.frames = svg.viewbox(), svg.frames()

    @cached_property
    def departements(self) -> list[Departement]:
        counts = self.search.spread.get("departement", {})
        known = {
            f"{kind}-{code}": (name_key, population)
            for kind, code, name_key, population in Territory.objects.of_kind(
                Kind.DEPARTEMENT, Kind.COLLECTIVITE
            ).values_list("kind", "code", "name_key", "population")
        }
        found = []
        for drawn in svg.departement_paths():
            key = f"{drawn['kind']}-{drawn['code']}"
            name_key, population = known.get(key, (drawn["name"], None))
            found.append(
                Departement(
                    drawn["kind"],
                    drawn["code"],
                    drawn["name"],
                    name_key,
                    drawn["d"],
                    counts.get(key, 0),
                    population,
                    self.search.url(territoire=key, lieu=None),
                )
            )
        return found

    # --- classes ------------------------------------------------------------------------------

    def value(self, departement: Departement) -> float | None:
        return departement.rate if self.is_per_head else departement.count

    @cached_property
    def values(self) -> list[float]:
        return sorted(v for d in self.departements if (v := self.value(d)))

    @cached_property
    def bounds(self) -> list[float]:
        return quantiles(self.values, CLASSES)

    def shade(self, value: float | None) -> int:
        """0 for none, else 1 to 5; fewer classes keep the contrast of five."""
        if not value:
            return 0
        rank, last = bisect_left(self.bounds, value), len(self.bounds) - 1
        return 1 + round(rank * (CLASSES - 1) / last) if last else 3

    @cached_property
    def shaded(self) -> list[Shaded]:
        return [
            Shaded(d, self.shade(self.value(d)), self.told(d))
            for d in sorted(self.departements, key=lambda d: d.name_key)
        ]

    def told(self, departement: Departement) -> str:
        """« Finistère : 12 fiches », or « Finistère : 1,32 pour 100 000 habitants »."""
        if not self.is_per_head:
            said = counted(departement.count, "fiche") if departement.count else "aucune fiche"
        elif departement.rate is None:
            said = "population inconnue"
        else:
            said = f"{decimal(departement.rate)} pour 100 000 habitants"
        return f"{departement.name} : {said}"

    @cached_property
    def legend(self) -> list[tuple[int, str]]:
        """(shade, the values it stands for)."""
        classes: dict[int, list[float]] = {}
        for value in self.values:
            classes.setdefault(self.shade(value), []).append(value)
        return [(0, "Aucune fiche")] + [
            (shade, between(held[0], held[-1])) for shade, held in sorted(classes.items())
        ]

    # --- table --------------------------------------------------------------------------------

    @cached_property
    def rows(self) -> list[Departement]:
        """The départements in the order asked."""
        order = ORDERS[self.order]
        return sorted(self.departements, key=lambda d: (order(d), d.name_key))

    @property
    def order(self) -> str:
        """That of the visitor, else that of what is measured."""
        return self.search.criteria.table_order or ("taux" if self.is_per_head else "nombre")

    @property
    def headings(self) -> list[Heading]:
        return [
            Heading(
                label,
                self.search.url(ordre=name, page=self.search.page) + ANCHOR,
                ("ascending" if name == "nom" else "descending") if name == self.order else "",
            )
            for name, label in TABLE_ORDERS.items()
        ]

    @property
    def measures(self) -> list[tuple[str, str, bool]]:
        """(label, address, whether it is shown) of each measure."""
        default = next(iter(MEASURES))
        return [
            (
                label,
                self.search.url(mesure=None if name == default else name, ordre=None) + ANCHOR,
                name == self.search.criteria.measure,
            )
            for name, label in MEASURES.items()
        ]

    @property
    def elsewhere(self) -> str:
        """What the map by département does not hold."""
        silent = self.search.total - self.search.spread.get("known", {}).get("departement", 0)
        if not silent:
            return ""
        return (
            f"{counted(silent, 'fiche')} sans département connu : région ou France entière, "
            "ou lieu non précisé."
        )


ORDERS: dict[str, Callable[[Departement], float | str]] = {
    "nom": lambda d: d.name_key,
    "nombre": lambda d: -d.count,
    "population": lambda d: -(d.population or 0),
    "taux": lambda d: -(d.rate or 0),
}


def quantiles(values: Sequence[float], number: int) -> list[float]:
    """The highest value of each class, of as many values each; equal values stay together."""
    last = len(values)
    return sorted(
        {values[ceil(last * n / number) - 1] for n in range(1, number + 1)} if last else ()
    )


def decimal(value: float) -> str:
    """« 1 204 », « 12,5 » or « 0,32 »: as many decimals as its size deserves."""
    if value == int(value):
        return grouped(int(value))
    return f"{value:.{1 if value >= 10 else 2}f}".replace(".", ",")


def between(low: float, high: float) -> str:
    return decimal(low) if low == high else f"{decimal(low)} à {decimal(high)}"
