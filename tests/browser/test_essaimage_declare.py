"""A replication declared, confirmed and kept up to date in a real browser: seen by axe, on a phone,
with the keyboard, without JavaScript."""

import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.core import mail
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from essaimage import links, moving, tellings, updating
from essaimage.models import Party, Publication, Purpose, Replication, Verdict
from essaimage.moving import Author
from innovations.models import Innovation
from tests.browser.fitting import fits
from tests.factories import (
    InnovationFactory,
    OrganisationFactory,
    PartyFactory,
    PublicActorFactory,
    ReplicationFactory,
    TerritoryFactory,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Check = Callable[[Page], None]
WHO = "direction@atelier.example.org"


@pytest.fixture
def innovation(transactional_db: None) -> Innovation:
    TerritoryFactory(code="69123", name="Lyon")
    owner = OrganisationFactory(name="Association d’origine")
    return InnovationFactory(
        published=True, slug="ressourcerie", title="Ressourcerie", organisation=owner
    )


@pytest.fixture
def replication(innovation: Innovation) -> Replication:
    """Published, rich, contested by nobody, its porteur not heard."""
    found: Replication = ReplicationFactory(
        innovation=innovation,
        origin="repreneur",
        state="en-cours",
        journal={"envisagee": "2022", "en-cours": "2024-05"},
        repreneur_name="Atelier coopératif",
        forms=["reseaux"],
        kept="Réparer ensemble.",
    )
    PartyFactory(replication=found, email=WHO, verdict=Verdict.CONFIRMED)
    PartyFactory(replication=found, porteur=True)
    PublicActorFactory(replication=found)
    asked = moving.Move("perennisee", seen="en-cours", reason="Convention de trois ans.")
    moving.move(found, asked, Author("Atelier coopératif"))
    moving.annul(found.steps.last(), Author("Équipe du Carrefour"), reason="Trop tôt.")
    found.refresh_from_db()
    return found


def repreneur(replication: Replication) -> Party:
    return replication.parties.get(side="repreneur")


def porteur(replication: Replication) -> Party:
    return replication.parties.get(side="porteur")


def opened(view: str, purpose: Purpose, party: Party) -> str:
    return reverse(f"essaimage:{view}", args=[links.make(purpose, party.pk)])


def fill(page: Page) -> None:
    page.get_by_label("La structure qui reprend le projet").fill("Atelier coopératif")
    page.get_by_label("Le territoire").fill("Lyon (69)")
    page.get_by_label("En préparation", exact=True).check(force=True)
    page.get_by_label("Envisagée depuis").fill("2024")
    page.get_by_label("Votre adresse électronique").fill(WHO)
    page.get_by_label("J’accepte que ces adresses").check(force=True)


def declared(page: Page, base: str, innovation: Innovation) -> None:
    """From the public record to the declaration confirmed by the mailed link."""
    page.goto(base + innovation.get_absolute_url())
    page.get_by_role("link", name="Je reprends ce projet").click()
    fill(page)
    page.get_by_role("button", name="Déclarer la reprise").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Vérifiez votre messagerie")
    found = re.search(r"https?://[^/]+(/\S+)", str(mail.outbox[-1].body))
    assert found
    page.goto(base + found[1])
    page.get_by_role("button", name="Confirmer ma déclaration").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Déclaration enregistrée")


def moved(page: Page) -> None:
    page.get_by_label("En cours", exact=True).check(force=True)
    page.get_by_label("Ce qui le montre").fill("L’atelier ouvre trois jours par semaine.")
    page.get_by_role("button", name="Inscrire le nouvel état").click()
    expect(page.get_by_role("status").first).to_contain_text("Le nouvel état est inscrit")


def test_from_the_record_to_the_page_of_the_replication(
    page: Page, live_server: object, innovation: Innovation, axe: Check
) -> None:
    errors: list[str] = []
    page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    base = str(live_server)
    declared(page, base, innovation)
    axe(page)
    page.get_by_role("link", name="La compléter dès maintenant").click()
    moved(page)
    page.get_by_label("Les enseignements").fill("Commencer plus petit.")
    page.get_by_role("button", name="Enregistrer").click()
    # The reason of the new state, and the text.
    expect(page.get_by_text("Relecture en cours")).to_have_count(2)
    for width in (375, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert fits(page)
        axe(page)
    page.get_by_label("Ce qui montre cet état").fill("L’atelier ouvre quatre jours par semaine.")
    page.get_by_role("button", name="Inscrire ce motif").click()
    expect(page.get_by_role("status").first).to_contain_text("L’équipe relit votre motif")
    expect(page.get_by_label("Ce qui montre cet état")).to_have_value(
        "L’atelier ouvre quatre jours par semaine."
    )

    made = Replication.objects.get()
    assert made.publication == Publication.WAITING
    made.publication = Publication.PUBLISHED
    made.save()
    page.goto(base + made.get_absolute_url())
    expect(page.get_by_role("heading", level=1)).to_have_text("« Ressourcerie » à Lyon")
    expect(page.locator(".carrefour-timeline > li")).to_have_count(3)
    expect(page.get_by_text("Commencer plus petit.")).to_have_count(0)
    axe(page)
    assert errors == []


def test_it_needs_no_javascript(
    browser: Browser, live_server: object, innovation: Innovation
) -> None:
    page = browser.new_page(java_script_enabled=False)
    declared(page, str(live_server), innovation)
    page.get_by_role("link", name="La compléter dès maintenant").click()
    moved(page)
    page.get_by_label("L’acteur public").fill("Métropole")
    page.get_by_label("Participe au financement").check(force=True)
    page.get_by_role("button", name="Ajouter ou corriger cet acteur").click()
    expect(page.get_by_text("Métropole")).to_be_visible()
    page.close()


def test_both_sides_answer_with_the_keyboard_alone(
    page: Page, live_server: object, replication: Replication
) -> None:
    base = str(live_server)
    page.goto(base + opened("verdict", Purpose.VERDICT, porteur(replication)))
    page.get_by_role("button", name="Je confirme").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_label("En quoi la contestez-vous")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Dites en quoi vous la contestez.")
    page.get_by_role("link", name="En quoi la contestez-vous").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Je confirme").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Vous confirmez cette reprise.")).to_be_visible()

    page.get_by_role("link", name="Tenir cette reprise à jour").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Pérennisée").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("Convention de trois ans.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("Le nouvel état est inscrit")
    replication.refresh_from_db()
    assert replication.state == "perennisee"


