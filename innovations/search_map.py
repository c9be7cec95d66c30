"""The places of search results for a map: points while they are few, cells of a grid beyond."""

import math
from collections.abc import Callable
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

Box = tuple[float, float, float, float]
Narrowing = Callable[[SearchRowQuerySet], SearchRowQuerySet]

MOST_POINTS = 2000
COLUMNS = ("lon", "lat", "fiche", "titre", "lieu", "precision")
CELL_COLUMNS = ("lon", "lat", "lieux")
# Side of a cell in degrees for a whole-country view; halved at each zoom level.
WIDEST_CELL = 1.6
FIRST_ZOOM = 4


@dataclass(frozen=True)
class MapAnswer:
    """``rows`` in the order of ``columns``; ``total`` places, of which ``innovations`` records."""

    columns: tuple[str, ...]
    rows: list[list[Any]]
    total: int
    innovations: int

    @property
    def is_grid(self) -> bool:
        return self.columns == CELL_COLUMNS

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


def answer(innovations: QuerySet, frame: Box | None = None, zoom: int = FIRST_ZOOM) -> MapAnswer:
    """The places of ``innovations`` (a query of ids) inside the frame of the map, if given."""
    places = inside(frame) if frame else SearchPlace.objects.all()
    places = places.filter(innovation__in=innovations)
    counted = places.aggregate(total=Count("pk"), records=Count("innovation", distinct=True))
    found = _points(places) if counted["total"] <= MOST_POINTS else _cells(places, zoom)
    columns = COLUMNS if counted["total"] <= MOST_POINTS else CELL_COLUMNS
    return MapAnswer(columns, found, counted["total"], counted["records"])


def _points(places: QuerySet[SearchPlace]) -> list[list[Any]]:
    """One row per place: longitude, latitude, slug, title, place, precision.

    The precision is « point », or the kind of the territory at whose centre the place is put.
    """
    shown = {
        row["location_id"]: (row["longitude"], row["latitude"])
        for row in places.values("location_id", "longitude", "latitude")
    }
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
