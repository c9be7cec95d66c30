"""A visitor finds a record by words, facet and map; by keyboard, phone, and without scripts."""

from types import SimpleNamespace

import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser


@pytest.fixture
def site(live_server: object, directory: SimpleNamespace) -> str:
    return live_server.url  # type: ignore[attr-defined, no-any-return]


@pytest.fixture
def no_error(page: Page) -> list[str]:
    """What the browser complained of: refused by the CSP, missing, broken."""
    errors: list[str] = []
    page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    return errors


def test_from_words_to_facet_to_map_to_record_and_back(
    page: Page, site: str, no_error: list[str]
) -> None:
    page.goto(site)
    page.get_by_label("Quoi ?").fill("atelier")
    page.get_by_role("button", name="Rechercher").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("11 innovations")

    page.goto(f"{site}/recherche/")
    page.locator("label[for='theme-emploi']").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("2 innovations")
    expect(page).to_have_url(f"{site}/recherche/?theme=emploi")
    expect(page.locator("#annonce")).to_have_text("2 innovations")
    expect(page.locator("#theme-emploi")).to_be_focused()

    page.get_by_role("link", name="Carte", exact=True).click()
    expect(page.locator("[data-map][data-ready]")).to_be_visible(timeout=30_000)
    expect(page.locator("#carte-etat")).to_have_text("2 lieux de 2 fiches sur la carte.")
    page.get_by_role("button", name="Ressourcerie du bourg, Saint-Brieuc").click()
    page.locator(".carrefour-popup").get_by_role("link", name="Ressourcerie du bourg").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ressourcerie du bourg")

    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("2 innovations")
    assert no_error == []


def test_the_map_is_walked_with_the_keyboard(page: Page, site: str) -> None:
    page.goto(f"{site}/recherche/?theme=emploi&vue=carte")
    expect(page.locator("[data-map][data-ready]")).to_be_visible(timeout=30_000)

    page.get_by_role("button", name="Jardin sur le toit, Lyon").focus()
    page.keyboard.press("Enter")
    link = page.locator(".carrefour-popup a")
    expect(link).to_be_focused()
    page.keyboard.press("Escape")

    expect(link).to_have_count(0)
    expect(page.get_by_role("button", name="Jardin sur le toit, Lyon")).to_be_focused()


def test_skip_link_first_then_the_tabs_are_reached(page: Page, site: str) -> None:
    page.goto(f"{site}/recherche/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Contenu")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.activeElement.id === 'contenu'")

    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('.carrefour-tabs') !== null"):
            break
    else:
        pytest.fail("les onglets ne sont pas atteints au clavier")


def test_without_javascript_search_record_and_contact_work(
    browser: Browser, site: str, browser_context_args: dict
) -> None:
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    page = context.new_page()

    page.goto(f"{site}/recherche/")
    page.locator("label[for='theme-emploi']").click()
    page.get_by_role("button", name="Appliquer les filtres").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("2 innovations")
    page.get_by_role("link", name="Ressourcerie du bourg").click()
    expect(page.get_by_text("Réparer ensemble.")).to_be_visible()
    page.goto(f"{site}/recherche/?vue=carte")
    expect(page.get_by_text("La carte interactive a besoin de JavaScript")).to_be_visible()
    expect(page.get_by_role("cell", name="Saint-Brieuc").first).to_be_visible()

    page.goto(f"{site}/contact/")
    page.get_by_label("Sujet").select_option("question")
    page.get_by_label("Votre adresse").fill("visiteur@example.org")
    page.get_by_label("Votre message").fill("Bonjour, une question sur une fiche.")
    page.get_by_role("button", name="Envoyer le message").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre message est parti")
    context.close()


def test_the_theme_of_the_page_can_be_changed(page: Page, site: str, no_error: list[str]) -> None:
    page.goto(site)
    page.get_by_role("button", name="Paramètres d’affichage").first.click()
    page.locator("label[for='fr-radios-theme-dark']").click()

    expect(page.locator("html")).to_have_attribute("data-fr-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-fr-theme", "dark")
    assert no_error == []


PHONE_PAGES = [
    "/",
    "/recherche/",
    "/recherche/?vue=carte",
    "/recherche/?vue=donnees",
    "/innovations/ressourcerie-du-bourg/",
    "/innovations/projet-cite/",
    "/territoires/departement/22/",
    "/partenaires/",
    "/donnees-personnelles/",
    "/contact/",
]


@pytest.mark.parametrize("path", PHONE_PAGES)
def test_nothing_overflows_a_phone(page: Page, site: str, path: str) -> None:
    page.set_viewport_size({"width": 375, "height": 800})
    page.goto(site + path)

    assert page.evaluate("document.documentElement.scrollWidth") <= 375


def test_filters_fold_on_a_phone(page: Page, site: str) -> None:
    page.set_viewport_size({"width": 375, "height": 800})
    page.goto(f"{site}/recherche/")
    checkbox = page.locator("label[for='theme-emploi']")
    expect(checkbox).to_be_hidden()

    page.get_by_role("button", name="Filtrer").click()

    expect(checkbox).to_be_visible()
