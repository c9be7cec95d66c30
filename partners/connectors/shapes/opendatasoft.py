"""Opendatasoft portals: a dataset by its page or by its API, whatever its size."""

import re
from collections.abc import Mapping
from typing import Any

from carrefour.http import FetchError
from partners.connectors.provenance import licence_of
from partners.connectors.shapes.shape import Shape

DATASET = re.compile(r"^(https?://[^/]+(?:/[^/]+)*?/api/explore/v2\.\d/catalog/datasets/[^/?#]+)")
PAGE = re.compile(r"^(https?://[^/]+)/explore/(?:dataset|embed/dataset)/([^/?#]+)")
SEARCH = re.compile(r"^(https?://[^/]+/api/records/1\.0)/(?:search|download)/?(\?[^#]*)?")
# Pages stop here; beyond, everything is asked at once.
REACH = 10_000


class Opendatasoft(Shape):
    label = "Opendatasoft"
    options = {
        "path": "results",
        "offset_param": "offset",
        "size_param": "limit",
        "size": 100,
        "total": "total_count",
    }

    @classmethod
    def address(cls, url: str) -> str:
        if page := PAGE.match(url):
            return f"{page[1]}/api/explore/v2.1/catalog/datasets/{page[2]}/records"
        if not (dataset := DATASET.match(url)) or "/exports/" in url:
            return ""
        query = url.partition("?")[2]
        return f"{dataset[1]}/records" + (f"?{query}" if query else "")

    @classmethod
    def recognises(cls, document: Any) -> bool:
        if not isinstance(document, Mapping) or not isinstance(document.get("results"), list):
            return False
        return "total_count" in document and "next" not in document

    def open(self, document: Any) -> None:
        """The licence is the dataset's."""
        dataset = DATASET.match(self.url)
        try:
            about = (
                self.fetcher.get(dataset[1], accept="application/json").json() if dataset else {}
            )
        except FetchError:
            return
        metas = about.get("metas") if isinstance(about, Mapping) else None
        usual = metas.get("default") if isinstance(metas, Mapping) else None
        if isinstance(usual, Mapping):
            self.licence = licence_of(usual.get("license"), usual.get("license_url"))

    def whole(self, total: int | None) -> str:
        dataset = DATASET.match(self.url)
        if not dataset or not total or total <= REACH:
            return ""
        query = self.url.partition("?")[2]
        return f"{dataset[1]}/exports/json" + (f"?{query}" if query else "")

    def row(self, item: Any) -> dict[str, Any]:
        """The record with its point as two numbers, without its outline."""
        data = super().row(item)
        for name, value in list(data.items()):
            if isinstance(value, Mapping) and value.get("type") == "Feature":
                del data[name]
            elif isinstance(value, Mapping) and {"lon", "lat"} <= set(value):
                data.setdefault("longitude", value["lon"])
                data.setdefault("latitude", value["lat"])
        return data


class OpendatasoftExport(Opendatasoft):
    """Everything at once: no page to turn."""

    options = {}

    @classmethod
    def address(cls, url: str) -> str:
        return url if DATASET.match(url) and "/exports/json" in url else ""

    @classmethod
    def recognises(cls, document: Any) -> bool:
        return False


class OpendatasoftV1(Shape):
    label = "Opendatasoft (API 1.0)"
    options = {
        "path": "records",
        "offset_param": "start",
        "size_param": "rows",
        "size": 1000,
        "total": "nhits",
    }

    @classmethod
    def address(cls, url: str) -> str:
        search = SEARCH.match(url)
        return f"{search[1]}/search/{search[2] or ''}" if search else ""

    @classmethod
    def recognises(cls, document: Any) -> bool:
        """A dataset exported whole: the same records, in a list."""
        first = document[0] if isinstance(document, list) and document else None
        return isinstance(first, Mapping) and {"datasetid", "recordid", "fields"} <= set(first)

    def whole(self, total: int | None) -> str:
        search = SEARCH.match(self.url)
        if not search or not total or total <= REACH:
            return ""
        asked = (search[2] or "?").lstrip("?").split("&")
        kept = [p for p in asked if p and not p.startswith(("rows=", "start=", "format="))]
        return f"{search[1]}/download/?{'&'.join([*kept, 'format=json'])}"

    def row(self, item: Any) -> dict[str, Any]:
        if not isinstance(item, Mapping) or not isinstance(item.get("fields"), Mapping):
            return super().row(item)
        data = dict(item["fields"])
        # In the portal's order, which is not GeoJSON's.
        for name, value in item["fields"].items():
            if isinstance(value, Mapping) and "coordinates" in value:
                del data[name]
            elif name.startswith("geo_point") and isinstance(value, list) and len(value) == 2:
                data.setdefault("latitude", value[0])
                data.setdefault("longitude", value[1])
        if item.get("record_timestamp"):
            data.setdefault("record_timestamp", item["record_timestamp"])
        return data
