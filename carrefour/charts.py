"""A measure over time as a drawing with its axes; the table of its numbers stands beside it."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640, 220
LEFT, RIGHT, TOP, BOTTOM = 36, 12, 12, 28


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
