"""Shapes of JSON: where the records are, and how known software writes them.

To add one, write its file and name its class here.
"""

from typing import Any

from partners.connectors.shapes.arcgis import ArcGis
from partners.connectors.shapes.communecter import Communecter
from partners.connectors.shapes.geojson import Features, GeoJson
from partners.connectors.shapes.gogocarto import GoGoCarto
from partners.connectors.shapes.jsonapi import JsonApi
from partners.connectors.shapes.lists import keyed, list_path, step
from partners.connectors.shapes.opendatasoft import (
    Opendatasoft,
    OpendatasoftExport,
    OpendatasoftV1,
)
from partners.connectors.shapes.shape import Shape
from partners.connectors.shapes.sheets import Sheets

SHAPES: tuple[type[Shape], ...] = (
    Opendatasoft,
    OpendatasoftExport,
    OpendatasoftV1,
    ArcGis,
    GeoJson,
    Communecter,
    GoGoCarto,
    JsonApi,
    Sheets,
    Features,
)


def shape_at(url: str) -> type[Shape] | None:
    """The software that answers at such an address, when the address tells."""
    return next((shape for shape in SHAPES if shape.address(url)), None)


def shape_of(document: Any) -> type[Shape]:
    """The software that wrote the document; plain ``Shape`` when it is none that we know."""
    return next((shape for shape in SHAPES if shape.recognises(document)), Shape)


__all__ = ["SHAPES", "Shape", "keyed", "list_path", "shape_at", "shape_of", "step"]
