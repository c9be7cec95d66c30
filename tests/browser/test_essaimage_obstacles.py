"""Obstacles and experiments in a real browser: told, lifted, seen by the next replication."""

import datetime
import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.core import mail
from playwright.sync_api import Browser, Page, expect

from essaimage.models import Obstacle
from tests.browser.fitting import fits
from tests.factories import (
    ExperimentFactory,
    InterpretationFactory,
    ObstacleFactory,
    ReplicationFactory,
)

pytestmark = pytest.mark.browser
Check = Callable[[Page], None]
SIZES = ((1280, 900), (375, 800))


@pytest.fixture
def full(directory: SimpleNamespace) -> SimpleNamespace:
    """An obstacle lifted, one not; one experiment that runs, one whose end is past."""
    rich = directory.rich
    lifted = ObstacleFactory(
        innovation=rich, lifted=True, title="Le local n’est pas classé", relief="assouplissement"
    )
    InterpretationFactory(obstacle=lifted)
    InterpretationFactory(obstacle=lifted, allows=False, authority="Un autre service")
    ObstacleFactory(innovation=rich, title="Le bail est refusé", authority="Mairie")
    ObstacleFactory(title="Ailleurs aussi")
    today = datetime.date.today()
    running = ExperimentFactory(
        innovation=rich,
        starts_on=today - datetime.timedelta(days=400),
        ends_on=today + datetime.timedelta(days=60),
    )
    running.obstacles.add(lifted)
    ExperimentFactory(
        innovation=None,
        starts_on=today - datetime.timedelta(days=800),
        ends_on=today - datetime.timedelta(days=30),
    )
    return SimpleNamespace(**vars(directory), lifted=lifted, running=running)


def public(full: SimpleNamespace) -> list[str]:
    record = full.rich.get_absolute_url()
    return [
        "/essaimage/obstacles/",
        "/essaimage/obstacles/?q=locaux&etat=leve&sens=haut",
        "/essaimage/obstacles/par-autorite/",
        full.lifted.get_absolute_url(),
        f"{full.lifted.get_absolute_url()}interpretation/",
        f"{record}obstacles/signaler/",
        record,
        "/essaimage/experimentations/",
        full.running.get_absolute_url(),
    ]


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_public_pages_are_accessible_and_fit(
    page: Page, live_server: object, full: SimpleNamespace, axe: Check, size: tuple[int, int]
) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    errors: list[str] = []
    page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    for path in public(full):
        page.goto(f"{live_server.url}{path}")  # type: ignore[attr-defined]
        axe(page)
        assert fits(page), path
    assert errors == []


def test_empty_pages_say_what_they_are_for(
    page: Page, live_server: object, directory: SimpleNamespace, axe: Check
) -> None:
    for path in ("obstacles/", "obstacles/par-autorite/", "experimentations/"):
        page.goto(f"{live_server.url}/essaimage/{path}")  # type: ignore[attr-defined]
        axe(page)
    expect(page.get_by_text("Aucune expérimentation n’est encore publiée.")).to_be_visible()


def test_pages_of_staff_are_accessible_and_fit(
    page: Page, live_server: object, full: SimpleNamespace, roles: SimpleNamespace,
    log_in: Callable[[object], None], axe: Check,
) -> None:  # fmt: skip
    waiting = ObstacleFactory(waiting=True, description="M. Martin refuse.")
    told = InterpretationFactory(publication="a-relire")
    log_in(roles.essaimage_officer)
    one = f"obstacles/{waiting.pk}/"
    paths = [
        "obstacles/", "obstacles/a-relire/", "obstacles/ajouter/", one, f"{one}modifier/",
        f"{one}etat/", f"{one}interpretation/", f"interpretations/{told.pk}/",
        f"interpretations/{told.pk}/relire/", "experimentations/", "experimentations/ajouter/",
        f"experimentations/{full.running.pk}/", f"experimentations/{full.running.pk}/modifier/",
    ]  # fmt: skip
    for path in paths:
        page.goto(f"{live_server.url}/gestion/essaimage/{path}")  # type: ignore[attr-defined]
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            axe(page)
            assert fits(page), (path, width)


def test_an_obstacle_is_told_read_lifted_and_seen_by_the_next_replication(
    browser: Browser, live_server: object, directory: SimpleNamespace, roles: SimpleNamespace,
    log_in: Callable[[object], None], page: Page,
) -> None:  # fmt: skip
    site: str = live_server.url  # type: ignore[attr-defined]
    record = f"{site}{directory.rich.get_absolute_url()}"
    # Who tells of it has no JavaScript, and no account.
    visitor = browser.new_context(java_script_enabled=False, locale="fr-FR").new_page()
    visitor.goto(record)
    visitor.get_by_role("link", name="Signaler un obstacle").click()
    visitor.get_by_role("button", name="Envoyer le signalement").click()
    expect(visitor.get_by_role("alert")).to_contain_text("Le signalement n’est pas parti")
    visitor.get_by_label("L’obstacle en une phrase").fill("Le local n’est pas classé")
    visitor.get_by_label("Ce qui bloque, et pourquoi").fill("Un classement est demandé.")
    visitor.get_by_label("L’autorité qui décide").fill("Service urbanisme")
    visitor.get_by_label("Le territoire").fill("Saint-Brieuc (22)")
    visitor.get_by_text("Un repreneur", exact=True).click()
    visitor.get_by_label("Votre adresse électronique").fill("repreneur@example.org")
    visitor.get_by_role("button", name="Envoyer le signalement").click()
    expect(visitor.get_by_role("heading", level=1)).to_have_text("Vérifiez votre messagerie")
    (sent,) = mail.outbox
    found = re.search(r"(/essaimage/obstacles/confirmer/\S+)", str(sent.body))
    assert found
    visitor.goto(f"{site}{found[1]}")
    visitor.get_by_role("button", name="Confirmer").click()
    expect(visitor.get_by_role("heading", level=1)).to_have_text("C’est enregistré")

    log_in(roles.essaimage_officer)
    page.goto(f"{site}/gestion/")
    page.get_by_role("link", name="1 obstacle à relire").click()
    page.get_by_role("link", name="Le local n’est pas classé").click()
    page.get_by_role("button", name="Publier").click()
    expect(page.get_by_text("Aucun obstacle n’attend de relecture.")).to_be_visible()
    obstacle = Obstacle.objects.get()
    page.goto(f"{site}/gestion/essaimage/obstacles/{obstacle.pk}/")
    page.get_by_role("link", name="Changer l’état").click()
    # With the keyboard alone.
    page.get_by_role("radio", name="Levé").focus()
    page.keyboard.press("Space")
    page.get_by_label("S’il est levé : comment").press_sequentially("Par une dérogation.")
    page.get_by_role("button", name="Changer l’état").press("Enter")
    expect(page.get_by_text("L’obstacle est « levé ».")).to_be_visible()

    ReplicationFactory(innovation=directory.rich)
    visitor.goto(record)
    section = visitor.get_by_role("region", name="Obstacles administratifs")
    expect(section).to_contain_text("Déjà levé à Saint-Brieuc : Par une dérogation.")
    visitor.goto(f"{site}/essaimage/obstacles/")
    visitor.get_by_label("Mots de l’obstacle").fill("dérogations")
    visitor.get_by_role("button", name="Chercher", exact=True).click()
    expect(visitor.get_by_role("link", name="Le local n’est pas classé")).to_be_visible()
