"""The places of search results for a map, at any zoom and however many.

Few are points. Many are counted by département as long as the whole country is shown, then in the
cells of a grid inside the frame of the map.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Avg,
    BooleanField,
    Count,
    ExpressionWrapper,
    F,
    FloatField,
    Func,
    QuerySet,
    Value,
)
from django.db.models.functions import ASin, Cos, Floor, Least, Power, Radians, Sin, Sqrt

from innovations.models import Location, SearchPlace
from innovations.querysets import SearchRowQuerySet
from innovations.search_facets import Tally
from innovations.search_spread import middle
from territories.models import Territory

Box = tuple[float, float, float, float]
Narrowing = Callable[[SearchRowQuerySet], SearchRowQuerySet]

MOST_POINTS = 2000
COLUMNS = ("lon", "lat", "fiche", "titre", "lieu", "precision")
PLACE = ("innovation_id", "location_id", "longitude", "latitude")
CELL_COLUMNS = ("lon", "lat", "lieux")
NATIONAL_COLUMNS = ("lon", "lat", "fiches", "nom", "territoire")
# Side of a cell in degrees for a whole-country view; halved at each zoom level.
WIDEST_CELL = 1.6
FIRST_ZOOM = 4
# Under this zoom many results are counted by département rather than in cells.
NEAR = 7


@dataclass(frozen=True)
class MapAnswer:
    """``rows`` in the order of ``columns``; ``total`` places of ``innovations`` records.

    Records are not told apart in the cells of a grid: ``innovations`` is then None.
    """

    columns: tuple[str, ...]
    rows: list[list[Any]]
    total: int
    innovations: int | None

    @property
    def is_grid(self) -> bool:
        """Whether a closer look will show more than these rows."""
        return self.columns != COLUMNS

    def to_json(self) -> dict[str, Any]:
        return {
            "columns": self.columns,
            "rows": self.rows,
            "total": self.total,
            "innovations": self.innovations,
            "grid": self.is_grid,
        }


def within(box: Box) -> Narrowing:
    """Narrows rows to those that have a place in the box."""
    return lambda rows: rows.filter(innovation__in=inside(box).values("innovation"))


def near(longitude: float, latitude: float, kilometres: float) -> Narrowing:
    """Narrows rows to those that have a place at most so far away."""
    around = _frame(longitude, latitude, kilometres)
    places = inside(around).alias(away=distance(longitude, latitude))
    found = places.filter(away__lte=kilometres)
    return lambda rows: rows.filter(innovation__in=found.values("innovation"))


def distance(longitude: float, latitude: float) -> Any:
    """Kilometres from this point to a place, along the sphere: what « haversine » gives."""
    across = Radians(F("latitude") - latitude) / 2.0
    along = Radians(F("longitude") - longitude) / 2.0
    half = Power(Sin(across), 2) + Cos(Radians(F("latitude"))) * Cos(
        Radians(Value(latitude))
    ) * Power(Sin(along), 2)
    return ExpressionWrapper(
        12742.0 * ASin(Least(Value(1.0), Sqrt(half))), output_field=FloatField()
    )


def _frame(longitude: float, latitude: float, kilometres: float) -> Box:
    """The box around a circle: a degree of latitude is 111.2 km, one of longitude less."""
    high = kilometres / 111.2
    wide = high / max(0.01, math.cos(math.radians(min(89.0, abs(latitude) + high))))
    return (
        max(-180.0, longitude - wide),
        max(-90.0, latitude - high),
        min(180.0, longitude + wide),
        min(90.0, latitude + high),
    )


def inside(box: Box) -> QuerySet[SearchPlace]:
    """Places within west, south, east, north; the index on points finds them."""
    west, south, east, north = box
    corners = [
        Func(Value(x), Value(y), function="point") for x, y in ((west, south), (east, north))
    ]
    there = Func(
        Func("longitude", "latitude", function="point"),
        Func(*corners, function="box"),
        arg_joiner=" <@ ",
        template="(%(expressions)s)",
        output_field=BooleanField(),
    )
    return SearchPlace.objects.filter(there)


def national(spread: Tally) -> MapAnswer:
    """The innovations of each département, at its centre; elsewhere, those of a wide cell."""
    counts = {code: n for code, n in spread.get("departement", {}).items() if n}
    known = Territory.objects.filter(
        kind__in={code.partition("-")[0] for code in counts},
        code__in=[code.partition("-")[2] for code in counts],
        longitude__isnull=False,
    )
    rows: list[list[Any]] = [
        [round(x or 0, 4), round(y or 0, 4), counts[f"{kind}-{code}"], name, f"{kind}-{code}"]
        for kind, code, name, x, y in known.values_list(
            "kind", "code", "name", "longitude", "latitude"
        )
        if f"{kind}-{code}" in counts
    ]
    rows += [[*middle(cell), n, "", ""] for cell, n in sorted(spread.get("cell", {}).items())]
    on_map = spread.get("known", {})
    return MapAnswer(
        NATIONAL_COLUMNS,
        rows,
        sum(row[2] for row in rows),
        on_map.get("departement", 0) + on_map.get("ailleurs", 0),
    )


def answer(places: QuerySet[SearchPlace], zoom: int = FIRST_ZOOM) -> MapAnswer:
    """These places: one by one while they are few, in the cells of a grid beyond."""
    few = list(places.values_list(*PLACE)[: MOST_POINTS + 1])
    if len(few) <= MOST_POINTS:
        points = _points({place: (x, y) for _, place, x, y in few})
        return MapAnswer(COLUMNS, points, len(points), len({one for one, *_ in few}))
    cells = _cells(places, zoom)
    return MapAnswer(CELL_COLUMNS, cells, sum(cell[2] for cell in cells), None)


def _points(shown: Mapping[int, tuple[float, float]]) -> list[list[Any]]:
    """One row per place, of {location: longitude and latitude}: these, slug, title, place and
    precision: « point », or the kind of the territory at whose centre the place is put."""
    rows = Location.objects.filter(pk__in=shown).order_by().values_list(
        "pk", "innovation__slug", "innovation__title", "innovation__is_reference",
        "territory__name", "label", "longitude", "territory__kind",
    )  # fmt: skip
    return [
        [
            *(round(side, 5) for side in shown[pk]),
            slug,
            title,
            name or written,
            kind if exact is None or is_reference else "point",
        ]
        for pk, slug, title, is_reference, name, written, exact, kind in rows
    ]


def _cells(places: QuerySet[SearchPlace], zoom: int) -> list[list[Any]]:
    """One row per cell of the grid: longitude and latitude of its middle of gravity, places."""
    side = WIDEST_CELL / 2 ** max(0, min(zoom, 16) - FIRST_ZOOM)
    rows = (
        places.annotate(column=Floor(F("longitude") / side), line=Floor(F("latitude") / side))
        .values("column", "line")
        .annotate(x=Avg("longitude"), y=Avg("latitude"), number=Count("pk"))
        .values_list("x", "y", "number")
    )
    return [[round(x, 4), round(y, 4), number] for x, y, number in rows]
