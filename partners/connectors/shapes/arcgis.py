"""ArcGIS feature services: a layer, its coded dates and its geometry in degrees."""

import datetime
import re
from collections.abc import Mapping
from typing import Any

from carrefour.http import FetchError
from partners.connectors.base import SourceError
from partners.connectors.geometry import point_of
from partners.connectors.shapes.shape import Shape

LAYER = re.compile(r"^(https?://[^?#]+/(?:Feature|Map)Server/\d+)(?:/query)?/?(?:\?([^#]*))?$")
OURS = {"where": "1=1", "outFields": "*", "outSR": "4326", "f": "json"}
FIXED = ("outSR", "f")
DEGREES = (4326, 4258, 4171)


class ArcGis(Shape):
    label = "ArcGIS"
    options = {"path": "features", "offset_param": "resultOffset"}

    @classmethod
    def address(cls, url: str) -> str:
        if not (layer := LAYER.match(url)):
            return ""
        asked = dict(p.partition("=")[::2] for p in (layer[2] or "").split("&") if p)
        ours = {n: v for n, v in OURS.items() if n in FIXED or n not in asked}
        query = "&".join(f"{name}={value}" for name, value in {**asked, **ours}.items())
        return f"{layer[1]}/query?{query}"

    @classmethod
    def recognises(cls, document: Any) -> bool:
        items = document.get("features") if isinstance(document, Mapping) else None
        first = items[0] if isinstance(items, list) and items else None
        return isinstance(first, Mapping) and isinstance(first.get("attributes"), Mapping)

    def open(self, document: Any) -> None:
        error = document.get("error") if isinstance(document, Mapping) else None
        if isinstance(error, Mapping):
            raise SourceError("reponse", f"Le service répond : {error.get('message') or error}.")
        fields = document.get("fields") if isinstance(document, Mapping) else None
        self._dates = {
            f["name"]
            for f in (fields if isinstance(fields, list) else [])
            if isinstance(f, Mapping) and f.get("type") == "esriFieldTypeDate"
        }
        reference = document.get("spatialReference") if isinstance(document, Mapping) else None
        wkid = reference.get("wkid") if isinstance(reference, Mapping) else None
        self.is_in_degrees = wkid is None or wkid in DEGREES
        self._total = self._counted()

    def _counted(self) -> int | None:
        if not LAYER.match(self.url):
            return None
        try:
            answer = self.fetcher.get(self.url, params={"returnCountOnly": "true"}).json()
        except FetchError:
            return None
        count = answer.get("count") if isinstance(answer, Mapping) else None
        return count if isinstance(count, int) else None

    def total(self, document: Any) -> int | None:
        return self._total

    def goes_on(self, document: Any) -> bool | None:
        return bool(isinstance(document, Mapping) and document.get("exceededTransferLimit"))

    def row(self, item: Any) -> dict[str, Any]:
        """The feature's attributes, its dates in ISO form, and its point."""
        if not isinstance(item, Mapping) or not isinstance(item.get("attributes"), Mapping):
            return super().row(item)
        data = {n: _day(v) if n in self._dates else v for n, v in item["attributes"].items()}
        point = point_of(item.get("geometry")) if self.is_in_degrees else None
        if point:
            data.setdefault("longitude", point[0])
            data.setdefault("latitude", point[1])
        return data


def _day(value: Any) -> Any:
    """Milliseconds since 1970 as AAAA-MM-JJ; what is no such number as it is."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return value
    epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    try:
        return (epoch + datetime.timedelta(milliseconds=value)).date().isoformat()
    except OverflowError:
        return value
