"""What known software writes in JSON, in the real shape of its answers."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from carrefour.http import Fetcher
from partners.connectors import RawRow, SourceError
from partners.connectors.geometry import point_of
from partners.connectors.shapes import SHAPES, list_path, shape_at, shape_of
from partners.connectors.shapes.grids import with_named_cells
from tests.partners.connectors.conftest import Read, sample


def loaded(name: str) -> Any:
    return json.loads(sample(name))


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("opendatasoft.json", "Opendatasoft"),
        ("jsonapi.json", "JSON:API"),
        ("arcgis.json", "ArcGIS"),
        ("gogocarto.json", "GoGoCarto"),
        ("gogocarto-compact.json", "GoGoCarto"),
        ("communecter.json", "Communecter"),
        ("grist.json", "Grist ou Airtable"),
        ("geojson.json", "GeoJSON"),
        ("wordpress-project.json", "JSON"),
    ],
)
def test_each_software_is_told_by_what_it_writes(name: str, label: str) -> None:
    assert shape_of(loaded(name)).label == label


@pytest.mark.parametrize("document", [[], {}, None, 3, "texte", [1], {"data": [1]}, {"a": None}])
def test_no_shape_stumbles_on_a_document_of_another(document: object, fetcher: Fetcher) -> None:
    assert shape_of(document).label == "JSON"
    for shape in SHAPES:
        made = shape("https://exemple.fr/a", fetcher)
        made.open(document)
        made.page(document)
        assert made.following(document) == ""
        assert isinstance(made.row(3), dict)


def dataset(server: HTTPServer, total: int = 3) -> str:
    """An Opendatasoft portal with one dataset; returns its root."""
    records = loaded("opendatasoft.json")["results"]

    def page(request: Request) -> Response:
        start, limit = int(request.args.get("offset", 0)), int(request.args.get("limit", 10))
        if limit > 100 or start + limit > 10_000:
            return Response('{"error_code": "InvalidRESTParameterError"}', status=400)
        body = {"total_count": total, "results": records[start : start + min(limit, 2)]}
        return Response(json.dumps(body), content_type="application/json")

    root = "/api/explore/v2.1/catalog/datasets/exemple"
    server.expect_request(f"{root}/records").respond_with_handler(page)
    server.expect_request(f"{root}/exports/json").respond_with_json(records)
    server.expect_request(root).respond_with_json(
        {"metas": {"default": {"license": "Licence Ouverte v2.0", "records_count": total}}}
    )
    return server.url_for("")


@pytest.mark.parametrize(
    "path",
    [
        "/api/explore/v2.1/catalog/datasets/exemple/records?limit=20",
        "/api/explore/v2.1/catalog/datasets/exemple",
        "/explore/dataset/exemple/information/?disjunctive.a",
        "/api/explore/v2.1/catalog/datasets/exemple/exports/json",
    ],
)
@pytest.mark.parametrize("total", [3, 20_000])
def test_an_opendatasoft_dataset_is_read_whole(
    httpserver: HTTPServer, read: Read, path: str, total: int
) -> None:
    rows = read("json", dataset(httpserver, total).rstrip("/") + path)
    assert [r.data["nom"] for r in rows] == [
        "Atelier de réparation",
        "Jardin partagé",
        "Épicerie d’échange",
    ]
    assert (rows[0].data["longitude"], rows[0].data["latitude"]) == (-1.55, 47.22)
    assert "geo_shape" not in rows[0].data
    assert rows[0].licence == "etalab-2.0"
    # What was announced beyond what came is said.
    is_short = total == 20_000 and "exports" not in path
    assert read.connector.is_complete is not is_short  # type: ignore[attr-defined]


def test_the_first_opendatasoft_api(httpserver: HTTPServer, read: Read) -> None:
    document = sample("opendatasoft-v1.json")
    httpserver.expect_request(
        "/api/records/1.0/search/", query_string="dataset=exemple&rows=1000&start=0"
    ).respond_with_data(document)
    (row,) = read("json", httpserver.url_for("/api/records/1.0/search/?dataset=exemple"))
    assert row.data == {
        "nom": "Atelier de réparation",
        "latitude": 47.22,
        "longitude": -1.55,
        "geo_point_2d": [47.22, -1.55],
        "record_timestamp": "2024-01-02T09:00:00Z",
    }
    assert row.date == "2024-01-02T09:00:00+00:00"


def test_the_first_opendatasoft_api_beyond_its_reach(httpserver: HTTPServer, read: Read) -> None:
    document = loaded("opendatasoft-v1.json")
    httpserver.expect_request("/api/records/1.0/search/").respond_with_json(
        document | {"nhits": 10_001}
    )
    httpserver.expect_request(
        "/api/records/1.0/download/", query_string="dataset=exemple&format=json"
    ).respond_with_json(document["records"] * 2)
    rows = read("json", httpserver.url_for("/api/records/1.0/search/?dataset=exemple&rows=5"))
    assert [r.data["nom"] for r in rows] == ["Atelier de réparation"] * 2


def test_json_api_relationships_are_told_by_name(serve: Callable[..., str], read: Read) -> None:
    first, second = read("json", serve("/jsonapi", sample("jsonapi.json")))
    assert first.data == {
        "id": "11",
        "type": "node--projet",
        "title": "Atelier de réparation",
        "changed": "2024-01-02T09:00:00+00:00",
        "field_theme": ["Réemploi", "99"],
        "field_lieu": {"commune": "Nantes", "code_postal": "44000"},
    }
    assert first.date == "2024-01-02T09:00:00+00:00"
    assert second.data["title"] == "Jardin partagé"
    assert read.connector.expected == 2  # type: ignore[attr-defined]


def test_json_api_pages_are_turned(httpserver: HTTPServer, read: Read) -> None:
    document = loaded("jsonapi.json")
    following = {"next": {"href": httpserver.url_for("/jsonapi?page[offset]=2")}}
    last = {"data": [{"type": "node--projet", "id": "13", "attributes": {"title": "Fin"}}]}
    httpserver.expect_request("/jsonapi", query_string={"page[offset]": "2"}).respond_with_json(
        last
    )
    httpserver.expect_request("/jsonapi", query_string="").respond_with_json(
        document | {"links": following, "meta": {"count": 3}}
    )
    rows = read("json", httpserver.url_for("/jsonapi"))
    assert [r.data["title"] for r in rows] == ["Atelier de réparation", "Jardin partagé", "Fin"]
    assert not read.connector.is_one_document  # type: ignore[attr-defined]


def layer(server: HTTPServer) -> str:
    document = loaded("arcgis.json")

    def answer(request: Request) -> Response:
        assert (request.args["outSR"], request.args["f"]) == ("4326", "json")
        if "returnCountOnly" in request.args:
            return Response('{"count": 2}')
        start = int(request.args["resultOffset"])
        body = document | {"features": document["features"][start : start + 1]}
        return Response(json.dumps(body | {"exceededTransferLimit": start < 1}))

    server.expect_request("/rest/services/Lieux/FeatureServer/0/query").respond_with_handler(answer)
    return server.url_for("/rest/services/Lieux/FeatureServer/0")


@pytest.mark.parametrize("asked", ["", "/query?where=1%3D1&f=geojson&outSR=2154"])
def test_an_arcgis_layer_is_read_in_degrees_to_its_end(
    httpserver: HTTPServer, read: Read, asked: str
) -> None:
    first, second = read("json", layer(httpserver) + asked)
    assert first.data == {
        "OBJECTID": 1,
        "NOM": "Atelier de réparation",
        "MAJ": "2024-01-02",
        "longitude": -1.55,
        "latitude": 47.22,
    }
    assert (second.data["longitude"], second.data["latitude"]) == (-0.5, 47.5)
    assert read.connector.is_complete  # type: ignore[attr-defined]
    assert read.connector.expected == 2  # type: ignore[attr-defined]


def test_an_error_told_as_an_answer_is_told_to_people(httpserver: HTTPServer, read: Read) -> None:
    httpserver.expect_request("/FeatureServer/0/query").respond_with_json(
        {"error": {"code": 499, "message": "Token Required"}}
    )
    with pytest.raises(SourceError, match="Token Required"):
        read("json", httpserver.url_for("/FeatureServer/0"))


def carto(server: HTTPServer, read: Read, name: str) -> list[RawRow]:
    server.expect_request("/api/elements.json").respond_with_data(sample(name))
    server.expect_request("/api/taxonomy.json").respond_with_data(sample("gogocarto-taxonomy.json"))
    return read("json", server.url_for("/api/elements.json"))


def test_gogocarto_categories_are_told_by_name(httpserver: HTTPServer, read: Read) -> None:
    first, second = carto(httpserver, read, "gogocarto.json")
    assert first.data["optionValues"] == ["Réemploi", "Vélo"]
    assert (first.data["latitude"], first.data["longitude"]) == (47.22, -1.55)
    assert first.licence == "odbl-1.0"
    assert second.data["categories"] == ["Jardin partagé"]


def test_compact_gogocarto_elements(httpserver: HTTPServer, read: Read) -> None:
    (row,) = carto(httpserver, read, "gogocarto-compact.json")
    assert row.data == {
        "id": "a1",
        "name": "Atelier de réparation",
        "latitude": 47.22,
        "longitude": -1.55,
        "taxonomy": ["Réemploi", "Vélo"],
    }


def test_gogocarto_without_its_taxonomy_keeps_the_numbers(
    httpserver: HTTPServer, read: Read
) -> None:
    httpserver.expect_request("/api/elements.json").respond_with_data(sample("gogocarto.json"))
    httpserver.expect_request("/api/taxonomy.json").respond_with_data("", status=404)
    first, _ = read("json", httpserver.url_for("/api/elements.json"))
    assert first.data["optionValues"] == [3, 4]
    assert "Taxonomie illisible" in read.connector.warnings[0]  # type: ignore[attr-defined]


def test_communecter_entities_are_read_by_their_identifier(
    serve: Callable[..., str], read: Read
) -> None:
    (row,) = read("json", serve("/api", sample("communecter.json")))
    assert (row.external_id, row.data["id"]) == ("5c01", "5c01")
    assert (row.data["latitude"], row.data["longitude"]) == ("47.22", "-1.55")


def test_online_tables_are_rows_of_their_columns(httpserver: HTTPServer, read: Read) -> None:
    httpserver.expect_request("/records", query_string="offset=suite").respond_with_json(
        {"records": [{"id": "rec3", "fields": {"Nom": "Fin"}}]}
    )
    httpserver.expect_request("/records", query_string="").respond_with_json(
        loaded("grist.json") | {"offset": "suite"}
    )
    rows = read("json", httpserver.url_for("/records"))
    assert [r.data["Nom"] for r in rows] == ["Atelier de réparation", "Jardin partagé", "Fin"]
    assert rows[0].data["id"] == 1


@pytest.mark.parametrize(
    ("geometry", "point"),
    [
        ({"type": "Point", "coordinates": [-1.55, 47.22, 12]}, (-1.55, 47.22)),
        ({"type": "LineString", "coordinates": [[0, 40], [2, 44]]}, (1, 42)),
        ({"type": "MultiPolygon", "coordinates": [[[[0, 40], [2, 40], [2, 44]]]]}, (1, 42)),
        (
            {
                "type": "GeometryCollection",
                "geometries": [{"type": "Point", "coordinates": [3, 45]}],
            },
            (3, 45),
        ),
        ({"points": [[1, 41], [3, 43]]}, (2, 42)),
        ({"type": "Point", "coordinates": [652_000, 6_862_000]}, None),
        ({"type": "Polygon", "coordinates": []}, None),
        ({"type": "Point", "coordinates": ["a", None]}, None),
        (None, None),
    ],
)
def test_any_geometry_has_one_point(geometry: object, point: tuple[float, float] | None) -> None:
    assert point_of(geometry) == point


def test_points_of_another_projection_are_left_and_told(
    serve: Callable[..., str], read: Read
) -> None:
    document = loaded("geojson.json")
    document["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2154"}}
    rows = read("json", serve("/g", json.dumps(document)))
    assert "longitude" not in rows[0].data
    assert "projection" in read.connector.warnings[0]  # type: ignore[attr-defined]


def test_the_pages_of_a_geographic_api_are_turned(httpserver: HTTPServer, read: Read) -> None:
    document = loaded("geojson.json")
    links = [{"rel": "self", "href": "/g"}, {"rel": "next", "href": "/g?offset=2"}]
    httpserver.expect_request("/g", query_string="offset=2").respond_with_json(
        {"type": "FeatureCollection", "features": [], "numberMatched": 2}
    )
    httpserver.expect_request("/g", query_string="").respond_with_json(
        document | {"links": links, "numberMatched": 2}
    )
    assert len(read("json", httpserver.url_for("/g"))) == 2
    assert read.connector.expected == 2  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("document", "path"),
    [
        (
            {"meta": {"a": 1}, "projets": {"p1": {"nom": "a", "ville": "b"}, "p2": {"nom": "c"}}},
            "projets",
        ),
        ({"p1": {"nom": "a"}, "p2": {"nom": "c"}}, ""),
        ({"a": {"b": [{"c": 1}]}, "d": {"e": {"f": 1}, "g": {"f": 2}}}, "a.b"),
        ({"resultats": [], "errors": []}, "resultats"),
        (
            {
                "facettes": [{"nom": str(n), "nombre": n} for n in range(50)],
                "suite": {"fiches": [{"nom": f"Fiche {n}", "texte": "mot " * 30} for n in (1, 2)]},
            },
            "suite.fiches",
        ),
        (
            {
                "calques": [
                    {"nom": "Lieux", "points": [{"titre": "Un long titre", "t": "a" * 90}] * 2}
                ]
            },
            "calques[].points[]",
        ),
        (
            {"fiches": [{"titre": "t" * 90, "images": [{"legende": "l" * 90}] * 3} for _ in "ab"]},
            "fiches",
        ),
        (
            {"fiches": [{"nom": "Le café", "images": [{"url": "https://x.fr/" + "i" * 90}]}] * 3},
            "fiches",
        ),
    ],
)
def test_where_the_list_is(document: object, path: str) -> None:
    assert list_path(document) == path


def test_an_address_that_tells_nothing_waits_for_the_answer() -> None:
    assert shape_at("https://exemple.fr/api/projets.json") is None


GRID = [["Nom", "Ville", ""], ["Atelier vélo", "Nantes", 1], ["Repair café", None, 2]]


@pytest.mark.parametrize(
    "document",
    [
        GRID,
        {"range": "Feuille1!A1:C3", "majorDimension": "ROWS", "values": GRID},
        {"columns": ["Nom", "Ville", "colonne 3"], "data": GRID[1:]},
        {"fields": [{"id": "Nom"}, {"id": "Ville"}, {"id": "colonne 3"}], "records": GRID[1:]},
    ],
)
def test_a_table_written_in_json(serve: Callable[..., str], read: Read, document: object) -> None:
    rows = read("json", serve("/t", json.dumps(document)))
    assert [row.data for row in rows] == [
        {"Nom": "Atelier vélo", "Ville": "Nantes", "colonne 3": 1},
        {"Nom": "Repair café", "Ville": "", "colonne 3": 2},
    ]


def test_lists_of_numbers_are_no_table() -> None:
    assert with_named_cells([[1.5, 47.2], [1.6, 47.3]]) == [[1.5, 47.2], [1.6, 47.3]]


def test_the_layers_of_a_map_are_read_together(serve: Callable[..., str], read: Read) -> None:
    layers = [
        {"type": "FeatureCollection", "features": [feature], "_umap_options": {"name": name}}
        for name, feature in zip("ab", loaded("geojson.json")["features"], strict=False)
    ]
    rows = read("json", serve("/m", json.dumps({"type": "umap", "layers": layers})))
    assert len(rows) == len(layers) > 1
    assert {"longitude", "latitude"} <= set(rows[0].data)
