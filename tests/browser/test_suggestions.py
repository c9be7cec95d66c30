"""The suggestions are used with the keyboard, told to screen readers, and never in the way."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


@pytest.fixture
def site(live_server: object, directory: SimpleNamespace) -> str:
    return live_server.url  # type: ignore[attr-defined, no-any-return]


def typing(page: Page, address: str, text: str, field: str = "Quoi ?") -> None:
    page.goto(address)
    box = page.get_by_role("combobox", name=field)
    box.press_sequentially(text)
    expect(box).to_have_attribute("aria-expanded", "true")


def test_a_record_is_reached_with_the_keyboard_alone(page: Page, site: str) -> None:
    errors: list[str] = []
    page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    typing(page, site, "ressourc")
    box = page.get_by_role("combobox", name="Quoi ?")
    expect(page.locator(".carrefour-suggested [role=status]").first).to_have_text("1 suggestion")
    expect(page.get_by_role("group", name="Innovations").get_by_role("option")).to_have_count(1)
    expect(page.locator("[role=option] mark")).to_have_text("Ressourc")

    box.press("ArrowDown")
    option = page.get_by_role("option", name="Ressourcerie du bourg Saint-Brieuc")
    expect(option).to_have_attribute("aria-selected", "true")
    assert box.get_attribute("aria-activedescendant") == option.get_attribute("id")
    expect(box).to_be_focused()
    expect(box).to_have_value("ressourc")
    box.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Ressourcerie du bourg")
    assert errors == []


def test_arrows_go_round_through_the_text_and_escape_gives_it_back(page: Page, site: str) -> None:
    typing(page, f"{site}/recherche/", "atelier")
    box = page.get_by_role("combobox", name="Quoi ?")
    options = page.locator("[role=option]")
    last = options.count() - 1

    box.press("ArrowUp")
    expect(options.nth(last)).to_have_attribute("aria-selected", "true")
    box.press("ArrowDown")
    expect(page.locator("[aria-selected=true]")).to_have_count(0)
    box.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    box.press("Home")
    expect(page.locator("[aria-selected=true]")).to_have_count(0)
    assert page.evaluate("document.activeElement.selectionStart") == 0

    box.press("Escape")
    expect(box).to_have_attribute("aria-expanded", "false")
    expect(box).to_have_value("atelier")
    box.press("ArrowDown")
    expect(box).to_have_attribute("aria-expanded", "true")
    box.press("Tab")
    expect(box).to_have_attribute("aria-expanded", "false")
    expect(page.get_by_role("combobox", name="Où ?")).to_be_focused()


def test_enter_without_an_option_searches_what_is_written(page: Page, site: str) -> None:
    typing(page, site, "atelier")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_contain_text("11 innovations")


def test_a_theme_becomes_a_filter_and_keeps_the_rest(page: Page, site: str) -> None:
    typing(page, f"{site}/recherche/?vue=donnees", "cult")
    page.get_by_role("option", name="Culture Thème").click()

    expect(page).to_have_url(f"{site}/recherche/?vue=donnees&theme=culture")
    expect(page.get_by_role("link", name="Retirer le filtre Culture")).to_be_visible()


def test_a_place_is_written_then_searched_and_forgotten_once_changed(page: Page, site: str) -> None:
    typing(page, f"{site}/recherche/", "brieuc", field="Où ?")
    box = page.get_by_role("combobox", name="Où ?")
    box.press("ArrowDown")
    box.press("Enter")
    expect(box).to_have_value("Saint-Brieuc (22)")
    box.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("12 innovations à Saint-Brieuc")

    page.get_by_role("combobox", name="Où ?").fill("")
    page.get_by_role("button", name="Rechercher").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("14 innovations")


@pytest.mark.parametrize("width", [1280, 375])
@pytest.mark.parametrize("path", ["/", "/recherche/"])
def test_the_open_list_is_clean_and_fits(
    page: Page, site: str, axe: Callable[[Page], None], path: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    typing(page, site + path, "atelier")
    page.keyboard.press("ArrowDown")

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    axe(page)
