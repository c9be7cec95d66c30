"""What an address leads to, told by its content alone."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from carrefour.http import Fetcher
from partners.connectors import SourceError
from partners.detection import detect
from tests.partners.connectors.conftest import sample
from tests.partners.connectors.test_spreadsheet import workbook


@pytest.fixture
def fetcher(httpserver: HTTPServer) -> Iterator[Fetcher]:
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    with Fetcher(allow_hosts=[httpserver.host]) as fetcher:
        yield fetcher


@pytest.fixture
def at(httpserver: HTTPServer) -> Callable[..., str]:
    def serve(content: bytes | str, path: str = "/x", kind: str = "text/plain") -> str:
        httpserver.expect_request(path).respond_with_data(content, content_type=kind)
        return httpserver.url_for(path)

    return serve


ITEMS = [{"id": 1, "nom": "a"}, {"id": 2, "nom": "b"}]
CASES: list[tuple[Any, str, dict[str, Any]]] = [
    (sample("spreadsheet.csv"), "spreadsheet", {}),
    ("id\ttitre\n1\tÉpicerie\n", "spreadsheet", {}),
    (workbook(("a", [["id", "titre"], [1, "x"]])), "spreadsheet", {}),
    (sample("feed-spip.xml"), "feed", {"full_article": True}),
    (sample("geojson.json"), "json", {"path": "features"}),
    (json.dumps(ITEMS), "json", {}),
    (
        json.dumps({"meta": {"total": 2, "next": "/x?page=2"}, "entities": ITEMS}),
        "json",
        {"path": "entities", "next": "meta.next", "total": "meta.total"},
    ),
    (json.dumps({"name": "Exemple", "namespaces": ["wp/v2"]}), "wordpress", {}),
]


@pytest.mark.parametrize(("content", "connector", "options"), CASES)
def test_the_content_tells(
    at: Callable[..., str], fetcher: Fetcher, content: Any, connector: str, options: dict
) -> None:
    found = detect(at(content), fetcher)
    assert (found.connector, found.options) == (connector, options)
    assert found.confidence >= 0.8


def test_a_page_leads_to_its_feed_or_to_its_api(at: Callable[..., str], fetcher: Fetcher) -> None:
    feed = at(sample("feed-spip.xml"), "/backend", "text/xml")
    page = '<!doctype html><html><link rel="alternate" type="application/rss+xml" href="/backend">'
    found = detect(at(page, "/page", "text/html"), fetcher)
    assert (found.connector, found.url) == ("feed", feed)
    assert found.warnings
    page = '<!doctype html><html><link rel="https://api.w.org/" href="/wp-json/">'
    found = detect(at(page, "/blog", "text/html"), fetcher)
    assert (found.connector, found.url.endswith("/wp-json/")) == ("wordpress", True)


def test_what_cannot_be_read_is_told(at: Callable[..., str], fetcher: Fetcher) -> None:
    for number, content in enumerate(
        ["Bonjour.", "<!doctype html><html><p>Rien", "{}", b"\x89PNG"]
    ):
        with pytest.raises(SourceError, match=r"reconnu|format"):
            detect(at(content, f"/{number}"), fetcher)


def test_a_connector_may_be_imposed(at: Callable[..., str], fetcher: Fetcher) -> None:
    assert detect(at("Bonjour."), fetcher, "feed").connector == "feed"
