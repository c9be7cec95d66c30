"""Long and hierarchical facets: with the keyboard, on a phone, without scripts."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.factories import InnovationFactory, TermFactory, TerritoryFactory

pytestmark = pytest.mark.browser


@pytest.fixture
def site(live_server: object, transactional_db: None) -> str:
    region = TerritoryFactory(a_region=True)
    departement = TerritoryFactory(a_departement=True, region=region)
    commune = TerritoryFactory(code="22278", departement=departement, region=region)
    terms = [TermFactory(code=f"theme-{n:02}", label=f"Thème {n:02}") for n in range(15)]
    InnovationFactory(published=True, title="Jardin", terms=terms, territory=commune)
    InnovationFactory(published=True, title="Verger", terms=terms[:3])
    return live_server.url  # type: ignore[attr-defined, no-any-return]


def test_what_waits_behind_a_link_is_chosen_and_stays_in_sight(page: Page, site: str) -> None:
    page.goto(f"{site}/recherche/")
    hidden = page.locator("label[for='theme-theme-14']")
    expect(hidden).to_be_hidden()
    page.locator("#autres-theme summary").focus()
    page.keyboard.press("Enter")
    hidden.click()

    expect(page).to_have_url(f"{site}/recherche/?theme=theme-14")
    expect(page.locator("#theme-theme-14")).to_be_focused()
    expect(page.locator("label[for='theme-theme-13']")).to_be_visible()
    page.get_by_text("Voir moins").click()
    expect(page.locator("label[for='theme-theme-13']")).to_be_hidden()
    expect(hidden).to_be_visible()


def test_a_region_unfolds_its_departements_once_chosen(page: Page, site: str) -> None:
    page.goto(f"{site}/recherche/")
    page.get_by_role("button", name="Territoires").click()
    page.locator("label[for='zone-region-53']").click()
    page.locator("label[for='zone-departement-22']").click()

    expect(page).to_have_url(f"{site}/recherche/?zone=region-53&zone=departement-22")
    expect(page.get_by_role("link", name="Retirer le filtre Bretagne (région)")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 375])
def test_unfolded_facets_are_clean_and_fit(
    page: Page, site: str, axe: Callable[[Page], None], width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{site}/recherche/?zone=departement-22&theme=theme-14")
    if width < 700:
        page.get_by_role("button", name="Filtrer").click()
    page.get_by_text("Voir les 4 autres").click()
    page.wait_for_timeout(400)

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    axe(page)


def test_without_scripts_the_rest_of_a_list_is_reached(
    browser: Browser, site: str, browser_context_args: dict
) -> None:
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/recherche/")
    page.get_by_text("Voir les 5 autres").click()
    page.locator("label[for='theme-theme-14']").click()
    page.get_by_role("button", name="Appliquer les filtres").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("1 innovation")
    context.close()
