"""What is told of the essaimage, decided and undone with the keyboard alone, in a real browser."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from essaimage import tellings
from essaimage.models import Obstacle
from tests.factories import ObstacleFactory, PartyFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
LOG_IN = Callable[[object], None]
AXE = Callable[[Page], None]


def test_obstacles_are_worked_through_and_a_slip_is_undone(
    live_server: LiveServer, page: Page, log_in: LOG_IN, axe: AXE, roles: SimpleNamespace
) -> None:
    first, second = (ObstacleFactory(waiting=True) for _ in range(2))
    log_in(roles.moderator)
    where = f"{live_server.url}/gestion/essaimage/obstacles"
    page.goto(f"{where}/{first.pk}/")
    axe(page)
    page.keyboard.press("3")
    expect(page.get_by_label("Déjà inscrit")).to_be_checked()
    page.keyboard.press("e")
    page.wait_for_url(f"{where}/{second.pk}/?fait=*")
    expect(page.get_by_text("Obstacle : écarté (Déjà inscrit).")).to_be_visible()
    axe(page)
    page.keyboard.press("z")
    page.wait_for_url(f"{where}/{first.pk}/")
    expect(page.get_by_text("Décision annulée.")).to_be_visible()
    page.keyboard.press("p")
    page.wait_for_url(f"{where}/{second.pk}/?fait=*")
    page.keyboard.press("p")
    page.wait_for_url(f"{where}/a-relire/?fait=*")
    axe(page)
    page.keyboard.press("z")
    page.wait_for_url(f"{where}/{second.pk}/")
    expect(page.get_by_text("Décision annulée.")).to_be_visible()
    states = [Obstacle.objects.get(pk=row.pk).publication for row in (first, second)]
    assert states == ["publiee", "a-relire"]


def test_texts_are_worked_through(
    live_server: LiveServer, page: Page, log_in: LOG_IN, axe: AXE, roles: SimpleNamespace
) -> None:
    first, second = (tellings.write(PartyFactory(), {"results": f"Cent {n}."}) for n in (1, 2))
    assert first
    assert second
    log_in(roles.moderator)
    page.goto(f"{live_server.url}/gestion/essaimage/textes/")
    axe(page)
    page.keyboard.press("s")
    page.wait_for_url(f"**/textes/?apres={first.pk}")
    expect(page.get_by_text("Cent 2.")).to_be_visible()
    page.keyboard.press("r")
    expect(page.get_by_text("Le texte est visible")).to_be_visible()
    page.keyboard.press("e")
    page.keyboard.press("Tab")
    page.keyboard.type("Un nom y figure : r, s.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Le texte est écarté")).to_be_visible()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.answer) == ("ecarte", "Un nom y figure : r, s.")
    assert second.state == "retenu"
    axe(page)
    page.keyboard.press("z")
    expect(page.get_by_text("Décision annulée")).to_be_visible()
    first.refresh_from_db()
    assert (first.state, first.answer) == ("a-relire", "")
