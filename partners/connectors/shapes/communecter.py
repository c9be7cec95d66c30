"""Communecter: organisations and projects by identifier, with their place."""

from collections.abc import Mapping
from typing import Any

from partners.connectors.shapes.shape import Shape


class Communecter(Shape):
    label = "Communecter"
    options = {"path": "entities"}

    @classmethod
    def recognises(cls, document: Any) -> bool:
        return isinstance(document, Mapping) and isinstance(document.get("entities"), Mapping)

    def row(self, item: Any) -> dict[str, Any]:
        """The entity with its point as two numbers."""
        data = super().row(item)
        geo = data.get("geo")
        if isinstance(geo, Mapping):
            data.setdefault("latitude", geo.get("latitude"))
            data.setdefault("longitude", geo.get("longitude"))
        return data
