"""Online tables (Grist, Airtable): records whose columns stand under « fields »."""

from collections.abc import Mapping
from typing import Any

from partners.connectors.shapes.shape import Shape


class Sheets(Shape):
    label = "Grist ou Airtable"
    # Airtable gives a token to send back; Grist gives everything at once.
    options = {"path": "records", "cursor_param": "offset", "cursor": "offset"}

    @classmethod
    def recognises(cls, document: Any) -> bool:
        items = document.get("records") if isinstance(document, Mapping) else None
        first = items[0] if isinstance(items, list) and items else None
        return isinstance(first, Mapping) and {"id", "fields"} <= set(first)

    def row(self, item: Any) -> dict[str, Any]:
        if not isinstance(item, Mapping) or not isinstance(item.get("fields"), Mapping):
            return super().row(item)
        return {"id": item.get("id")} | dict(item["fields"])
