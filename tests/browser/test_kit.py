"""The kit in a browser: clean for axe, on a phone, in the dark, by keyboard, downloaded."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.fitting import fits
from tests.essaimage import kit_world

pytestmark = pytest.mark.browser
RICH, EMPTY = "/innovations/ressourcerie-du-bourg/kit/", "/innovations/rien/kit/"


@pytest.fixture
def site(live_server: object, transactional_db: None) -> str:
    kit_world.rich()
    kit_world.empty()
    return live_server.url  # type: ignore[attr-defined, no-any-return]


def open_page(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_function("() => document.documentElement.hasAttribute('data-fr-js')")
    page.wait_for_timeout(300)


@pytest.mark.parametrize("path", [RICH, EMPTY])
def test_the_kit_is_clean(page: Page, site: str, axe: Callable[[Page], None], path: str) -> None:
    open_page(page, site + path)
    axe(page)
    page.emulate_media(color_scheme="dark")
    axe(page)


@pytest.mark.parametrize("path", [RICH, EMPTY])
def test_the_kit_fits_a_phone(
    page: Page, site: str, axe: Callable[[Page], None], path: str
) -> None:
    page.set_viewport_size({"width": 375, "height": 800})
    open_page(page, site + path)
    assert fits(page)
    axe(page)


def test_the_summary_leads_to_a_part_by_keyboard(page: Page, site: str) -> None:
    open_page(page, site + RICH)
    page.get_by_role("link", name="Les obstacles déjà levés ailleurs").first.focus()
    page.keyboard.press("Enter")

    expect(
        page.get_by_role("heading", name="Les obstacles déjà levés ailleurs")
    ).to_be_in_viewport()


def test_the_record_leads_to_the_kit_and_its_pdf(page: Page, site: str) -> None:
    open_page(page, f"{site}/innovations/ressourcerie-du-bourg/")
    page.get_by_role("link", name="Kit de reprise").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ressourcerie du bourg")

    with page.expect_download() as asked:
        page.get_by_role("link", name="Télécharger le kit (PDF)").click()
    assert asked.value.suggested_filename == "Kit de reprise - Ressourcerie du bourg.pdf"
    assert asked.value.path().read_bytes().startswith(b"%PDF-1.7")


def test_what_is_no_use_on_paper_is_not_printed(page: Page, site: str) -> None:
    open_page(page, site + RICH)
    page.emulate_media(media="print")

    expect(page.get_by_role("link", name="Télécharger le kit (PDF)")).to_be_hidden()
    expect(page.get_by_role("heading", name="Le cœur du concept")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
