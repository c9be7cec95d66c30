"""WordPress's REST API."""

import json

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

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
