"""The places of search results for a map: points while they are few, cells of a grid beyond."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Avg, Case, Count, F, Q, QuerySet, When
from django.db.models.functions import Coalesce, Floor

from innovations.models import Location
from innovations.querysets import SearchRowQuerySet
from territories.kinds import Kind

Box = tuple[float, float, float, float]

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


def located() -> QuerySet[Location]:
    """Places a map can show, with ``lon`` and ``lat``: a point, or the centre of a territory.

    Of a reference only the territories are shown, never the points of its sources. « Nationwide »
    is no place: it stays off the map.
    """
    return (
        Location.objects.alias(
            exact=Case(When(innovation__is_reference=False, then="longitude")),
            lon=Coalesce("exact", "territory__longitude"),
            lat=Case(When(exact__isnull=False, then="latitude"), default="territory__latitude"),
        )
        .filter(Q(lon__isnull=False) & Q(lat__isnull=False))
        .exclude(Q(territory__kind=Kind.PAYS) & Q(exact__isnull=True))
        .order_by()
    )


def within(box: Box) -> Callable[[SearchRowQuerySet], SearchRowQuerySet]:
    """Narrows rows to those that have a place in the box."""
    return lambda rows: rows.filter(innovation__in=inside(box).values("innovation"))


def inside(box: Box) -> QuerySet[Location]:
    """Located places within west, south, east, north."""
    west, south, east, north = box
    return located().filter(Q(lon__range=(west, east)) & Q(lat__range=(south, north)))


def answer(innovations: QuerySet, frame: Box | None = None, zoom: int = FIRST_ZOOM) -> MapAnswer:
    """The places of ``innovations`` (a query of ids) inside the frame of the map, if given."""
    places = (inside(frame) if frame else located()).filter(innovation__in=innovations)
    counted = places.aggregate(total=Count("pk"), records=Count("innovation", distinct=True))
    found = _points(places) if counted["total"] <= MOST_POINTS else _cells(places, zoom)
    columns = COLUMNS if counted["total"] <= MOST_POINTS else CELL_COLUMNS
    return MapAnswer(columns, found, counted["total"], counted["records"])


def _points(places: QuerySet[Location]) -> list[list[Any]]:
    """One row per place: longitude, latitude, slug, title, place, precision.

    The precision is « point », or the kind of the territory at whose centre the place is put.
    """
    rows = places.annotate(x=F("lon"), y=F("lat"), point=F("exact")).values_list(
        "x", "y", "innovation__slug", "innovation__title", "territory__name", "label",
        "point", "territory__kind",
    )  # fmt: skip
    return [
        [round(x, 5), round(y, 5), slug, title, name or written, kind if exact is None else "point"]
        for x, y, slug, title, name, written, exact, kind in rows
    ]


def _cells(places: QuerySet[Location], zoom: int) -> list[list[Any]]:
    """One row per cell of the grid: longitude and latitude of its middle of gravity, places."""
    side = WIDEST_CELL / 2 ** max(0, min(zoom, 16) - FIRST_ZOOM)
    rows = (
        places.annotate(column=Floor(F("lon") / side), line=Floor(F("lat") / side))
        .values("column", "line")
        .annotate(x=Avg(F("lon")), y=Avg(F("lat")), number=Count("pk"))
        .values_list("x", "y", "number")
    )
    return [[round(x, 4), round(y, 4), number] for x, y, number in rows]
