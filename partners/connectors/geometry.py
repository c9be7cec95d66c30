"""One point for any geometry: the map needs no more."""

from collections.abc import Mapping
from typing import Any

# Coordinates beyond these are not degrees (a projection that nobody announced).
LONGITUDES, LATITUDES = 180, 90
COUNT = 100_000


def point_of(geometry: Any) -> tuple[float, float] | None:
    """(longitude, latitude) of a GeoJSON or Esri geometry: its point, else its box's centre.

    None without coordinates in degrees.
    """
    if not isinstance(geometry, Mapping):
        return None
    if isinstance(geometry.get("x"), int | float) and isinstance(geometry.get("y"), int | float):
        return _in_degrees(geometry["x"], geometry["y"])
    inner = ("coordinates", "geometries", "points", "paths", "rings")
    found = _pairs([geometry.get(name) for name in inner])
    if not found:
        return None
    xs, ys = [x for x, _ in found], [y for _, y in found]
    return _in_degrees((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2)


def _pairs(values: list[Any]) -> list[tuple[float, float]]:
    """All the coordinates, however deep they stand."""
    found: list[tuple[float, float]] = []
    while values and len(found) < COUNT:
        value = values.pop()
        if isinstance(value, Mapping):
            values.append(value.get("coordinates"))
        elif isinstance(value, list) and len(value) > 1 and _is_number(value[0]):
            found += [(value[0], value[1])] if _is_number(value[1]) else []
        elif isinstance(value, list):
            values += value
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _in_degrees(x: float, y: float) -> tuple[float, float] | None:
    is_sound = abs(x) <= LONGITUDES and abs(y) <= LATITUDES
    return (round(x, 7), round(y, 7)) if is_sound else None
