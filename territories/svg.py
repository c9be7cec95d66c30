"""The national map as SVG paths, so that a page draws a choropleth without JavaScript."""

import json
from functools import cache
from typing import TypedDict

from carrefour.text import typographic
from territories.kinds import Kind
from territories.reference.files import FOLDER


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


def insets() -> list[list[int]]:
    """Frames of the overseas territories: left, top, right, bottom."""
    return _drawing()["insets"]


def departement_paths() -> list[DrawnTerritory]:
    """The 101 départements, then the inhabited overseas collectivités."""
    return _drawing()[Kind.DEPARTEMENT] + _drawing()[Kind.COLLECTIVITE]


def region_paths() -> list[DrawnTerritory]:
    """The 18 régions, then the inhabited overseas collectivités."""
    return _drawing()[Kind.REGION] + _drawing()[Kind.COLLECTIVITE]
