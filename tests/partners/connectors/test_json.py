"""JSON documents and APIs, whatever the way they turn their pages."""

import datetime
import gc
import json
import tracemalloc
from collections.abc import Callable
from itertools import islice
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from carrefour.http import Fetcher, FetchError, NotModified
from partners.connectors import SourceError, connect
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
        body["suite"] = start + limit if more else None
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
        {"params": {"limit": 2}},
        {"cursor_param": "offset", "cursor": "suite"},
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


@pytest.mark.parametrize(
    "options", [{"page_param": "page"}, {"next": "next"}, {"offset_param": "offset"}]
)
def test_a_reading_goes_on_from_the_page_where_it_stopped(
    httpserver: HTTPServer, fetcher: Fetcher, options: dict
) -> None:
    url, options = paged(httpserver), options | {"path": "items", "total": "total"}
    first = connect("json", url, options, fetcher)
    read = [row.data["id"] for row in islice(first.rows(), 5)]
    assert read == [1, 2, 3, 4, 5]
    second = connect("json", url, options, fetcher)
    resumed = list(second.rows(resume=json.loads(json.dumps(first.cursor))))
    # The page that was not finished is read again.
    assert [r.data["id"] for r in resumed] == [4, 5, 6, 7]
    assert resumed[0].position == "page 2, rang 1"
    assert second.is_complete


@pytest.mark.parametrize(
    ("style", "sent"),
    [
        (None, "2024-01-02T07:00:00Z"),
        ("date", "2024-01-02"),
        ("unix", "1704178800"),
        ("%d/%m/%Y", "02/01/2024"),
    ],
)
def test_only_what_changed_is_asked_for(
    httpserver: HTTPServer, fetcher: Fetcher, style: str | None, sent: str
) -> None:
    httpserver.expect_request("/api", query_string={"depuis": sent}).respond_with_json(
        {"resultats": []}
    )
    options = {"since_param": "depuis"} | ({"since_format": style} if style else {})
    connector = connect("json", httpserver.url_for("/api"), options, fetcher)
    assert connector.can_read_since
    since = datetime.datetime(2024, 1, 2, 9, tzinfo=datetime.timezone(datetime.timedelta(hours=1)))
    assert list(connector.rows(since=since)) == []


def grouped(count: int) -> dict[str, list[dict[str, Any]]]:
    """Projects by town, an object of lists, beside a list of another kind."""

    def projects(town: str) -> list[dict[str, Any]]:
        return [
            {"id": f"{town}-{n}", "nom": f"Projet {n}", "texte": "é" * 290, "lieu": town}
            for n in range(count)
        ]

    themes = [{"code": n, "libelle": f"Thème {n}"} for n in range(3)]
    return {"thèmes": themes, "Saint-Malo": projects("Saint-Malo"), "Rezé": projects("Rezé")}


@pytest.mark.parametrize("above", ["", "villes"])
def test_lists_of_the_same_shape_side_by_side_are_all_read(
    serve: Callable[..., str], read: Read, above: str
) -> None:
    document = {above: grouped(2)} if above else grouped(2)
    rows = read("json", serve("/groupes", json.dumps(document)))
    assert [r.data["id"] for r in rows] == ["Saint-Malo-0", "Saint-Malo-1", "Rezé-0", "Rezé-1"]


def test_an_object_by_identifier_is_a_list(serve: Callable[..., str], read: Read) -> None:
    document = {"meta": {"n": 2}, "projets": {"p1": {"nom": "a", "v": 1}, "p2": {"nom": "b"}}}
    rows = read("json", serve("/api", json.dumps(document)))
    assert [(r.external_id, r.data["id"], r.data["nom"]) for r in rows] == [
        ("p1", "p1", "a"),
        ("p2", "p2", "b"),
    ]


@pytest.mark.parametrize("mark", ["", "\ufeff", "\x1e"])
def test_one_object_per_line(serve: Callable[..., str], read: Read, mark: str) -> None:
    text = mark + "\n".join(json.dumps(i, ensure_ascii=False) for i in ITEMS)
    rows = read("json", serve("/lignes", text.encode()))
    assert [r.data["id"] for r in rows] == [1, 2, 3, 4, 5, 6, 7]


def test_a_line_that_is_no_json_is_told(serve: Callable[..., str], read: Read) -> None:
    text = "\n".join([json.dumps(ITEMS[0]), json.dumps(ITEMS[1]), '{"id": 3, "no'])
    assert len(read("json", serve("/lignes", text))) == 2
    assert read.connector.warnings == ["Ligne 3 : ce n’est pas du JSON lisible."]  # type: ignore[attr-defined]
    assert not read.connector.is_complete  # type: ignore[attr-defined]