@pytest.mark.parametrize("width", [375, 1280])
def test_every_page_is_clean_and_fits(
    page: Page,
    live_server: object,
    innovation: Innovation,
    replication: Replication,
    axe: Check,
    width: int,
) -> None:
    base = str(live_server)
    contested = ReplicationFactory(innovation=innovation, parent=replication, journal=True)
    PartyFactory(replication=contested, porteur=True, contests=True)
    page.set_viewport_size({"width": width, "height": 800})
    addresses = [
        innovation.get_absolute_url(),
        reverse("essaimage:declare", args=[innovation.slug]),
        reverse("essaimage:declare_sent", args=[innovation.slug]),
        replication.get_absolute_url(),
        contested.get_absolute_url(),
        reverse("essaimage:follow_ask", args=[replication.code]),
        reverse("essaimage:follow_sent", args=[replication.code]),
        opened("declaration_confirm", Purpose.DECLARE, repreneur(replication)),
        opened("verdict", Purpose.VERDICT, porteur(replication)),
        reverse("essaimage:follow", args=[updating.hand(repreneur(replication))]),
        reverse("essaimage:verdict", args=["mort"]),
        reverse("site:replications"),
    ]
    for address in addresses:
        page.goto(base + address)
        assert fits(page), address
        axe(page)


@pytest.mark.parametrize("width", [375, 1280])
def test_what_is_refused_is_told_where_it_stands(
    page: Page,
    live_server: object,
    innovation: Innovation,
    replication: Replication,
    axe: Check,
    width: int,
) -> None:
    base = str(live_server)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(base + reverse("essaimage:declare", args=[innovation.slug]))
    page.get_by_role("button", name="Déclarer la reprise").click()
    expect(page).to_have_title(re.compile("^Erreur"))
    page.get_by_role("link", name="L’état de la reprise aujourd’hui").click()
    expect(page.get_by_label("Envisagée", exact=True)).to_be_focused()
    axe(page)
    assert fits(page)

    page.goto(base + reverse("essaimage:follow", args=[updating.hand(repreneur(replication))]))
    page.get_by_role("button", name="Inscrire le nouvel état").click()
    expect(page.get_by_role("alert")).to_contain_text("Rien n’est enregistré")
    page.get_by_role("link", name="Ce qui le montre").click()
    expect(page.get_by_label("Ce qui le montre")).to_be_focused()
    axe(page)
    assert fits(page)


def test_staff_read_texts_over(
    page: Page,
    live_server: object,
    replication: Replication,
    roles: SimpleNamespace,
    log_in: Callable[[object], None],
    axe: Check,
) -> None:
    log_in(roles.essaimage_officer)
    actor = {"name": "Ville", "roles": ["utilisateur"], "actions": [], "detail": ""}
    said = {"kept": "Réparer, et apprendre.", tellings.ACTORS: [actor]}
    tellings.write(repreneur(replication), said)
    for width in (375, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"{live_server}/gestion/essaimage/textes/")
        assert fits(page)
        axe(page)
    page.get_by_role("button", name="Retenir").click()
    expect(page.get_by_text("est visible sur la page de la reprise")).to_be_visible()
    page.goto(str(live_server) + replication.get_absolute_url())
    expect(page.get_by_text("Réparer, et apprendre.")).to_be_visible()
