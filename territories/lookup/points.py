"""The commune of a point, from the simplified outlines; reads them on the first question only."""

import math
from functools import cache, lru_cache
from itertools import pairwise
from typing import NamedTuple

from territories.kinds import Kind
from territories.lookup.gazetteer import gazetteer
from territories.lookup.place import Found
from territories.reference import files

# Side of the cells that outlines are looked up by, in degrees.
CELL = 0.1
# Outlines are simplified: nearer than this to a border (km), the neighbour is possible too.
BLUR_KM = 0.4
# A point at sea, on an islet or in the mesh between two outlines belongs to the nearest commune.
NEAR_KM = 5.0
KM_PER_DEGREE = 111.2


class Hit(NamedTuple):
    """A territory at a point: how far outside it the point is, how far from its border (km)."""

    territory: Found
    outside_km: float
    border_km: float


@cache
def _grid() -> dict[tuple[int, int], list[tuple[str, str]]]:
    cells: dict[tuple[int, int], list[tuple[str, str]]] = {}
    for place, outline in files.encoded_outlines().items():
        if place[0] not in {Kind.COMMUNE, Kind.COLLECTIVITE}:
            continue
        west, south, east, north = (math.floor(side / CELL) for side in outline.bbox)
        for x in range(west, east + 1):
            for y in range(south, north + 1):
                cells.setdefault((x, y), []).append(place)
    return cells


@lru_cache(maxsize=4096)
def _outline(place: tuple[str, str]) -> files.Polygons:
    return files.polygons(files.encoded_outlines()[place].polygons)


def at(latitude: float, longitude: float) -> list[Hit]:
    """Communes (overseas, collectivités) at or within 5 km of a point, the nearest first."""
    x, y = math.floor(longitude / CELL), math.floor(latitude / CELL)
    places = {
        p for dx in (-1, 0, 1) for dy in (-1, 0, 1) for p in _grid().get((x + dx, y + dy), ())
    }
    hits = []
    for place in places:
        if _may_be_near(place, latitude, longitude):
            border = distance_to_border(place, latitude, longitude)
            inside = contains(place, latitude, longitude)
            if inside or border <= NEAR_KM:
                hits.append(Hit(gazetteer().at[place], 0.0 if inside else border, border))
    return sorted(hits, key=lambda hit: (hit.outside_km, hit.border_km, hit.territory.code))


def _may_be_near(place: tuple[str, str], latitude: float, longitude: float) -> bool:
    west, south, east, north = files.encoded_outlines()[place].bbox
    margin = NEAR_KM / KM_PER_DEGREE
    wide = margin / max(math.cos(math.radians(latitude)), 0.1)
    return west - wide <= longitude <= east + wide and south - margin <= latitude <= north + margin


def contains(place: tuple[str, str], latitude: float, longitude: float) -> bool:
    """Whether the outline of the place holds the point (even-odd rule over all its rings)."""
    inside = False
    for polygon in _outline(place):
        for ring in polygon:
            previous = ring[-1]
            for point in ring:
                (x1, y1), (x2, y2) = previous, point
                if (y1 > latitude) != (y2 > latitude) and longitude < x1 + (latitude - y1) * (
                    x2 - x1
                ) / (y2 - y1):
                    inside = not inside
                previous = point
    return inside


def distance_to_border(place: tuple[str, str], latitude: float, longitude: float) -> float:
    """Kilometres from the point to the nearest border of the place."""
    scale = math.cos(math.radians(latitude))
    best = math.inf
    for polygon in _outline(place):
        for ring in polygon:
            flat = [((x - longitude) * scale, y - latitude) for x, y in ring]
            best = min(best, *(_to_segment(a, b) for a, b in pairwise(flat)))
    return best * KM_PER_DEGREE


def _to_segment(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Distance from the origin to the segment."""
    (ax, ay), (bx, by) = a, b
    dx, dy = bx - ax, by - ay
    length = dx * dx + dy * dy
    along = max(0.0, min(1.0, -(ax * dx + ay * dy) / length)) if length else 0.0
    return math.hypot(ax + along * dx, ay + along * dy)


def distance_km(a: Found, latitude: float, longitude: float) -> float:
    """Kilometres from the centre of a territory to a point; infinite when it has no centre."""
    if a.latitude is None or a.longitude is None:
        return math.inf
    scale = math.cos(math.radians(latitude))
    return KM_PER_DEGREE * math.hypot((a.longitude - longitude) * scale, a.latitude - latitude)
