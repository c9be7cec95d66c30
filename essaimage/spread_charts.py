"""The charts of what spreads: each a table that draws itself, and a CSV file."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import sqrt
from typing import Any

from carrefour.charts import LineChart, count_chart
from carrefour.french import counted, grouped
from essaimage import statistics
from essaimage.models import (
    Adaptation,
    Approach,
    DiffusionForm,
    Extent,
    PublicRole,
    ReplicationState,
    Strategy,
)
from essaimage.spreading import Told
from essaimage.statistics import UNKNOWN, Cell, Values, Year
from innovations.search_data import Bar, bars, percent

NOT_SAID = "Non renseigné"
# Radius of the largest bubble of a crossing, and the least that is seen.
RADIUS, LEAST = 18.0, 3.0
NOTHING = Cell(0, 0, 0, 0)


@dataclass(frozen=True)
class Bars:
    """Replications by value, in the shape of ``components/bar_chart.html``."""

    name: str
    title: str
    heading: str
    first: tuple[Bar, ...]
    notes: tuple[str, ...]
    csv: str
    total: int
    unknown: int
    unit: str = "Reprises"

    def rows(self) -> Iterator[list[Any]]:
        yield [self.heading, "Code", self.unit]
        for bar in self.first:
            yield [bar.label, bar.code, bar.count]
        yield [NOT_SAID, "", self.unknown]


@dataclass(frozen=True)
class Drawn:
    """A cell as drawn: the outline is all its projects, the disc those that spread."""

    cell: Cell
    outline: float
    disc: float

    @property
    def is_empty(self) -> bool:
        return not self.cell.projects_spread + self.cell.projects_told

    @property
    def told(self) -> str:
        """« 2 projets repris, 1 en attente » for who does not see the bubble."""
        parts = []
        if self.cell.projects_spread:
            parts.append(counted(self.cell.projects_spread, "repris", "repris"))
        if self.cell.projects_told:
            parts.append(f"{grouped(self.cell.projects_told)} pas encore")
        return ", ".join(parts) or "aucun"


@dataclass(frozen=True)
class Crossing:
    """Projects by two questions; ``lines``: (label, code, cells in the order of ``columns``)."""

    name: str
    title: str
    row_heading: str
    column_heading: str
    columns: tuple[tuple[str, str], ...]
    lines: tuple[tuple[str, str, tuple[Drawn, ...]], ...]
    notes: tuple[str, ...]
    csv: str

    def rows(self) -> Iterator[list[Any]]:
        yield [
            self.row_heading, "Code", self.column_heading, "Code",
            "Projets repris ailleurs", "Projets dont aucune reprise n’a commencé",
            "Reprises commencées", "Reprises pas commencées",
        ]  # fmt: skip
        for row_label, row, cells in self.lines:
            for (column_label, column), drawn in zip(self.columns, cells, strict=True):
                yield [row_label, row, column_label, column, *drawn.cell]


@dataclass(frozen=True)
class Curve:
    """Sites in activity at the end of each year."""

    name: str
    title: str
    years: tuple[Year, ...]
    chart: LineChart | None
    notes: tuple[str, ...]
    csv: str
    unit: str

    def rows(self) -> Iterator[list[Any]]:
        yield [
            "Année", f"{self.unit} en activité au 31 décembre", "Commencés dans l’année",
            "Arrêtés dans l’année", "Départements et collectivités",
        ]  # fmt: skip
        yield from map(list, self.years)

    @property
    def latest_first(self) -> list[Year]:
        return list(reversed(self.years))


class SpreadCharts:
    """The charts of these replications; ``csv(name)``: the address of the file of a table."""

    def __init__(self, told: Sequence[Told], until: int, csv: Callable[[str], str]) -> None:
        self.told, self.until, self.csv = told, until, csv

    TABLES = ("etats", "annees", "approches-roles", "formes-portees", "strategies", "adaptations")

    def table(self, name: str) -> Bars | Crossing | Curve:
        """One of ``TABLES``. Raises ``KeyError`` for another name."""
        made: dict[str, Callable[[], Bars | Crossing | Curve]] = {
            "etats": lambda: self.states,
            "annees": lambda: self.curve,
            "approches-roles": lambda: self.approaches_by_role,
            "formes-portees": lambda: self.forms_by_extent,
            "strategies": lambda: self.strategies,
            "adaptations": lambda: self.adaptations,
        }
        return made[name]()

    @cached_property
    def states(self) -> Bars:
        counts = statistics.by_state(self.told)
        rows = [(s.label, s.value, counts[s.value], "") for s in ReplicationState]
        return Bars("etats", "Où en sont les reprises", "État", bars(rows), (), self.csv("etats"),
                    len(self.told), 0)  # fmt: skip

    @cached_property
    def curve(self) -> Curve:
        return curve_of(
            statistics.over_time(self.told, self.until),
            statistics.undated(self.told),
            self.csv("annees"),
            unit="Sites de reprise",
        )

    @cached_property
    def approaches_by_role(self) -> Crossing:
        return self._crossing(
            ("approches-roles", "Projets par mode de diffusion et rôle de l’acteur public"),
            ("Mode de diffusion", Approach, statistics.approach),
            ("Rôle de l’acteur public", PublicRole, statistics.roles),
        )

    @cached_property
    def forms_by_extent(self) -> Crossing:
        return self._crossing(
            ("formes-portees", "Projets par forme de diffusion et portée"),
            ("Forme de diffusion", DiffusionForm, statistics.forms),
            ("Portée", Extent, statistics.extent),
        )

    @cached_property
    def strategies(self) -> Bars:
        return self._bars(
            ("strategies", "Stratégies de changement d’échelle", "Stratégie"),
            Strategy,
            statistics.strategies,
        )

    @cached_property
    def adaptations(self) -> Bars:
        return self._bars(
            ("adaptations", "Degré d’adaptation", "Adaptation"), Adaptation, statistics.adaptation
        )

    def _bars(self, said: tuple[str, str, str], choices: Any, values: Values) -> Bars:
        """Of replications that have begun: what is only envisaged has adapted nothing yet."""
        begun = [one for one in self.told if one.is_spread]
        counts = statistics.counted_by(begun, values)
        rows = [
            (choice.label, choice.value, counts.get(choice.value, NOTHING).spread, "")
            for choice in choices
        ]
        unknown = counts.get(UNKNOWN, NOTHING).spread
        notes = [f"Parmi {counted(len(begun), 'reprise commencée', 'reprises commencées')}."]
        if unknown:
            share = percent(unknown, len(begun))
            notes.append(f"Non renseigné : {counted(unknown, 'reprise')} ({share}).")
        name, title, heading = said
        return Bars(
            name, title, heading, bars(rows), tuple(notes), self.csv(name), len(begun), unknown
        )

    def _crossing(
        self,
        said: tuple[str, str],
        row: tuple[str, Any, Values],
        column: tuple[str, Any, Values],
    ) -> Crossing:
        cells = statistics.crossed(self.told, row[2], column[2])
        most = max((c.projects_spread + c.projects_told for c in cells.values()), default=1)
        columns = _with_unknown(column[1])
        lines = tuple(
            (
                label,
                code,
                tuple(_drawn(cells.get((code, other), NOTHING), most) for _, other in columns),
            )
            for label, code in _with_unknown(row[1])
        )
        projects = len({one.project for one in self.told})
        notes = (
            f"{counted(projects, 'projet')}, d’après {counted(len(self.told), 'reprise')} "
            f"{'déclarée' if len(self.told) < 2 else 'déclarées'}. Un projet qui répond de "
            "plusieurs façons compte dans chaque case : les cases ne s’additionnent pas.",
        )
        return Crossing(
            said[0], said[1], row[0], column[0], columns, lines, notes, self.csv(said[0])
        )


def curve_of(
    years: Sequence[Year], undated: int, csv: str, more: Sequence[str] = (), unit: str = "Sites"
) -> Curve:
    """The curve of these years, and what it does not show; ``unit``: what is counted."""
    notes = list(more)
    if undated:
        notes.append(
            f"{counted(undated, 'reprise')} sans date connue ne "
            f"{'figure' if undated < 2 else 'figurent'} pas sur la courbe."
        )
    text = ""
    if years:
        first, last = years[0], years[-1]
        text = (
            f"{unit} en activité : {grouped(first.running)} fin {first.year}, "
            f"{grouped(last.running)} aujourd’hui."
        )
    series = [(f"{unit} en activité", "carrefour-line__main", [one.running for one in years])]
    chart = count_chart([one.year for one in years], series, text)
    return Curve(
        "annees", f"{unit} en activité au fil des ans", tuple(years), chart, tuple(notes), csv, unit
    )


def _with_unknown(choices: Any) -> tuple[tuple[str, str], ...]:
    """(label, code) of each choice, what is not said last."""
    return (*((choice.label, choice.value) for choice in choices), (NOT_SAID, UNKNOWN))


def _drawn(cell: Cell, most: int) -> Drawn:
    """Areas in proportion to the numbers of projects."""

    def radius(number: int) -> float:
        return round(max(LEAST, RADIUS * sqrt(number / most)), 1) if number else 0.0

    return Drawn(cell, radius(cell.projects_spread + cell.projects_told),
                 radius(cell.projects_spread))  # fmt: skip
