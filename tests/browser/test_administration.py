"""Taxonomy, partners' lives, imports and journal in a browser: axe, keyboard, phone width."""

import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from innovations import taxonomy_changes
from innovations.models import Term
from partners import life
from partners.exchange import KINDS, importing, sheets
from partners.life import Told
from partners.models import Import, PartnerStep
from tests.factories import InnovationFactory, PartnerFactory, SourceFactory, TermFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TABLE = """vocabulaire;code;libelle;domaine
theme;epicerie;Épicerie sociale et solidaire;alimentation
theme;cantine;Cantine de quartier;alimentation
theme;autre;Autre;inconnu
"""


@pytest.fixture
def world(roles: SimpleNamespace) -> SimpleNamespace:
    food = TermFactory(code="alimentation", label="Alimentation", description="Se nourrir.")
    shop = TermFactory(code="epicerie", label="Épicerie sociale", parent=food)
    other = TermFactory(code="magasin", label="Magasin solidaire", parent=food)
    for _ in range(3):
        InnovationFactory(published=True, terms=[shop])
    InnovationFactory(published=True, terms=[other])
    gone = TermFactory(code="panier", label="Panier")
    merged = taxonomy_changes.merge(gone, food, author=roles.moderator)
    taxonomy_changes.reword(food, label="Bien manger", author=roles.moderator)
    partner = PartnerFactory(name="Les Ateliers", step=PartnerStep.CONTACT)
    life.begin(partner, author=roles.moderator)
    decision = Told(reference="Réunion du 12 mars 2026, point 3", note="À l’unanimité.")
    life.move(partner, PartnerStep.ADMITTED, decision, author=roles.administrator)
    SourceFactory(partner=roles.partner)
    file = SimpleUploadedFile("termes.csv", TABLE.encode())
    rows = sheets.read(file, KINDS["taxonomie"].columns)
    made = Import.objects.create(
        kind="taxonomie", name="termes.csv", rows=rows, author=roles.moderator
    )
    importing.rehearse(made)
    return SimpleNamespace(
        food=food, shop=shop, other=other, merged=merged, partner=partner, made=made, roles=roles
    )


def pages(world: SimpleNamespace) -> dict[str, str]:
    return {
        "tableau-de-bord": reverse("backoffice:home"),
        "taxonomie": reverse("backoffice:taxonomy"),
        "terme": reverse("backoffice:term", args=[world.food.pk]),
        "terme-ajouter": reverse("backoffice:term_add"),
        "fusion": reverse("backoffice:term_merge", args=[world.shop.pk])
        + f"?cible={world.other.pk}",
        "fusion-annuler": reverse("backoffice:term_merge_undo", args=[world.merged.pk]),
        "partenaires": reverse("backoffice:partners"),
        "partenaire": reverse("backoffice:partner", args=[world.partner.slug]),
        "etape": reverse("backoffice:partner_move", args=[world.partner.slug, "parti"]),
        "echanges": reverse("backoffice:exchange"),
        "importer": reverse("backoffice:import_start", args=["taxonomie"]),
        "import": reverse("backoffice:import", args=[world.made.pk]),
        "journal": reverse("backoffice:journal"),
        "historique": reverse("backoffice:history", args=["terme", world.food.pk]),
    }


@pytest.mark.parametrize("width", [1200, 360])
def test_pages_are_accessible_and_fit(
    width: int,
    world: SimpleNamespace,
    page: Page,
    live_server: LiveServer,
    log_in: Callable[[object], None],
    axe: Callable[[Page], None],
) -> None:
    log_in(world.roles.moderator)
    page.set_viewport_size({"width": width, "height": 900})
    for name, where in pages(world).items():
        page.goto(live_server.url + where)
        if folder := os.environ.get("SCREENSHOTS"):
            page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)
        axe(page)
        overflow = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert overflow <= 0, (name, overflow)


def test_a_term_is_merged_and_given_back_by_keyboard_alone(
    world: SimpleNamespace,
    page: Page,
    live_server: LiveServer,
    log_in: Callable[[object], None],
) -> None:
    log_in(world.roles.moderator)
    page.goto(live_server.url + reverse("backoffice:term", args=[world.shop.pk]))
    page.get_by_label("Fusionner ce terme dans").focus()
    page.keyboard.type("Magasin")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Fusionner « Épicerie sociale »")).to_be_visible()
    page.get_by_role("button", name="Fusionner", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("est fusionné dans")).to_be_visible()
    assert Term.objects.get(pk=world.shop.pk).merged_into == world.other
    page.goto(live_server.url + reverse("backoffice:term", args=[world.shop.pk]))
    page.get_by_role("link", name="Annuler cette fusion").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Annuler la fusion").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("de nouveau un terme à part")).to_be_visible()
    assert Term.objects.get(pk=world.shop.pk).is_active
