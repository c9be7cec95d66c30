"""WordPress's REST API."""

import datetime
import json
import re
from itertools import islice
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from carrefour.http import Fetcher
from partners.connectors import SourceError, connect
from tests.partners.connectors.conftest import Read, sample

ROOT = "/site/wp-json/wp/v2"


@pytest.fixture
def wordpress(httpserver: HTTPServer) -> HTTPServer:
    items = json.loads(sample("wordpress-project.json"))

    def page(request: Request) -> Response:
        number = int(request.args.get("page", 1))
        response = Response(json.dumps(items[number - 1 : number]), content_type="application/json")
        response.headers["X-WP-Total"] = response.headers["X-WP-TotalPages"] = str(len(items))
        return response

    taxonomies = {"post_tag": {"rest_base": "tags"}, "theme": {"rest_base": "thematique"}}
    names = [{"id": 3, "name": "Réemploi"}, {"id": 4, "name": "Lien social"}]
    httpserver.expect_request(f"{ROOT}/project").respond_with_handler(page)
    httpserver.expect_request(f"{ROOT}/taxonomies").respond_with_json(taxonomies)
    httpserver.expect_request(f"{ROOT}/thematique").respond_with_json(names)
    return httpserver


@pytest.mark.parametrize(
    ("address", "options"),
    [
        ("/site/", {"type": "project"}),
        (f"{ROOT}/project", {}),
        ("/site/wp-json/", {"type": "project"}),
    ],
)
def test_a_content_type_is_read_with_its_terms_by_name(
    wordpress: HTTPServer, read: Read, address: str, options: dict
) -> None:
    rows = read("wordpress", wordpress.url_for(address), **options)
    assert [(r.external_id, r.position) for r in rows] == [
        ("11", "page 1, rang 1"),
        ("12", "page 2, rang 1"),
    ]
    assert rows[0].url == "https://exemple.org/projet/atelier/"
    assert rows[0].data["thematique"] == ["Réemploi", "Lien social"]
    assert rows[1].data["thematique"] == ["Lien social"]
    assert "_links" not in rows[0].data
    assert read.connector.expected == 2  # type: ignore[attr-defined]


def test_fewer_items_than_announced_is_an_incomplete_reading(
    httpserver: HTTPServer, read: Read
) -> None:
    httpserver.expect_request(f"{ROOT}/taxonomies").respond_with_json({})
    httpserver.expect_request(f"{ROOT}/posts").respond_with_json(
        [{"id": 1}], headers={"X-WP-Total": "40", "X-WP-TotalPages": "1"}
    )
    read("wordpress", httpserver.url_for("/site/"))
    assert not read.connector.is_complete  # type: ignore[attr-defined]
    assert "annonce 40 fiches" in read.connector.warnings[0]  # type: ignore[attr-defined]


def site(server: HTTPServer, root: str = ROOT, **collections: Any) -> str:
    """A site whose REST API holds these collections, by name; returns its address.

    A number in place of a collection is the status it answers. Without ``root``, the API is a
    parameter of the home page.
    """

    def answer(request: Request) -> Response:
        route = request.args.get("rest_route", request.path.removeprefix("/site/wp-json"))
        found = collections.get(route.removeprefix("/wp/v2/"), 404)
        if isinstance(found, int):
            return Response("{}", status=found)
        return Response(json.dumps(found)) if isinstance(found, dict) else listed(request, found)

    if not root:
        server.expect_request(re.compile("/site/wp-json/.*")).respond_with_data("", status=404)
        server.expect_request("/site/").respond_with_handler(answer)
    for name in (*collections, "absent") if root else ():
        server.expect_request(f"{root}/{name}").respond_with_handler(answer)
    return server.url_for("/site/")


def listed(request: Request, found: list[dict[str, Any]]) -> Response:
    """One page of a collection, as WordPress cuts it."""
    after = request.args.get("modified_after", "")
    found = [i for i in found if not after or i["modified_gmt"] + "Z" > after]
    if "include" in request.args:
        found = [i for i in found if str(i["id"]) in request.args["include"].split(",")]
    size, number = int(request.args["per_page"]), int(request.args.get("page", 1))
    shown = found[(number - 1) * size : number * size]
    if not shown and number > 1:
        return Response('{"code": "rest_post_invalid_page_number"}', status=400)
    return Response(json.dumps(shown), headers={"X-WP-Total": str(len(found))})


def post(number: int, **more: Any) -> dict[str, Any]:
    return {"id": number, "modified_gmt": f"2024-01-{number:02}T09:00:00"} | more


