"""The documented JSON of well-known software."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

from werkzeug import Request

from carrefour.text import key
from tests.partners.emulator.answers import PAGE, Answer, Built, said
from tests.partners.real_rows import RealSource, rows_of


def geojson(path: Path, source: RealSource, base: str) -> Built:
    longitude, latitude = source.fields["longitude"][0], source.fields["latitude"][0]
    features = []
    for row in rows_of(path):
        kept = {k: v for k, v in row.items() if k not in {longitude, latitude}}
        point = {"type": "Point", "coordinates": [float(row[longitude]), float(row[latitude])]}
        features.append({"type": "Feature", "geometry": point, "properties": kept})
    document = {"type": "FeatureCollection", "features": features}
    return lambda request, at: said(document), "/carte"


def opendatasoft(path: Path, source: RealSource, base: str) -> Built:
    """Explore API v2.1: at most 100 records per page."""
    rows = [{key(k).replace(" ", "_"): v for k, v in row.items()} for row in rows_of(path)]

    def site(request: Request, at: str) -> Answer:
        if at.endswith("/exports/json"):
            return said(rows)
        if not at.endswith("/records"):
            return said({"dataset_id": "fiches", "metas": {"default": {"title": "Fiches"}}})
        size, start = request.args.get("limit", 10, int), request.args.get("offset", 0, int)
        if size > 100 or start + size > 10_000:
            return 400, json.dumps({"error_code": "InvalidRESTParameterError"}), {}
        return said({"total_count": len(rows), "results": rows[start : start + size]})

    return site, "/api/explore/v2.1/catalog/datasets/fiches/records"


def jsonapi(path: Path, source: RealSource, base: str) -> Built:
    rows = rows_of(path)

    def site(request: Request, at: str) -> Answer:
        page = request.args.get("page[number]", 1, int)
        shown = rows[(page - 1) * PAGE : page * PAGE]
        data = [
            {
                "type": "node--fiche",
                "id": f"6b1f-{page}-{rank}",
                "attributes": row,
                "links": {"self": {"href": f"{base}/jsonapi/node/{page}-{rank}"}},
            }
            for rank, row in enumerate(shown)
        ]
        links: dict[str, Any] = {"self": {"href": f"{base}/jsonapi/fiches"}}
        if page * PAGE < len(rows):
            more = quote("page[number]")
            links["next"] = {"href": f"{base}/jsonapi/fiches?{more}={page + 1}"}
        return said({"jsonapi": {"version": "1.0"}, "data": data, "links": links})

    return site, "/jsonapi/fiches"


def arcgis(path: Path, source: RealSource, base: str) -> Built:
    rows = rows_of(path)
    longitude, latitude = source.fields["longitude"][0], source.fields["latitude"][0]

    def site(request: Request, at: str) -> Answer:
        start = request.args.get("resultOffset", 0, int)
        size = min(request.args.get("resultRecordCount", 500, int), 500)
        shown = [
            {
                "attributes": row,
                "geometry": {"x": float(row[longitude] or 0), "y": float(row[latitude] or 0)},
            }
            for row in rows[start : start + size]
        ]
        document = {
            "objectIdFieldName": "OBJECTID",
            "geometryType": "esriGeometryPoint",
            "spatialReference": {"wkid": 4326},
            "fields": [{"name": n, "type": "esriFieldTypeString"} for n in rows[0]],
            "features": shown,
        }
        more = {"exceededTransferLimit": True} if start + size < len(rows) else {}
        return said(document | more)

    return site, "/rest/services/fiches/FeatureServer/0/query"
