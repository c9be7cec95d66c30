"""JSON:API (Drupal and many others): attributes flattened, relationships followed."""

from collections.abc import Mapping
from typing import Any

from partners.connectors.shapes.shape import Shape

NAMES = ("name", "title", "label", "nom", "titre")


class JsonApi(Shape):
    label = "JSON:API"
    options = {"path": "data"}

    @classmethod
    def recognises(cls, document: Any) -> bool:
        items = document.get("data") if isinstance(document, Mapping) else None
        first = items[0] if isinstance(items, list) and items else None
        return isinstance(first, Mapping) and {"id", "type", "attributes"} <= set(first)

    def page(self, document: Any) -> None:
        included = document.get("included") if isinstance(document, Mapping) else None
        self._included = {
            (i.get("type"), i.get("id")): i
            for i in (included if isinstance(included, list) else [])
            if isinstance(i, Mapping)
        }

    def row(self, item: Any) -> dict[str, Any]:
        """Identifier, type, attributes, then each relationship: names, else objects."""
        if not isinstance(item, Mapping):
            return super().row(item)
        attributes = item.get("attributes")
        data = {"id": item.get("id"), "type": item.get("type")}
        data |= attributes if isinstance(attributes, Mapping) else {}
        relationships = item.get("relationships")
        for name, relation in relationships.items() if isinstance(relationships, Mapping) else ():
            linked = relation.get("data") if isinstance(relation, Mapping) else None
            if linked:
                data.setdefault(str(name), self._resolved(linked))
        return data

    def _resolved(self, linked: Any) -> Any:
        if isinstance(linked, list):
            return [self._resolved(one) for one in linked]
        found = self._included.get((linked.get("type"), linked.get("id")), {})
        attributes = found.get("attributes")
        if not isinstance(attributes, Mapping):
            return linked.get("id")
        named = next((attributes[n] for n in NAMES if isinstance(attributes.get(n), str)), None)
        return named or dict(attributes)
