"""Searches told by pages of results, and the team's page that shows them."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import redis
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Page, expect

from innovations.models import SearchCount
from tests.browser.fitting import WIDTHS, fits
from tests.factories import InnovationFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def counted(roles: SimpleNamespace) -> None:
    today = timezone.localdate()
    for rank, (value, total) in enumerate([("creche rurale", 0), ("velo", 12), ("silo", 3)]):
        SearchCount.objects.create(
            day=today, kind="texte", value=value, label=value, visitors=9 - rank, total=total
        )
    for ago in range(5):
        day = today - timezone.timedelta(weeks=ago)
        SearchCount.objects.create(day=day, kind="toutes", value="", visitors=30 + 9 * ago)


@pytest.fixture
def visitor(browser: Any) -> Iterator[Page]:
    """A browser that does not say that it is a robot."""
    context = browser.new_context(user_agent="Mozilla/5.0 (X11; Linux) Chrome/140.0 Safari/537.36")
    yield context.new_page()
    context.close()


def noted() -> int:
    return len(list(redis.Redis.from_url(settings.REDIS_URL).scan_iter("recherches:*")))


def test_a_search_shown_is_told_once_it_stays(visitor: Page, live_server: Any) -> None:
    InnovationFactory(published=True, title="Jardin")
    visitor.goto(f"{live_server.url}/recherche/?q=jardin")
    assert noted() == 0
    visitor.wait_for_timeout(4000)

    # The secret of the day, the text, and the whole.
    assert noted() == 3
    assert visitor.context.cookies() == []


def test_who_asks_not_to_be_followed_is_not_told(visitor: Page, live_server: Any) -> None:
    visitor.add_init_script(
        "Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})"
    )
    visitor.goto(f"{live_server.url}/recherche/?q=jardin")
    visitor.wait_for_timeout(4000)

    assert noted() == 0


def test_a_search_is_settled_by_keyboard(
    page: Page,
    live_server: Any,
    roles: SimpleNamespace,
    counted: None,
    log_in: Callable[[object], None],
    axe: Callable[[Page], None],
) -> None:
    log_in(roles.essaimage_officer)
    page.goto(f"{live_server.url}/gestion/recherches/?resultat=peu&suite=aucune")
    axe(page)
    page.get_by_role("link", name="creche rurale").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("creche rurale")
    axe(page)
    page.get_by_label("Suite donnée").select_option("besoin")
    page.get_by_label("Note").fill("Vu avec l’AMRF.")
    page.get_by_role("button", name="Enregistrer la suite donnée").press("Enter")

    expect(page.get_by_text("La suite donnée est enregistrée.")).to_be_visible()
    page.get_by_role("link", name="creche rurale").click()
    expect(page.get_by_text("Vu avec l’AMRF.").last).to_be_visible()


def test_the_page_of_searches_fits_every_screen(
    page: Page,
    live_server: Any,
    roles: SimpleNamespace,
    counted: None,
    log_in: Callable[[object], None],
) -> None:
    log_in(roles.statistician)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"{live_server.url}/gestion/recherches/")

        assert fits(page), width
