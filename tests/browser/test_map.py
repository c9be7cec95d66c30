"""The map of a search: colours, clusters, keyboard, coming back, phone, no scripts."""

from types import SimpleNamespace

import pytest
from playwright.sync_api import Browser, Page, expect

from innovations import search_map

pytestmark = pytest.mark.browser
READY = "[data-map][data-ready]"


@pytest.fixture
def site(live_server: object, directory: SimpleNamespace) -> str:
    return live_server.url  # type: ignore[attr-defined, no-any-return]


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """More results than a map shows one by one."""
    monkeypatch.setattr(search_map, "MOST_POINTS", 5)


def open_map(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator(READY)).to_be_visible(timeout=30_000)


def test_many_results_are_counted_by_departement_then_seen_closer(
    page: Page, site: str, many: None
) -> None:
    open_map(page, f"{site}/recherche/?vue=carte")
    expect(page.locator("#carte-etat")).to_contain_text("comptées par département")
    cluster = page.get_by_role("button", name="12 fiches : Côtes-d’Armor")

    cluster.focus()
    page.keyboard.press("Enter")

    expect(page.get_by_role("button", name="12 lieux ici")).to_be_visible(timeout=10_000)


def test_keys_move_and_zoom_the_map(page: Page, site: str) -> None:
    open_map(page, f"{site}/recherche/?theme=emploi&vue=carte")
    zoom = "document.querySelector('[data-map]').placesMap.map.getZoom()"
    before = page.evaluate(zoom)

    page.get_by_role("button", name="Jardin sur le toit, Lyon").focus()
    page.keyboard.press("+")

    page.wait_for_function(f"() => {zoom} > {before} + 0.5")
    page.keyboard.press("-")
    page.wait_for_function(f"() => {zoom} < {before} + 0.5")


def test_one_list_of_records_is_open_at_a_time(page: Page, site: str) -> None:
    open_map(page, f"{site}/recherche/?theme=emploi&vue=carte")
    for name in ("Jardin sur le toit, Lyon", "Ressourcerie du bourg, Saint-Brieuc"):
        page.get_by_role("button", name=name).focus()
        page.keyboard.press("Enter")

    expect(page.locator(".maplibregl-popup")).to_have_count(1)
    expect(page.locator(".maplibregl-popup")).to_contain_text("Ressourcerie du bourg")


def test_the_view_is_found_again_after_a_record(page: Page, site: str) -> None:
    open_map(page, f"{site}/recherche/?theme=emploi&vue=carte&mesure=habitants")
    page.get_by_role("button", name="Zoomer", exact=True).click()
    centre = "document.querySelector('[data-map]').placesMap.map.getZoom()"
    page.wait_for_function("() => history.state?.carte?.zoom > 5")
    zoom = page.evaluate("history.state.carte.zoom")

    page.get_by_role("row", name="Ressourcerie du bourg").get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ressourcerie du bourg")
    page.go_back()

    expect(page.locator(READY)).to_be_visible(timeout=30_000)
    expect(page.locator("#theme-emploi")).to_be_checked()
    expect(page.get_by_role("link", name="Pour 100 000 habitants").first).to_have_attribute(
        "aria-current", "true"
    )
    assert abs(page.evaluate(centre) - zoom) < 0.1


def test_the_zone_shown_becomes_a_filter_and_comes_back(page: Page, site: str) -> None:
    open_map(page, f"{site}/recherche/?vue=carte")
    page.get_by_role("button", name="Zoomer", exact=True).click()
    page.get_by_role("link", name="Chercher dans cette zone").click()

    expect(page.get_by_role("link", name="Retirer le filtre Zone de la carte")).to_be_visible()
    expect(page.locator(READY)).to_be_visible(timeout=30_000)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("14 innovations")


def test_the_departements_are_coloured_when_asked(page: Page, site: str) -> None:
    open_map(page, f"{site}/recherche/?vue=carte")
    page.get_by_text("Colorer les départements").click()

    opacity = "document.querySelector('[data-map]').placesMap.map.getPaintProperty('shades', '{}')"
    assert page.evaluate(opacity.format("fill-opacity")) > 0
    assert "departement-22" in page.evaluate(opacity.format("fill-color"))


def test_the_drawing_leads_to_the_search_in_a_departement(
    browser: Browser, site: str, browser_context_args: dict
) -> None:
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/recherche/?vue=carte")

    page.get_by_role("link", name="Pour 100 000 habitants").click()
    page.get_by_role("link", name="Département", exact=True).click()
    expect(page.locator("th[aria-sort='ascending']")).to_have_text("Département")
    page.get_by_role("link", name="Côtes-d’Armor (22)").first.click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("12 innovations")
    context.close()


def test_a_table_of_figures_is_downloaded(page: Page, site: str) -> None:
    page.goto(f"{site}/recherche/?vue=donnees")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Télécharger le tableau « Par thème »").click()
    assert waiting.value.suggested_filename.startswith("innovations-par-theme-20")

    page.get_by_text("Télécharger ces fiches").click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Excel").click()
    assert waiting.value.suggested_filename.endswith(".xlsx")


def test_the_figures_are_printed_and_shared_after_a_choice(page: Page, site: str) -> None:
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.add_init_script("window.print = () => { window.printed = true; }")
    page.goto(f"{site}/recherche/?vue=donnees")
    page.locator("label[for='theme-emploi']").click()
    expect(page).to_have_url(f"{site}/recherche/?vue=donnees&theme=emploi")

    page.get_by_role("button", name="Imprimer").click()
    assert page.evaluate("window.printed")
    page.get_by_role("link", name="Adresse de cette recherche").click()
    page.wait_for_load_state()
    assert wrong == []