def test_the_api_of_a_site_without_pretty_addresses(httpserver: HTTPServer, read: Read) -> None:
    url = site(
        httpserver,
        root="",
        taxonomies={"theme": {"rest_base": "theme"}},
        theme=[{"id": 3, "name": "Réemploi"}],
        posts=[post(1, theme=[3]), post(2), post(3)],
    )
    rows = read("wordpress", url, size=2)
    assert [r.external_id for r in rows] == ["1", "2", "3"]
    assert rows[0].data["theme"] == ["Réemploi"]
    rows = read("wordpress", f"{url}?rest_route=/wp/v2/posts", size=2)
    assert len(rows) == 3


def test_pictures_and_custom_fields_come_with_the_record(
    httpserver: HTTPServer, read: Read
) -> None:
    url = site(
        httpserver,
        taxonomies={},
        posts=[post(1, featured_media=7, acf={"ville": "Nantes"}), post(2, featured_media=0)],
        media=[{"id": 7, "source_url": "https://exemple.fr/a.jpg", "alt_text": "L’atelier"}],
    )
    first, second = read("wordpress", url)
    assert (first.data["picture"], first.data["picture_alt"]) == (
        "https://exemple.fr/a.jpg",
        "L’atelier",
    )
    assert first.data["acf"] == {"ville": "Nantes"}
    assert first.date == "2024-01-01T09:00:00+00:00"
    assert "picture" not in second.data
    asked = [e["url"] for e in read.connector.fetcher.journal]  # type: ignore[attr-defined]
    assert sum("/media" in a for a in asked) == 1


def test_pictures_and_terms_that_are_hidden_stop_nothing(
    httpserver: HTTPServer, read: Read
) -> None:
    url = site(
        httpserver,
        taxonomies={"theme": {"rest_base": "theme"}},
        theme=403,
        media=401,
        posts=[post(1, featured_media=7, theme=[3]), post(2, featured_media=8, theme=[3])],
    )
    rows = read("wordpress", url, size=1)
    assert [r.data["theme"] for r in rows] == [[3], [3]]
    warnings = read.connector.warnings  # type: ignore[attr-defined]
    assert [w.partition(".")[0] for w in warnings] == [
        "Images non lues",
        "Termes non lus, leurs numéros sont gardés",
    ]


def test_only_what_was_modified_is_asked_for(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    url = site(httpserver, taxonomies={}, posts=[post(n) for n in range(1, 6)])
    connector = connect("wordpress", url, {}, fetcher)
    assert connector.can_read_since
    since = datetime.datetime(2024, 1, 4, 9, 30, tzinfo=datetime.UTC)
    assert [r.external_id for r in connector.rows(since=since)] == ["4", "5"]
    assert connector.is_complete


def test_a_reading_goes_on_from_the_page_where_it_stopped(
    httpserver: HTTPServer, fetcher: Fetcher
) -> None:
    url = site(httpserver, taxonomies={}, posts=[post(n) for n in range(1, 6)])
    first = connect("wordpress", url, {"size": 2}, fetcher)
    assert [r.external_id for r in islice(first.rows(), 3)] == ["1", "2", "3"]
    second = connect("wordpress", url, {"size": 2}, fetcher)
    resumed = list(second.rows(resume=json.loads(json.dumps(first.cursor))))
    assert [r.external_id for r in resumed] == ["3", "4", "5"]
    assert second.is_complete


def test_what_the_pasted_address_asks_is_kept(httpserver: HTTPServer, read: Read) -> None:
    httpserver.expect_request(f"{ROOT}/taxonomies").respond_with_json({})
    httpserver.expect_request(
        f"{ROOT}/posts",
        query_string={
            "per_page": "100",
            "page": "1",
            "orderby": "id",
            "order": "asc",
            "categories": "5",
        },
    ).respond_with_json([{"id": 1}])
    url = httpserver.url_for(f"{ROOT}/posts?categories=5&per_page=3&page=2")
    assert len(read("wordpress", url)) == 1


@pytest.mark.parametrize(
    ("collections", "said"),
    [
        ({"posts": 401}, "sans compte"),
        ({"types": {"post": {"rest_base": "posts"}, "projet": {}}}, "Types : posts, projet"),
        ({"posts": {"a": 1}}, "pas une liste"),
    ],
)
def test_a_type_that_cannot_be_read_is_told(
    httpserver: HTTPServer, read: Read, collections: dict[str, Any], said: str
) -> None:
    url = site(httpserver, taxonomies={}, **{"posts": 404, **collections})
    with pytest.raises(SourceError, match=said):
        read("wordpress", url)
