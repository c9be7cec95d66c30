"""A row of numbers as a small drawing, with the sentence that says the same."""

from collections.abc import Sequence
from dataclasses import dataclass

from carrefour.french import counted, grouped

WIDTH, HEIGHT, MARGIN = 120, 28, 3


@dataclass(frozen=True)
class Sparkline:
    """``points`` for an SVG polyline, ``last`` its end, ``holes`` the abscissas without a number;
    all in a box of WIDTH × HEIGHT. ``text`` says it to who does not see it."""

    points: str
    last: tuple[float, float]
    holes: Sequence[float]
    text: str
    width: int = WIDTH
    height: int = HEIGHT


def sparkline(values: Sequence[int | None], noun: str) -> Sparkline | None:
    """The drawing of ``values``, oldest first (None where there is no number); None without two
    numbers to link. ``noun``: what is counted, in the singular."""
    known = [(rank, value) for rank, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return None
    low, high = min(v for _, v in known), max(v for _, v in known)
    drawn = [(_across(rank, len(values)), _up(value, low, high)) for rank, value in known]
    return Sparkline(
        points=" ".join(f"{x:g},{y:g}" for x, y in drawn),
        last=drawn[-1],
        holes=[_across(rank, len(values)) for rank, v in enumerate(values) if v is None],
        text=_told([v for _, v in known], low, high, noun),
    )


def _across(rank: int, count: int) -> float:
    return round(MARGIN + rank * (WIDTH - 2 * MARGIN) / (count - 1), 1)


def _up(value: int, low: int, high: int) -> float:
    """From the bottom for the lowest to the top for the highest; halfway when all are equal."""
    share = (value - low) / (high - low) if high > low else 0.5
    return round(HEIGHT - MARGIN - share * (HEIGHT - 2 * MARGIN), 1)


def _told(values: Sequence[int], low: int, high: int, noun: str) -> str:
    if low == high:
        return f"{counted(low, noun)}, sans changement sur {len(values)} relevés"
    return (
        f"De {grouped(values[0])} à {counted(values[-1], noun)} en {len(values)} relevés "
        f"(au moins {grouped(low)}, au plus {grouped(high)})"
    )
