"""The national map as SVG paths, so that a page draws a choropleth without JavaScript."""

import json
import re
from functools import cache
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
