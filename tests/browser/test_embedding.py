"""A search in the page of another site, as its visitors see it."""

import html
import re
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.factories import InnovationFactory

pytestmark = pytest.mark.django_db(transaction=True)
SHOWN = {"liste": "a:text('Jardin 1')", "carte": "[data-map][data-ready]"}


@pytest.fixture
def other_site() -> Iterator[Callable[[str], str]]:
    """Serves the page given at another origin; gives its address."""
    content = {"page": ""}

    class Partner(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(content["page"].encode())

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Partner)
    Thread(target=server.serve_forever, daemon=True).start()

    def show(code: str) -> str:
        content["page"] = (
            '<!DOCTYPE html><html lang="fr"><title>Mairie</title><body>'
            f"<main><h1>Mairie</h1>{code}</main></body></html>"
        )
        return f"http://127.0.0.1:{server.server_port}/"

    yield show
    server.shutdown()
    server.server_close()


@pytest.fixture
def code(live_server: Any, page: Page, settings: Any) -> str:
    """The code that the page « Intégrer cette recherche » gives."""
    settings.BASE_URL = live_server.url
    for number in range(5):
        InnovationFactory(published=True, title=f"Jardin {number}", summary="Un jardin. " * 20)
    page.goto(f"{live_server.url}/recherche/integrer/?q=jardin&nombre=5&couleur=a94645")
    return page.get_by_label("À placer dans votre page").input_value()


def test_the_frame_takes_its_height_and_opens_apart(
    page: Page, code: str, other_site: Callable[[str], str], live_server: Any
) -> None:
    page.goto(other_site(code))
    frame = page.frame_locator("iframe")

    expect(frame.get_by_role("link", name="Jardin 1")).to_be_visible()
    expect(page.locator("iframe")).not_to_have_attribute("height", "640")
    inside = page.frames[1].evaluate("document.body.offsetHeight")
    assert abs(page.locator("iframe").bounding_box()["height"] - inside) < 4
    with page.context.expect_page() as opened:
        frame.get_by_role("link", name="Jardin 1").click()
    opened.value.wait_for_load_state()
    assert "/innovations/" in opened.value.url
    assert page.context.cookies() == []


def test_a_message_from_elsewhere_changes_nothing(
    page: Page, code: str, other_site: Callable[[str], str]
) -> None:
    page.goto(other_site(code))
    expect(page.locator("iframe")).not_to_have_attribute("height", "640")
    before = page.locator("iframe").get_attribute("height")

    page.evaluate("window.postMessage({type: 'carrefour-hauteur', height: 9000}, '*')")
    page.wait_for_timeout(200)

    assert page.locator("iframe").get_attribute("height") == before


def test_the_frame_shows_without_javascript(
    browser: Any, code: str, other_site: Callable[[str], str]
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(other_site(code))

    expect(page.frame_locator("iframe").get_by_role("link", name="Jardin 1")).to_be_visible()
    context.close()


def test_another_page_of_the_site_is_not_framed(
    page: Page, live_server: Any, other_site: Callable[[str], str]
) -> None:
    page.goto(other_site(f'<iframe src="{live_server.url}/recherche/" title="Essai"></iframe>'))

    for _ in range(50):
        if page.frames[1].url:
            break
        page.wait_for_timeout(100)
    assert page.frames[1].url.startswith("chrome-error:")


@pytest.mark.parametrize("view", ["liste", "carte"])
def test_the_frame_and_the_page_that_gives_it_are_clean(
    page: Page, live_server: Any, code: str, view: str, axe: Callable[[Page], None]
) -> None:
    # Not « networkidle »: Chromium asks again, without reading the answer, for what may be stale.
    for path in ("widget", "integrer"):
        page.goto(f"{live_server.url}/recherche/{path}/?q=jardin&vue={view}&couleur=ffe800")
        frame = page.frame_locator("iframe") if path == "integrer" else page
        frame.locator(SHOWN[view]).first.wait_for()
        axe(page)


def test_the_link_of_a_search_is_copied(page: Page, live_server: Any, code: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{live_server.url}/recherche/?q=jardin")
    page.get_by_role("button", name="Copier le lien").click()

    expect(page.get_by_text("Copié", exact=True)).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{live_server.url}/recherche/?q=jardin"
    assert re.fullmatch(r"http[^<]+", html.unescape(copied))
