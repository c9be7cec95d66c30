"""GoGoCarto maps: their points, and their categories by name."""

from collections.abc import Iterator, Mapping
from typing import Any

from carrefour.http import FetchError
from partners.connectors.shapes.shape import Shape

CODED = ("optionValues", "taxonomy", "categories")
DEPTH = 12


class GoGoCarto(Shape):
    label = "GoGoCarto"
    options = {"path": "data"}

    @classmethod
    def recognises(cls, document: Any) -> bool:
        if isinstance(document, Mapping) and str(document.get("ontology", "")).startswith("gogo"):
            return True
        items = document.get("data") if isinstance(document, Mapping) else document
        first = items[0] if isinstance(items, list) and items else None
        return isinstance(first, Mapping) and isinstance(first.get("geo"), Mapping)

    def open(self, document: Any) -> None:
        super().open(document)
        self._mapping = document.get("mapping") if isinstance(document, Mapping) else None
        self._names: dict[str, str] | None = None

    def row(self, item: Any) -> dict[str, Any]:
        """The element with its point as two numbers and its categories' names."""
        if isinstance(item, list) and isinstance(self._mapping, list):
            item = dict(_spread(self._mapping, item))
        data = super().row(item)
        geo = data.get("geo")
        if isinstance(geo, Mapping):
            data.setdefault("latitude", geo.get("latitude"))
            data.setdefault("longitude", geo.get("longitude"))
        if full := data.get("categoriesFull"):
            data["categories"] = [c["name"] for c in full if isinstance(c, Mapping) and "name" in c]
            del data["categoriesFull"]
            return data
        for name in CODED:
            if isinstance(data.get(name), list):
                data[name] = [self._named(value) for value in data[name]]
        return data

    def _named(self, value: Any) -> Any:
        """An option's number as its name; a name as it is."""
        if isinstance(value, Mapping):
            value = value.get("name") or value.get("optionId", value.get("id"))
        if not str(value).isdigit():
            return value
        if self._names is None:
            self._names = self._taxonomy()
        return self._names.get(str(value), value)

    def _taxonomy(self) -> dict[str, str]:
        before, found, _ = self.url.partition("/api/elements")
        if not found:
            return {}
        try:
            document = self.fetcher.get(f"{before}/api/taxonomy.json").json()
        except FetchError:
            self.warnings.append("Taxonomie illisible : les catégories gardent leur numéro.")
            return {}
        return dict(_options(document, DEPTH))


def _spread(names: list[Any], values: list[Any]) -> Iterator[tuple[str, Any]]:
    """(Name, value) of a compact element, whose inner lists follow those of the mapping."""
    for name, value in zip(names, values, strict=False):
        if isinstance(name, list) and isinstance(value, list):
            yield from _spread(name, value)
        else:
            yield str(name), value


def _options(value: Any, depth: int) -> Iterator[tuple[str, str]]:
    """(Number, name) of every option of a taxonomy, however deep."""
    inner = value if isinstance(value, list) else []
    if isinstance(value, Mapping):
        inner = list(value.values())
        if "id" in value and isinstance(value.get("name"), str):
            yield str(value["id"]), value["name"]
    for one in inner if depth else ():
        yield from _options(one, depth - 1)
