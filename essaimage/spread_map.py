"""Where it spreads, year after year: sites by département, drawn without JavaScript."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

from carrefour.french import counted
from essaimage import statistics
from essaimage.spreading import Told
from territories import svg

# Highest number of sites of each class but the last.
CLASSES = (1, 3, 6, 12)
MOST_STILLS = 12
SITES = ("site de reprise en activité", "sites de reprise en activité")


@dataclass(frozen=True)
class Zone:
    """A département or collectivité: its sites at the end of each year, and those to come."""

    key: str
    name: str
    code: str
    path: str
    x: int
    y: int
    counts: tuple[int, ...] = ()
    planned: int = 0
    harvested: int = 0
    shown: int = 0

    @property
    def shade(self) -> int:
        return shade(self.shown)

    @property
    def shades(self) -> str:
        """Its class for each year, as the slider reads them."""
        return ",".join(str(shade(count)) for count in self.counts)

    @property
    def sites(self) -> str:
        return ",".join(str(count) for count in self.counts)

    @property
    def is_used(self) -> bool:
        return bool(self.planned or self.harvested or any(self.counts))


@dataclass(frozen=True)
class Still:
    """One year drawn small: (key of the zone, shade) of those that have sites."""

    year: int
    running: int
    zones: tuple[tuple[str, int], ...]

    @property
    def told(self) -> str:
        sites = counted(self.running, *SITES)
        return f"Fin {self.year} : {sites}"


class SpreadMap:
    """``year``: the one drawn, the last without any; years go from the first beginning on.

    ``harvested``: {zone: places that the sources of a record name, no replication of it}.
    """

    def __init__(
        self,
        told: Sequence[Told],
        until: int,
        year: int | None = None,
        harvested: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self.told, self.viewbox, self.frames = told, svg.viewbox(), svg.frames()
        self.harvested = harvested
        first = statistics.over_time(told, until)
        self.years = [one.year for one in first]
        self.running = {one.year: one.running for one in first}
        self.asked, self.until = year, until

    @property
    def year(self) -> int | None:
        """The year drawn, within those that are known; None when nothing is dated."""
        if not self.years:
            return None
        return min(max(self.asked or self.years[-1], self.years[0]), self.years[-1])

    @property
    def rank(self) -> int:
        return self.years.index(self.year) if self.year in self.years else 0

    @cached_property
    def counts(self) -> dict[str, list[int]]:
        return statistics.zones_over_time(self.told, self.years)

    @cached_property
    def planned(self) -> Counter[str]:
        """Those that have not begun and are not given up, by zone."""
        waiting = {"envisagee", "en-preparation"}
        return Counter(
            one.zone for one in self.told if one.zone and not one.is_spread and one.state in waiting
        )

    @cached_property
    def zones(self) -> list[Zone]:
        return [self._zone(f"{d['kind']}-{d['code']}", d) for d in svg.departement_paths()]

    def _zone(self, key: str, drawn: svg.DrawnTerritory) -> Zone:
        x, y = svg.centres()[key]
        counts = tuple(self.counts.get(key, ()))
        return Zone(
            key=key,
            name=drawn["name"],
            code=drawn["code"],
            path=drawn["d"],
            x=x,
            y=y,
            counts=counts,
            planned=self.planned[key],
            harvested=self.harvested.get(key, 0),
            shown=counts[self.rank] if counts else 0,
        )

    @property
    def used(self) -> list[Zone]:
        return sorted((z for z in self.zones if z.is_used), key=lambda z: (-z.shown, z.code))

    @property
    def waiting(self) -> list[Zone]:
        return [zone for zone in self.zones if zone.planned or zone.harvested]

    @cached_property
    def stills(self) -> list[Still]:
        """One picture a year, or every few years when they are many; the last year is there."""
        every = -(-len(self.years) // MOST_STILLS)
        chosen = [y for y in self.years if (self.years[-1] - y) % every == 0] if every else []
        return [
            Still(
                year,
                self.running[year],
                tuple(
                    (key, shade(counts[rank]))
                    for key, counts in self.counts.items()
                    if counts[rank := self.years.index(year)]
                ),
            )
            for year in chosen
        ]

    @property
    def told_years(self) -> str:
        """What the slider says of each year, one after the other, parted by « | »."""
        return "|".join(self.told_of(year) for year in self.years)

    def told_of(self, year: int) -> str:
        rank = self.years.index(year)
        places = sum(bool(counts[rank]) for counts in self.counts.values())
        sites = counted(self.running[year], *SITES)
        where = counted(places, "département", "départements")
        when = "Aujourd’hui" if year == self.until else f"Fin {year}"
        return f"{when} : {sites}, dans {where}"

    @property
    def told_year(self) -> str:
        return self.told_of(self.year) if self.year else ""

    @property
    def unplaced(self) -> int:
        """Spread ones that no département can show: a wider territory, or none."""
        return sum(one.is_spread and not one.zone for one in self.told)

    @property
    def notes(self) -> list[str]:
        found = []
        if missing := statistics.undated(self.told):
            verb = "n’y figure pas" if missing < 2 else "n’y figurent pas"
            found.append(f"{counted(missing, 'reprise')} sans date connue {verb}.")
        if unplaced := self.unplaced:
            verb = "ne vise" if unplaced < 2 else "ne visent"
            found.append(
                f"{counted(unplaced, 'reprise commencée', 'reprises commencées')} {verb} aucun "
                "département en particulier."
            )
        return found

    def legend(self) -> list[tuple[int, str]]:
        """(shade, the number of sites that it stands for)."""
        bounds = [0, *CLASSES]
        labels = [
            str(high) if high == low + 1 else f"{low + 1} {'ou' if high == low + 2 else 'à'} {high}"
            for low, high in zip(bounds, CLASSES, strict=False)
        ]
        return [(0, "Aucun"), *enumerate([*labels, f"Plus de {CLASSES[-1]}"], start=1)]

    def rows(self) -> Iterator[list[Any]]:
        """The lines of the file: each département, each year with sites."""
        yield [
            "Département ou collectivité",
            "Code",
            "Année",
            "Sites de reprise en activité au 31 décembre",
        ]
        for zone in self.used:
            for year, count in zip(self.years, zone.counts, strict=False):
                if count:
                    yield [zone.name, zone.code, year, count]


def shade(number: int) -> int:
    """The class of a number: 0 for none, then 1 to 5."""
    return bisect_left(CLASSES, number) + 1 if number else 0
