"""The documentation page: whole without a script, true, and usable by everyone."""

import re
from collections.abc import Callable
from html import unescape
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from django.test import Client
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer
from pytest_httpserver import HTTPServer

from tests.api.conftest import publish
from tests.api.contract import operations


def links(page: str) -> list[str]:
    return [unescape(href) for href in re.findall(r'<a[^>]*\shref="([^"]+)"', page)]


def test_the_page_tells_every_operation_parameter_and_field(client: Client, db: None) -> None:
    page = client.get("/api/v1/docs/").content.decode()
    for name, operation in operations().items():
        assert f'id="{name}"' in page
        for parameter in operation["parameters"]:
            assert f">{parameter['name']}</code>" in page
    for field in ("reproduction", "origins", "success_conditions", "is_open"):
        assert f">{field}</code>" in page


def test_its_own_anchors_exist(client: Client, db: None) -> None:
    page = client.get("/api/v1/docs/").content.decode()
    ids = set(re.findall(r'\sid="([^"]+)"', page))
    anchors = {href[1:] for href in links(page) if href.startswith("#") and len(href) > 1}
    assert anchors - ids == set()


def test_every_example_can_be_tried(
    client: Client, brittany: SimpleNamespace, themes: SimpleNamespace, sources: SimpleNamespace
) -> None:
    publish(source=sources.first, territory=brittany.commune, terms=[themes.sub])
    page = client.get("/api/v1/docs/").content.decode()
    tried = {h for h in links(page) if urlsplit(h).path.startswith("/api/v1/")}
    assert len(tried) >= 12
    for address in tried:
        assert client.get(address).status_code == 200, address


def test_it_reads_no_more_as_the_directory_grows(
    client: Client, db: None, django_assert_num_queries: object
) -> None:
    for _ in range(2):
        publish()
        with django_assert_num_queries(6):  # type: ignore[operator]
            client.get("/api/v1/docs/")


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 375])
def test_it_is_accessible_and_fits_a_phone(
    page: Page, live_server: LiveServer, axe: Callable[[Page], None], width: int
) -> None:
    refused: list[str] = []
    page.on("console", lambda m: refused.append(m.text) if m.type == "error" else None)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{live_server.url}/api/v1/docs/")
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("link", name="Lire une innovation").click()
    assert page.url.endswith("#read_innovation")
    assert refused == []


@pytest.mark.browser
def test_another_site_reads_the_api_from_its_own_page(
    page: Page, live_server: LiveServer, httpserver: HTTPServer
) -> None:
    publish(title="Atelier de réparation")
    httpserver.expect_request("/").respond_with_data("<!DOCTYPE html>", content_type="text/html")
    page.goto(httpserver.url_for("/"))
    read = (
        "([url, headers]) => fetch(url, {headers})"
        ".then(answer => answer.status + ' ' + answer.headers.get('ETag'))"
    )
    address = f"{live_server.url}/api/v1/innovations/"
    status, tag = page.evaluate(read, [address, {}]).split(" ", 1)
    assert (status, tag.startswith(('"', "W/"))) == ("200", True)
    # A header that only a preflight allows.
    assert page.evaluate(read, [address, {"If-None-Match": tag}]).startswith("304")