def big(encoding: str = "utf-8", count: int = 12_000, end: str = "]}") -> bytes:
    """A document of some 7 MB."""
    items = (
        json.dumps({"id": n, "nom": f"Été {n}", "x": "é" * 290}, ensure_ascii=False)
        for n in range(count)
    )
    return f'{{"meta": {{"total": {count}}}, "les projets": [{", ".join(items)}{end}'.encode(
        encoding
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252"])
def test_a_big_document_is_streamed(serve: Callable[..., str], read: Read, encoding: str) -> None:
    rows = read("json", serve("/gros", big(encoding)))
    assert len(rows) == 12_000
    assert rows[-1].data["nom"] == "Été 11999"
    assert read.connector.is_complete  # type: ignore[attr-defined]
    assert read.connector.expected == 12_000  # type: ignore[attr-defined]


def test_a_big_document_is_never_held(serve: Callable[..., str], fetcher: Fetcher) -> None:
    url = serve("/gros", big(count=24_000))
    connector = connect("json", url, {}, fetcher)
    rows = connector.rows()
    next(rows)
    gc.collect()
    tracemalloc.start()
    try:
        assert sum(1 for _ in rows) == 23_999
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8_000_000


def test_a_big_document_that_breaks_off_is_an_error(serve: Callable[..., str], read: Read) -> None:
    with pytest.raises(FetchError, match="JSON lisible"):
        read("json", serve("/gros", big(end="")))


def test_a_big_object_by_identifier_is_streamed(serve: Callable[..., str], read: Read) -> None:
    items = {f"p{n}": {"nom": f"Projet {n}", "x": "é" * 290} for n in range(12_000)}
    rows = read("json", serve("/gros", json.dumps(items, ensure_ascii=False)))
    assert (len(rows), rows[-1].external_id) == (12_000, "p11999")


def test_an_api_that_gives_the_same_page_for_ever_ends(httpserver: HTTPServer, read: Read) -> None:
    httpserver.expect_request("/api").respond_with_json(ITEMS)
    assert len(read("json", httpserver.url_for("/api"), page_param="page")) == 7
    assert not read.connector.is_complete  # type: ignore[attr-defined]
    assert "page déjà lue" in read.connector.warnings[0]  # type: ignore[attr-defined]


def test_a_last_page_given_again_is_the_end(httpserver: HTTPServer, read: Read) -> None:
    httpserver.expect_request("/api", query_string="page=1").respond_with_json(ITEMS[:4])
    httpserver.expect_request("/api").respond_with_json(ITEMS[4:])
    assert len(read("json", httpserver.url_for("/api"), page_param="page")) == 7
    assert read.connector.is_complete  # type: ignore[attr-defined]


@pytest.mark.parametrize("status", [400, 404])
def test_what_is_answered_beyond_the_last_page_is_the_end(
    httpserver: HTTPServer, read: Read, status: int
) -> None:
    httpserver.expect_request("/api", query_string="page=1").respond_with_json(ITEMS)
    httpserver.expect_request("/api").respond_with_data("", status=status)
    assert len(read("json", httpserver.url_for("/api"), page_param="page")) == 7


def test_the_address_keeps_its_own_parameters(httpserver: HTTPServer, read: Read) -> None:
    httpserver.expect_request("/api", query_string="theme=a&p=1").respond_with_json(ITEMS)
    httpserver.expect_request("/api", query_string="theme=a&p=2").respond_with_json([])
    assert len(read("json", httpserver.url_for("/api?theme=a"), page_param="p")) == 7


def test_a_document_alone_is_asked_for_if_it_changed(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request("/api", headers={"If-None-Match": '"a"'}).respond_with_data(
        "", status=304
    )
    httpserver.expect_request("/api").respond_with_json(ITEMS, headers={"ETag": '"a"'})
    url = httpserver.url_for("/api")
    one = {url: ('"a"', "")}
    with (
        Fetcher(allow_hosts=[httpserver.host], validators=one) as fetcher,
        pytest.raises(NotModified),
    ):
        list(connect("json", url, {}, fetcher).rows())
    # Its second page may have changed alone.
    two = {url: ('"a"', ""), f"{url}?page=2": ('"b"', "")}
    with Fetcher(allow_hosts=[httpserver.host], validators=two) as fetcher:
        assert len(list(connect("json", url, {}, fetcher).rows())) == 7


@pytest.mark.parametrize(
    ("item", "options", "date"),
    [
        ({"updatedAt": "2024-01-02T09:00:00Z"}, {}, "2024-01-02T09:00:00+00:00"),
        ({"Date de mise à jour": "02/01/2024"}, {}, "2024-01-02"),
        ({"modified": 1704186000}, {}, "2024-01-02T09:00:00+00:00"),
        ({"meta": {"quand": "2 janvier 2024"}}, {"date": "meta.quand"}, "2024-01-02"),
        ({"modified": "bientôt"}, {}, ""),
        ({"modified": 3}, {}, ""),
    ],
)
def test_when_a_record_changed(
    serve: Callable[..., str], read: Read, item: dict, options: dict, date: str
) -> None:
    (row,) = read("json", serve("/api", json.dumps([item])), **options)
    assert row.date == date


@pytest.mark.parametrize(
    ("options", "said"),
    [({"params": "a=1"}, "attend un objet"), ({"size_param": "n", "size": "x"}, "nombre entier")],
)
def test_options_that_cannot_be_are_told(
    serve: Callable[..., str], read: Read, options: dict, said: str
) -> None:
    with pytest.raises(SourceError, match=said):
        read("json", serve("/api", json.dumps(ITEMS)), **options)


def test_a_big_document_gives_the_lists_named_side_by_side(
    serve: Callable[..., str], read: Read
) -> None:
    url = serve("/gros-groupes", json.dumps(grouped(6000)))
    rows = read("json", url, path='["Saint-Malo", "Rezé"][]')
    assert [len(rows), rows[0].data["lieu"], rows[-1].data["id"]] == [
        12000,
        "Saint-Malo",
        "Rezé-5999",
    ]
