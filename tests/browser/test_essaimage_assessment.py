"""The self-assessment in a real browser: seen by axe, on a phone, without JavaScript."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Check = Callable[[Page], None]


def answered(page: Page, base: str) -> None:
    """Begin, and answer the first question of each part."""
    page.goto(f"{base}/essaimage/auto-evaluation/")
    page.get_by_label("Nom du projet").fill("Jardin partagé")
    page.get_by_role("button", name="Commencer").click()
    for _ in range(4):
        page.get_by_label("C’est à construire").first.check(force=True)
        page.get_by_role("button", name="Enregistrer et continuer").click()
    expect(page.get_by_role("heading", name="Votre profil")).to_be_visible()


def test_a_project_is_assessed_and_its_profile_read(
    page: Page, live_server: object, axe: Check
) -> None:
    base = str(live_server)
    page.goto(f"{base}/essaimage/auto-evaluation/")
    axe(page)
    answered(page, base)
    axe(page)
    expect(page.get_by_text("4 réponses sur")).to_be_visible()
    page.set_viewport_size({"width": 375, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.get_by_role("link", name="Voulez-vous essaimer").click()
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.go_back()
    page.get_by_role("button", name="Refaire le point").click()
    page.get_by_label("C’est acquis").first.check(force=True)
    page.get_by_role("button", name="Enregistrer et continuer").click()
    page.get_by_role("link", name="Voir mon profil").click()
    expect(page.get_by_role("heading", name="Ce qui a bougé")).to_be_visible()
    expect(page.get_by_text("Avancé")).to_be_visible()
    axe(page)


def test_it_needs_no_javascript(browser: Browser, live_server: object) -> None:
    page = browser.new_page(java_script_enabled=False)
    answered(page, str(live_server))
    page.get_by_text("Effacer cette auto-évaluation").click()
    page.get_by_role("button", name="Oui, tout effacer").click()
    expect(page.get_by_text("il n’en reste rien")).to_be_visible()
    page.close()
