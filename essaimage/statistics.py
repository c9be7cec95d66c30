"""The figures of the essaimage as plain numbers, from what ``spreading.read`` tells.

A replication counts as spread only once it has begun somewhere new; those that are envisaged or in
preparation are counted apart. « Project »: a public record, whatever number of times it is taken
up.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from essaimage.models import Replication, ReplicationState
from essaimage.spreading import Told, read

UNKNOWN = ""
Values = Callable[[Told], Sequence[str]]


@dataclass(frozen=True)
class KeyFigures:
    """``stopped``: begun, then stopped; ``unborn``: given up before they began."""

    told: int
    spread: int
    running: int
    lasting: int
    stopped: int
    unborn: int
    planned: int
    preparing: int
    projects: int
    projects_spread: int
    zones: int


class Year(NamedTuple):
    """``running``: sites on 31 December (or today); the other two: during the year."""

    year: int
    running: int
    begun: int
    stopped: int
    zones: int


class Cell(NamedTuple):
    """Distinct projects and their replications: spread, and told but not begun."""

    projects_spread: int
    projects_told: int
    spread: int
    told: int


def of_public() -> KeyFigures:
    """Of all that is public, in three queries."""
    return key_figures(read(Replication.objects.of_public()))


def key_figures(told: Sequence[Told]) -> KeyFigures:
    spread = [one for one in told if one.is_spread]
    states = Counter(one.state for one in told)
    gave_up = ReplicationState.ABANDONNEE
    return KeyFigures(
        told=len(told),
        spread=len(spread),
        running=sum(one.runs for one in told),
        lasting=states[ReplicationState.PERENNISEE],
        stopped=sum(one.state == gave_up for one in spread),
        unborn=sum(one.state == gave_up and not one.is_spread for one in told),
        planned=states[ReplicationState.ENVISAGEE],
        preparing=states[ReplicationState.EN_PREPARATION],
        projects=len({one.project for one in told}),
        projects_spread=len({one.project for one in spread}),
        zones=len({one.zone for one in told if one.runs and one.zone}),
    )


def by_state(told: Iterable[Told]) -> dict[str, int]:
    """{state: replications}, every state there."""
    counts = Counter(one.state for one in told)
    return {state.value: counts[state.value] for state in ReplicationState}


def over_time(told: Iterable[Told], until: int) -> list[Year]:
    """Each year from the first beginning that is dated to ``until``; [] without any.

    Only those whose dates are all known: see ``undated``.
    """
    dated = [one for one in told if one.is_dated]
    begun = Counter(span.began or 0 for one in dated for span in one.spans)
    stopped = Counter(span.stopped for one in dated for span in one.spans if span.is_over)
    years = range(min(begun, default=until + 1), until + 1)
    counts = _running(dated, years)
    found = []
    for rank, year in enumerate(years):
        running = sum(of_zone[rank] for of_zone in counts.values())
        zones = sum(bool(zone and of_zone[rank]) for zone, of_zone in counts.items())
        found.append(Year(year, running, begun[year], stopped[year], zones))
    return found


def undated(told: Iterable[Told]) -> int:
    """The spread ones that no curve can show: a date of theirs is not known."""
    return sum(one.is_spread and not one.is_dated for one in told)


def zones_over_time(told: Iterable[Told], years: Sequence[int]) -> dict[str, list[int]]:
    """{département or collectivité: sites at the end of each of these years}, of dated ones."""
    return _running([one for one in told if one.zone and one.is_dated], years)


def _running(dated: Iterable[Told], years: Sequence[int]) -> dict[str, list[int]]:
    """{zone, "" included: sites at the end of each of these years, that follow each other}.

    What begins and what ends is noted, then added up: each replication is read once, however many
    the years.
    """
    changes: dict[str, Counter[int]] = defaultdict(Counter)
    for one in dated:
        noted = changes[one.zone]
        for began, ended in one.years_running():
            noted[began] += 1
            noted[ended] -= 1
    first = years[0] if years else 0
    return {
        zone: list(
            accumulate(
                (noted[year] for year in years[1:]),
                initial=sum(change for year, change in noted.items() if year <= first),
            )
        )
        for zone, noted in changes.items()
        if years
    }


def crossed(told: Iterable[Told], rows: Values, columns: Values) -> dict[tuple[str, str], Cell]:
    """{(row, column): what stands there}; one that says nothing stands at UNKNOWN.

    Several values: in each of their cells, so that cells do not add up. ``projects_told`` has none
    of its replications begun in the cell.
    """
    held: dict[tuple[str, str], list[Told]] = defaultdict(list)
    for one in told:
        for row in rows(one) or [UNKNOWN]:
            for column in columns(one) or [UNKNOWN]:
                held[row, column].append(one)
    return {where: cell_of(those) for where, those in held.items()}


def cell_of(told: Sequence[Told]) -> Cell:
    spread = [one for one in told if one.is_spread]
    projects = {one.project for one in spread}
    others = {one.project for one in told} - projects
    return Cell(len(projects), len(others), len(spread), len(told) - len(spread))


def counted_by(told: Iterable[Told], values: Values) -> dict[str, Cell]:
    """{value: what has it}, UNKNOWN included."""
    return {row: cell for (row, _), cell in crossed(told, values, lambda _: ()).items()}


# --- what is crossed --------------------------------------------------------------------------


def approach(one: Told) -> Sequence[str]:
    return [one.approach] if one.approach else []


def forms(one: Told) -> Sequence[str]:
    return one.forms


def extent(one: Told) -> Sequence[str]:
    return [one.extent] if one.extent else []


def roles(one: Told) -> Sequence[str]:
    return one.roles


def strategies(one: Told) -> Sequence[str]:
    return one.strategies


def adaptation(one: Told) -> Sequence[str]:
    return [one.adaptation] if one.adaptation else []
