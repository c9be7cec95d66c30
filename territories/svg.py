"""The national map as SVG paths, so that a page draws a choropleth without JavaScript."""

import json
import re
from functools import cache
from itertools import pairwise
from typing import TypedDict

from carrefour.text import typographic
from territories.kinds import Kind
from territories.reference.files import FOLDER

NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


class DrawnTerritory(TypedDict):
    """A territory and its outline: the ``d`` of an SVG path, in the units of ``viewbox()``."""

    kind: str
    code: str
    name: str
    d: str


@cache
def _drawing() -> dict:
    return json.loads(typographic((FOLDER / "drawing.json").read_text("utf-8")))


def viewbox() -> str:
    """The ``viewBox`` of the drawing: mainland in a conic projection, overseas in insets."""
    return _drawing()["viewbox"]


class Frame(TypedDict):
    """The inset of an overseas territory as an SVG rectangle, with the code and name it holds."""

    x: int
    y: int
    width: int
    height: int
    label_y: int
    code: str
    name: str


@cache
def frames() -> list[Frame]:
    starts = [(path, *_start(path["d"])) for path in departement_paths()]
    return [
        Frame(
            x=left,
            y=top,
            width=right - left,
            height=bottom - top,
            label_y=bottom - 8,
            code=held["code"],
            name=held["name"],
        )
        for left, top, right, bottom in _drawing()["insets"]
        for held, x, y in starts
        if left <= x <= right and top <= y <= bottom
    ]


def _start(path: str) -> tuple[float, float]:
    """Where an SVG path begins."""
    x, y = NUMBER.findall(path)[:2]
    return float(x), float(y)


def departement_paths() -> list[DrawnTerritory]:
    """The 101 départements, then the inhabited overseas collectivités."""
    return _drawing()[Kind.DEPARTEMENT] + _drawing()[Kind.COLLECTIVITE]


def region_paths() -> list[DrawnTerritory]:
    """The 18 régions, then the inhabited overseas collectivités."""
    return _drawing()[Kind.REGION] + _drawing()[Kind.COLLECTIVITE]


@cache
def centres() -> dict[str, tuple[int, int]]:
    """{« kind-code »: where the middle of a département or collectivité is drawn}."""
    return {f"{p['kind']}-{p['code']}": _centre(p["d"]) for p in departement_paths()}


def _centre(path: str) -> tuple[int, int]:
    """The centroid of the largest part of an SVG path of relative lines."""
    best, where = -1.0, (0.0, 0.0)
    for part in path.split("M")[1:]:
        numbers = [float(n) for n in NUMBER.findall(part)]
        points = [(0.0, 0.0)]
        for dx, dy in zip(numbers[2::2], numbers[3::2], strict=True):
            points.append((points[-1][0] + dx, points[-1][1] + dy))
        area, x, y = _moments(points)
        if abs(area) > best:
            best = abs(area)
            middle = (x / (3 * area), y / (3 * area)) if area else (0.0, 0.0)
            where = (numbers[0] + middle[0], numbers[1] + middle[1])
    return round(where[0]), round(where[1])


def _moments(points: list[tuple[float, float]]) -> tuple[float, float, float]:
    """Twice the area of a ring, and its first moments, six times over."""
    area = x = y = 0.0
    for (x1, y1), (x2, y2) in pairwise([*points, points[0]]):
        cross = x1 * y2 - x2 * y1
        area, x, y = area + cross, x + (x1 + x2) * cross, y + (y1 + y2) * cross
    return area, x, y
