"""Measures over time as drawings with their axes; the table of their numbers stands beside."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

from carrefour.french import grouped

WIDTH, HEIGHT = 640, 220
LEFT, RIGHT, TOP, BOTTOM = 36, 12, 12, 28
# Columns by year: their drawing is as wide as the page lets it, and this high, in pixels.
COLUMNS_HEIGHT = 160
# How many years at least and at most, marks of the scale and years written at most.
FEWEST_YEARS, MOST_YEARS, MARKS, WRITTEN = 10, 40, 4, 6


@dataclass(frozen=True)
class LineChart:
    """In a box of ``width`` × ``height``: ``lines`` are (label, class, points of a polyline),
    ``marks`` the horizontal lines (y, label), ``days`` the (x, anchor, label) under the axis.
    ``text`` says it to who does not see it."""

    lines: Sequence[tuple[str, str, str]]
    marks: Sequence[tuple[float, int]]
    days: Sequence[tuple[float, str, str]]
    text: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT


def percent_chart(
    days: Sequence[datetime.date], series: Sequence[tuple[str, str, Sequence[float]]], text: str
) -> LineChart | None:
    """Values from 0 to 100 by day, oldest first; ``series``: (label, class, values). None without
    two days to link."""
    if len(days) < 2:
        return None
    span = max(1, (days[-1] - days[0]).days)

    def across(day: datetime.date) -> float:
        return round(LEFT + (day - days[0]).days * (WIDTH - LEFT - RIGHT) / span, 1)

    drawn = [
        (
            label,
            css,
            " ".join(f"{across(d):g},{_up(v):g}" for d, v in zip(days, values, strict=True)),
        )
        for label, css, values in series
    ]
    named = [(across(days[0]), "start", days[0]), (across(days[-1]), "end", days[-1])]
    return LineChart(
        lines=drawn,
        marks=[(_up(mark), mark) for mark in (0, 25, 50, 75, 100)],
        days=[(x, anchor, f"{day:%d/%m/%Y}") for x, anchor, day in named],
        text=text,
    )


def _up(value: float) -> float:
    return round(HEIGHT - BOTTOM - value * (HEIGHT - TOP - BOTTOM) / 100, 1)


def count_chart(
    years: Sequence[int], series: Sequence[tuple[str, str, Sequence[int]]], text: str
) -> LineChart | None:
    """Whole numbers at the end of each year, drawn as steps; ``series``: (label, class, values).
    None without two years to link."""
    if len(years) < 2:
        return None
    most = max((value for _, _, values in series for value in values), default=0)
    marks = _marks(most)
    top = marks[-1]
    span = max(1, years[-1] - years[0])

    def across(year: int) -> float:
        return round(LEFT + (year - years[0]) * (WIDTH - LEFT - RIGHT) / span, 1)

    def up(value: int) -> float:
        return round(HEIGHT - BOTTOM - value * (HEIGHT - TOP - BOTTOM) / top, 1)

    middle = years[len(years) // 2]
    named = [(years[0], "start"), (middle, "middle"), (years[-1], "end")]
    return LineChart(
        lines=[
            (label, css, _steps([(across(y), up(v)) for y, v in zip(years, values, strict=True)]))
            for label, css, values in series
        ],
        marks=[(up(mark), mark) for mark in marks],
        days=[(across(y), anchor, str(y)) for y, anchor in named if anchor != "middle" or span > 3],
        text=text,
    )


def _marks(most: int) -> list[int]:
    """From 0 to ``most`` or a little above: whole numbers, five at most between them."""
    step = _round_step(most, 5)
    count = max(1, -(-most // step))
    return [step * n for n in range(count + 1)]


def _steps(points: Sequence[tuple[float, float]]) -> str:
    """A value holds until the next one."""
    drawn = [f"{points[0][0]:g},{points[0][1]:g}"]
    for (_, before), (x, y) in pairwise(points):
        drawn += [f"{x:g},{before:g}", f"{x:g},{y:g}"]
    return " ".join(dict.fromkeys(drawn))


@dataclass(frozen=True)
class Column:
    """A year that has something: ``x`` and ``width`` in percent of the drawing, as SVG writes
    them, ``y`` and ``height`` in pixels from its top."""

    year: int
    count: int
    x: str
    width: str
    y: float
    height: float


@dataclass(frozen=True)
class ColumnChart:
    """``marks`` are the horizontal lines (y, label), the floor first; ``years`` are those written
    under the axis (x, label)."""

    columns: Sequence[Column]
    marks: Sequence[tuple[float, str]]
    years: Sequence[tuple[str, str]]
    height: int = COLUMNS_HEIGHT


def column_chart(counts: Mapping[int, int]) -> ColumnChart:
    """The last years of ``counts`` (year → number, not empty), years without anything too."""
    last = max(counts)
    first = max(min(*counts, last - FEWEST_YEARS + 1), last - MOST_YEARS + 1)
    known = {year: n for year, n in sorted(counts.items()) if year >= first}
    share = 100 / (last - first + 1)
    step = _round_step(max(known.values()), MARKS)
    top = step * ceil(max(known.values()) / step)

    def up(number: int) -> float:
        return round(COLUMNS_HEIGHT * (1 - number / top), 1)

    columns = []
    for year, number in known.items():
        # What is too little to be seen is seen all the same.
        y = min(up(number), COLUMNS_HEIGHT - 2.0)
        x = f"{(year - first + 0.1) * share:.2f}%"
        columns.append(
            Column(year, number, x, f"{0.8 * share:.2f}%", y, round(COLUMNS_HEIGHT - y, 1))
        )
    apart = _round_step(last - first + 1, WRITTEN)
    return ColumnChart(
        columns=columns,
        marks=[(up(mark), grouped(mark)) for mark in range(0, top + 1, step)],
        years=[
            (f"{(year - first + 0.5) * share:.2f}%", str(year))
            for year in range(first, last + 1)
            if year % apart == 0
        ],
    )


def _round_step(size: int, most: int) -> int:
    """The smallest of 1, 2, 5, 10, 20, 50… of which ``size`` holds ``most`` at most."""
    step, factors = 1, (2, 2.5, 2)
    rank = 0
    while size / step > most:
        step = int(step * factors[rank % 3])
        rank += 1
    return step
