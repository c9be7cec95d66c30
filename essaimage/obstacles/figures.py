"""« Obstacles par autorité »: how many each authority has, by state; shown and as a file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, Min, Q
from django.urls import reverse

from essaimage.models import ObstacleState
from essaimage.querysets import ObstacleQuerySet

# Bars on the page; the file has them all.
SHOWN = 20
FULL = 100


@dataclass(frozen=True)
class Line:
    """``counts``: one by state, in the order of the states; ``share``: of the longest, in %."""

    authority: str
    counts: Sequence[int]
    total: int
    share: str
    url: str


@dataclass(frozen=True)
class ByAuthority:
    """``lines``: those with most obstacles first; ``hidden``: authorities that are not shown."""

    lines: Sequence[Line]
    hidden: int
    states: Sequence[str]


def by_authority(rows: ObstacleQuerySet) -> ByAuthority:
    """Of these obstacles; one query. Two spellings of a name are one authority."""
    found = list(_counted(rows))
    most = max((line["total"] for line in found), default=0)
    lines = [_line(one, most) for one in found[:SHOWN]]
    return ByAuthority(lines, len(found) - len(lines), ObstacleState.labels)


def table(rows: ObstacleQuerySet) -> Iterator[Sequence[Any]]:
    """As the rows of a file, all authorities."""
    yield ["Autorité", *ObstacleState.labels, "Total"]
    for one in _counted(rows):
        yield [one["authority"], *_counts(one), one["total"]]


def _counted(rows: ObstacleQuerySet) -> Any:
    states = {f"n{n}": Count("pk", Q(state=state)) for n, state in enumerate(ObstacleState.values)}
    grouped = rows.order_by().values(key=F("words__authority_key"))
    counted = grouped.annotate(shown=Min("authority"), total=Count("pk"), **states)
    return ({**one, "authority": one["shown"]} for one in counted.order_by("-total", "key"))


def _counts(one: dict[str, Any]) -> list[int]:
    return [one[f"n{n}"] for n in range(len(ObstacleState))]


def _line(one: dict[str, Any], most: int) -> Line:
    where = f"{reverse('essaimage:obstacles')}?{urlencode({'autorite': one['authority']})}"
    share = f"{FULL * one['total'] / most:.0f}%"
    return Line(one["authority"], _counts(one), one["total"], share, where)
