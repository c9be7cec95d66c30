"""What spreads, in a browser: clean for axe, on a phone, without JavaScript, by keyboard."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.fitting import fits
from tests.factories import (
    InnovationFactory,
    LocationFactory,
    PublicActorFactory,
    ReplicationFactory,
    TerritoryFactory,
)

pytestmark = pytest.mark.browser


@pytest.fixture
def spread(transactional_db: None) -> SimpleNamespace:
    """One project taken up in two départements, one of them stopped; another only envisaged."""
    region = TerritoryFactory(a_region=True)
    here = TerritoryFactory(a_departement=True, region=region)
    there = TerritoryFactory(kind="departement", code="69", name="Rhône", liaison=0)
    innovation = InnovationFactory(
        published=True, slug="atelier", title="Atelier de réparation", started_year=2014
    )
    LocationFactory(innovation=innovation, territory=TerritoryFactory(departement=there))
    first = ReplicationFactory(
        innovation=innovation, territory=here, state="perennisee", forms=["reseaux"],
        approach="essaimage", extent="extraregionale", adaptation="adaptee",
        strategies=["diffusion"], repreneur_name="Régie du quartier",
        journal={"en-cours": "2016", "perennisee": "2019"},
    )  # fmt: skip
    PublicActorFactory(replication=first)
    ReplicationFactory(
        innovation=innovation, parent=first, territory=there, state="abandonnee",
        lessons="Trouver le local d’abord.", journal={"en-cours": "2017", "abandonnee": "2020"},
    )  # fmt: skip
    ReplicationFactory(innovation__title="Jardin sur le toit", territory=here, journal=True)
    return SimpleNamespace(innovation=innovation, first=first)


@pytest.fixture
def site(live_server: object, spread: SimpleNamespace) -> str:
    return live_server.url  # type: ignore[attr-defined, no-any-return]


PAGES = ["/essaimage/", "/essaimage/?forme=reseaux&zz=1", "/innovations/atelier/essaimage/"]


def open_page(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_function("() => document.documentElement.hasAttribute('data-fr-js')")
    page.wait_for_timeout(300)


@pytest.mark.parametrize("path", [*PAGES, "/innovations/atelier/"])
@pytest.mark.parametrize("width", [375, 1280])
def test_a_page_is_clean_and_fits(
    page: Page, site: str, axe: Callable[[Page], None], path: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    open_page(page, site + path)
    for folded in page.locator("details").all():
        folded.evaluate("each => each.open = true")

    axe(page)
    assert fits(page)


@pytest.mark.parametrize("path", PAGES)
def test_the_dark_theme_is_clean(
    page: Page, site: str, axe: Callable[[Page], None], path: str
) -> None:
    page.emulate_media(color_scheme="dark")
    open_page(page, site + path)
    axe(page)


def test_the_slider_goes_through_the_years_by_keyboard(page: Page, site: str) -> None:
    open_page(page, f"{site}/essaimage/")
    slider = page.get_by_label("Année de la carte")
    told = page.locator("[data-spread-told]")
    armor = page.locator("use[data-name='Côtes-d’Armor']")
    expect(told).to_contain_text("Aujourd’hui")
    expect(armor).to_have_class("carrefour-shade-1")

    slider.focus()
    page.keyboard.press("Home")
    expect(told).to_contain_text("Fin 2016 : 1 site de reprise en activité")
    page.keyboard.press("ArrowRight")
    expect(told).to_contain_text("Fin 2017 : 2 sites de reprise en activité")
    said = "Fin 2017 : 2 sites de reprise en activité, dans 2 départements"
    expect(slider).to_have_attribute("aria-valuetext", said)
    expect(page.locator("use[data-name='Rhône']")).to_have_class("carrefour-shade-1")
    assert page.url.endswith("?annee=2017")
    page.reload()
    expect(told).to_contain_text("Fin 2017")

    page.keyboard.press("Tab")
    slider.focus()
    page.keyboard.press("End")
    expect(page.locator("use[data-name='Rhône']")).to_have_class("carrefour-shade-0")


def test_the_years_run_and_stop_at_the_last(page: Page, site: str) -> None:
    open_page(page, f"{site}/essaimage/?annee=2024")
    play = page.locator("[data-spread-play]")
    expect(play).to_have_text("Dérouler")
    play.focus()
    page.keyboard.press("Enter")
    expect(play).to_have_text("Arrêter")
    expect(page.locator("[data-spread-told]")).to_contain_text("Aujourd’hui", timeout=10_000)
    expect(play).to_have_text("Dérouler")


def test_without_javascript_pictures_filters_and_tables_remain(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False, locale="fr-FR")
    page = context.new_page()
    page.goto(f"{site}/essaimage/")

    expect(page.get_by_label("Année de la carte")).to_be_hidden()
    page.get_by_role("link", name="Fin 2017 : 2 sites de reprise en activité").click()
    expect(page.locator("[data-spread-told]")).to_contain_text("Fin 2017")
    page.get_by_label("État").select_option("abandonnee")
    page.get_by_role("button", name="Filtrer").click()
    expect(page.get_by_text("Trouver le local d’abord.")).to_be_visible()
    page.get_by_role("link", name="Retirer le filtre État").click()
    page.get_by_role("link", name="Atelier de réparation", exact=True).first.click()
    expect(page.get_by_role("heading", level=2, name="Qui l’a repris de qui")).to_be_visible()
    # The tree is a nested list: what was taken from the first is inside it.
    inner = page.locator(".carrefour-tree ul ul")
    expect(inner).to_contain_text("Arrêtée")
    expect(inner).to_contain_text("Rhône")
    context.close()
