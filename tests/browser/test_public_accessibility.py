"""axe-core finds nothing on any type of public page, in both themes, on a phone too."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser
PAGES = [
    "/",
    "/recherche/",
    "/recherche/?q=atelier&theme=culture&annee_min=2000",
    "/recherche/?q=introuvable&tri=hasard",
    "/recherche/?vue=carte",
    "/recherche/?vue=donnees",
    "/innovations/ressourcerie-du-bourg/",
    "/innovations/projet-cite/",
    "/innovations/nulle-part/",
    "/organisations/association-du-bourg/",
    "/partenaires/",
    "/partenaires/{partner}/",
    "/territoires/region/53/",
    "/territoires/commune/22278/",
    "/mentions-legales/",
    "/donnees-personnelles/",
    "/accessibilite/",
    "/moissonnage/",
    "/donnees-ouvertes/",
    "/completude/",
    "/plan-du-site/",
    "/contact/",
    "/contact/merci/",
]


@pytest.fixture
def site(live_server: object, directory: SimpleNamespace) -> str:
    return live_server.url  # type: ignore[attr-defined, no-any-return]


def open_page(page: Page, address: str) -> None:
    page.goto(address)
    # The accordions and menus of the DSFR settle.
    page.wait_for_function("() => document.documentElement.hasAttribute('data-fr-js')")
    page.wait_for_timeout(300)


@pytest.mark.parametrize("path", PAGES)
def test_a_public_page_is_clean(
    page: Page, site: str, directory: SimpleNamespace, axe: Callable[[Page], None], path: str
) -> None:
    open_page(page, site + path.format(partner=directory.partner.slug))
    axe(page)


@pytest.mark.parametrize("path", PAGES[:7])
def test_the_dark_theme_is_clean(
    page: Page, site: str, axe: Callable[[Page], None], path: str
) -> None:
    page.emulate_media(color_scheme="dark")
    open_page(page, site + path)
    axe(page)


@pytest.mark.parametrize("path", PAGES[:7])
def test_a_phone_is_clean(page: Page, site: str, axe: Callable[[Page], None], path: str) -> None:
    page.set_viewport_size({"width": 375, "height": 800})
    open_page(page, site + path)
    axe(page)


def test_a_refused_contact_form_is_clean(
    page: Page, site: str, axe: Callable[[Page], None]
) -> None:
    open_page(page, f"{site}/contact/")
    page.get_by_role("button", name="Envoyer le message").click()
    page.get_by_text("Le message n’est pas parti").wait_for()
    axe(page)


def test_the_drawn_map_is_clean(page: Page, site: str, axe: Callable[[Page], None]) -> None:
    open_page(page, f"{site}/recherche/?theme=emploi&vue=carte")
    page.locator("[data-map][data-ready]").wait_for(timeout=30_000)
    page.get_by_role("button", name="Jardin sur le toit, Lyon").click()
    axe(page)
