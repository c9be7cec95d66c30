"""JSON documents and APIs, whatever the way they turn their pages."""

import json
from collections.abc import Callable

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from partners.connectors import SourceError
from tests.partners.connectors.conftest import Read, sample

ITEMS = [{"id": n, "nom": f"Projet {n}"} for n in range(1, 8)]


@pytest.mark.parametrize(
    ("document", "options"),
    [
        (ITEMS, {}),
        ({"meta": {"total": 7}, "data": {"projets": ITEMS}}, {}),
        ({"a": [{"x": 1}], "mes projets": ITEMS}, {}),
        ({"r": ITEMS, "plus": ITEMS * 2}, {"path": "r"}),
    ],
)
def test_the_list_is_found(
    serve: Callable[..., str], read: Read, document: object, options: dict
) -> None:
    rows = read("json", serve("/api", json.dumps(document)), **options)
    assert [r.data["id"] for r in rows] == [1, 2, 3, 4, 5, 6, 7]
    assert rows[2].position == "rang 3"


def test_geojson(serve: Callable[..., str], read: Read) -> None:
    rows = read("json", serve("/g.json", sample("geojson.json")))
    assert [r.data for r in rows] == [
        {"nom": "Atelier de réparation", "id": 7, "longitude": -1.55, "latitude": 47.22},
        {"nom": "Jardin partagé", "id": 8},
    ]


def paged(server: HTTPServer, size: int = 3) -> str:
    """An API that understands page, offset and size, and says the next page in every way."""

    def answer(request: Request) -> Response:
        limit = int(request.args.get("limit", size))
        start = int(request.args.get("offset", (int(request.args.get("page", 1)) - 1) * limit))
        items = ITEMS[start : start + limit]
        following = f"{request.path}?offset={start + limit}&limit={limit}"
        more = start + limit < len(ITEMS)
        body = {"total": 7, "items": items, "next": following if more else None}
        response = Response(json.dumps(body), content_type="application/json")
        if more and "link" in request.args:
            response.headers["Link"] = f'<{following}&link=1>; rel="next"'
        return response

    server.expect_request("/api").respond_with_handler(answer)
    return server.url_for("/api")


@pytest.mark.parametrize(
    "options",
    [
        {"page_param": "page"},
        {"page_param": "page", "total": "total"},
        {"offset_param": "offset", "size_param": "limit", "size": 2},
        {"next": "next"},
        {"params": {"link": "1"}},
    ],
)
def test_pages_are_turned(httpserver: HTTPServer, read: Read, options: dict) -> None:
    rows = read("json", paged(httpserver), path="items", **options)
    assert [r.data["id"] for r in rows] == [1, 2, 3, 4, 5, 6, 7]
    assert read.connector.is_complete  # type: ignore[attr-defined]


def test_a_next_page_that_turns_in_circles_ends(httpserver: HTTPServer, read: Read) -> None:
    body = {"items": ITEMS[:2], "next": "/api"}
    httpserver.expect_request("/api").respond_with_json(body)
    assert len(read("json", httpserver.url_for("/api"), next="next")) == 2


def test_what_is_no_list_is_told(serve: Callable[..., str], read: Read) -> None:
    with pytest.raises(SourceError, match="Aucune liste"):
        read("json", serve("/a", json.dumps({"a": 1})))
    with pytest.raises(SourceError, match="illisible"):
        read("json", serve("/b", json.dumps({"a": [1]})), path="a[")


def test_fewer_items_than_announced_is_an_incomplete_reading(
    serve: Callable[..., str], read: Read
) -> None:
    url = serve("/api", json.dumps({"total": 40, "items": ITEMS}))
    read("json", url, total="total")
    assert not read.connector.is_complete  # type: ignore[attr-defined]
    assert "annonce 40 fiches" in read.connector.warnings[0]  # type: ignore[attr-defined]
