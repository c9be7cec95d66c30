"""GeoJSON: a file, a WFS or an OGC API."""

from collections.abc import Mapping
from typing import Any

import jmespath

from partners.connectors.geometry import point_of
from partners.connectors.shapes.lists import list_path
from partners.connectors.shapes.shape import Shape

DEGREES = ("4326", "crs84", "4258", "4171")


class GeoJson(Shape):
    label = "GeoJSON"
    options = {"path": "features"}

    @classmethod
    def recognises(cls, document: Any) -> bool:
        if isinstance(document, list):
            return bool(document) and _is_feature(document[0])
        if not isinstance(document, Mapping) or not isinstance(document.get("features"), list):
            return False
        return document.get("type") == "FeatureCollection" or any(
            _is_feature(item) for item in document["features"][:1]
        )

    def open(self, document: Any) -> None:
        super().open(document)
        crs = document.get("crs") if isinstance(document, Mapping) else None
        name = str(crs.get("properties") if isinstance(crs, Mapping) else crs or "").lower()
        self.is_in_degrees = not name or any(known in name for known in DEGREES)
        if not self.is_in_degrees:
            self.warnings.append("Les points sont dans une projection inconnue : ils sont laissés.")

    def total(self, document: Any) -> int | None:
        matched = document.get("numberMatched") if isinstance(document, Mapping) else None
        return matched if isinstance(matched, int) else None

    def row(self, item: Any) -> dict[str, Any]:
        """The feature's properties with its identifier and its point."""
        if not _is_feature(item):
            return super().row(item)
        data = dict(item.get("properties") or {})
        if "id" in item:
            data.setdefault("id", item["id"])
        point = point_of(item.get("geometry")) if self.is_in_degrees else None
        if point:
            data.setdefault("longitude", point[0])
            data.setdefault("latitude", point[1])
        return data


class Features(GeoJson):
    """Features inside a document of another kind: the layers of a uMap, an answer's envelope."""

    label = "GeoJSON (dans un autre document)"
    options = {}

    @classmethod
    def recognises(cls, document: Any) -> bool:
        if not isinstance(document, Mapping):
            return False
        path = list_path(document)
        items = jmespath.search(path, document) if path else None
        return isinstance(items, list) and bool(items) and _is_feature(items[0])


def _is_feature(item: Any) -> bool:
    return isinstance(item, Mapping) and item.get("type") == "Feature" and "properties" in item
