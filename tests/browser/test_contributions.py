"""Writing a record, correcting it, claiming it, proposing one: in a real browser, seen by axe."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from innovations.models import FieldEdit, Innovation
from partners import editing, suggestions
from partners.models import Proposal, Suggestion
from partners.proposals import drafting, sources
from partners.publishing import publish_records
from tests.factories import (
    ClaimFactory,
    SourceFactory,
    SourceRecordFactory,
    SuggestionFactory,
    TermFactory,
    TerritoryFactory,
    UserFactory,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Check = Callable[[Page], None]
NEED = "Trop d’objets partent à la déchetterie alors que des habitants savent les réparer."
WORKSHOP = ("Un atelier où l’on répare. " * 12).strip()


@pytest.fixture
def innovation(roles: SimpleNamespace) -> Innovation:
    """A record that two partners tell differently, and that the team wrote on."""
    TermFactory(code="emploi", label="Emploi")
    first = SourceFactory(partner=roles.partner)
    values = {
        "title": "Ressourcerie du bourg",
        "summary": "Des habitants réparent ensemble les objets du quotidien.",
        "description": "<p>Un lieu ouvert.</p>",
        "porteur": {"name": "Association du bourg", "legal_form": "association"},
        "words": {"theme": ["Emploi"]},
        "reproduction": {"need": NEED},
    }
    record = SourceRecordFactory(source=first, values=values)
    (innovation,) = publish_records([record])
    other = {"title": "La ressourcerie", "summary": WORKSHOP}
    publish_records([SourceRecordFactory(innovation=innovation, values=other)])
    editing.write(innovation, {"summary": "Le résumé de l’équipe."}, author=roles.moderator)
    record.values = values | {"summary": "Un résumé plus récent du partenaire. " * 20}
    record.save()
    publish_records([record])
    innovation.refresh_from_db()
    return innovation


def fits(page: Page, axe: Check) -> None:
    """Accessible, and no wider than a phone."""
    axe(page)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1280, "height": 900})


def test_a_record_is_written_with_the_keyboard(
    page: Page, live_server: object, log_in: Callable[[object], None], axe: Check,
    roles: SimpleNamespace, innovation: Innovation,
) -> None:  # fmt: skip
    log_in(roles.moderator)
    page.goto(live_server.url + reverse("backoffice:enrich", args=[innovation.pk]))  # type: ignore[attr-defined]
    expect(page.get_by_text("Depuis, les partenaires disent autre chose")).to_be_visible()
    fits(page, axe)
    page.get_by_label("Enseignements").fill("Commencer plus petit.")
    take = page.get_by_role("button", name="Reprendre ce texte : résumé").last
    take.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Résumé")).to_have_value(WORKSHOP)
    expect(page.get_by_label("Enseignements")).to_have_value("Commencer plus petit.")
    page.get_by_label("Motif").fill("Entretien avec le porteur")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Enregistré :")).to_be_visible()
    assert FieldEdit.objects.filter(field="reproduction.lessons").exists()


def test_the_second_of_two_people_sees_both_texts(
    page: Page, live_server: object, log_in: Callable[[object], None], axe: Check,
    roles: SimpleNamespace, innovation: Innovation,
) -> None:  # fmt: skip
    log_in(roles.moderator)
    page.goto(live_server.url + reverse("backoffice:enrich", args=[innovation.pk]))  # type: ignore[attr-defined]
    editing.write(innovation, {"summary": "Celui d’un autre."}, author=roles.administrator)
    page.get_by_label("Résumé").fill("Le mien.")
    page.get_by_label("Motif").fill("Relu")
    page.get_by_role("button", name="Enregistrer").last.click()
    expect(page.get_by_text("Modifié entre-temps par Administrateur, le")).to_be_visible()
    expect(page.get_by_label("Résumé")).to_have_value("Le mien.")
    fits(page, axe)
    page.get_by_role("button", name="Reprendre l’autre texte").click()
    expect(page.get_by_label("Résumé")).to_have_value("Celui d’un autre.")


def test_a_visitor_corrects_and_the_staff_decides(
    page: Page, live_server: object, log_in: Callable[[object], None], axe: Check,
    roles: SimpleNamespace, innovation: Innovation,
) -> None:  # fmt: skip
    site = live_server.url  # type: ignore[attr-defined]
    page.goto(site + innovation.get_absolute_url())
    page.get_by_role("link", name="Proposer une correction").click()
    page.get_by_label("Ce qui est à corriger").select_option("reproduction.need")
    page.get_by_role("button", name="Continuer").click()
    fits(page, axe)
    page.get_by_label("Besoin auquel").fill(NEED.replace("déchetterie", "décharge"))
    page.get_by_label("Nom à citer").fill("Le collectif du bourg")
    page.get_by_role("button", name="Envoyer la proposition").click()
    expect(page.get_by_role("heading", name="Merci")).to_be_visible()
    axe(page)

    log_in(roles.moderator)
    page.goto(site + reverse("backoffice:suggestions"))
    expect(page.locator("ins")).to_contain_text("décharge")
    fits(page, axe)
    page.get_by_role("link", name="Examiner").click()
    fits(page, axe)
    page.get_by_role("button", name="Accepter telle quelle").click()
    page.goto(site + innovation.get_absolute_url())
    expect(page.get_by_text("corrigé grâce à Le collectif du bourg")).to_be_visible()


def test_a_porteur_completes_its_record(
    page: Page, live_server: object, log_in: Callable[[object], None], axe: Check,
    roles: SimpleNamespace, innovation: Innovation,
) -> None:  # fmt: skip
    site = live_server.url  # type: ignore[attr-defined]
    page.goto(site + reverse("partners:claim", args=[innovation.slug]))
    fits(page, axe)
    page.get_by_role("button", name="Envoyer la demande").click()
    expect(page.get_by_text("La demande n’est pas partie")).to_be_visible()
    axe(page)
    ClaimFactory(innovation=innovation, proof="L’article du journal.")
    porteur = UserFactory(email="porteur2@example.org", display_name="Porteur")
    ClaimFactory(innovation=innovation, user=porteur, email="")
    log_in(porteur)
    page.goto(site + reverse("backoffice:home"))
    page.get_by_role("link", name="Compléter").click()
    fits(page, axe)
    page.locator("#id_economics-payers").fill("Les communes")
    page.get_by_role("button", name="Proposer ces compléments").click()
    expect(page.get_by_text("Vos propositions sont envoyées")).to_be_visible()
    fits(page, axe)
    assert Suggestion.objects.get().value == "Les communes"

    log_in(roles.moderator)
    page.goto(site + reverse("backoffice:claims"))
    fits(page, axe)


def test_a_project_is_proposed_step_by_step_and_vouched_for(
    page: Page, live_server: object, log_in: Callable[[object], None], axe: Check,
    roles: SimpleNamespace,
) -> None:  # fmt: skip
    site = live_server.url  # type: ignore[attr-defined]
    sources.load()
    TermFactory(code="alimentation", label="Alimentation")
    TerritoryFactory(code="22278", name="Saint-Brieuc")
    page.goto(site + reverse("partners:propose"))
    fits(page, axe)
    page.get_by_label("Votre adresse électronique").fill("porteur@example.org")
    page.get_by_text("J’accepte que mon adresse").click()
    page.get_by_role("button", name="Commencer").click()
    page.get_by_label("Nom du projet").fill("Le potager des Trois-Ponts")
    page.get_by_label("En deux ou trois phrases").fill("Des voisins cultivent ensemble.")
    fits(page, axe)
    page.get_by_role("button", name="Enregistrer et continuer").click()
    page.get_by_label("Le besoin auquel il répond").fill("Des voisins isolés.")
    page.get_by_label("Le cœur du concept").fill("Un terrain commun.")
    axe(page)
    page.get_by_role("button", name="Enregistrer et continuer").click()
    page.get_by_label("Où agit-il ?").fill("Saint-Brieuc")
    page.get_by_text("Alimentation").click()
    fits(page, axe)
    page.get_by_role("button", name="Enregistrer et continuer").click()
    page.get_by_label("Structure porteuse").fill("Les Jardiniers")
    axe(page)
    page.get_by_role("button", name="Enregistrer et continuer").click()
    fits(page, axe)
    page.get_by_text("J’ai le droit de publier").click()
    page.get_by_role("button", name="Envoyer le projet").click()
    expect(page.get_by_text("Adresse à confirmer")).to_be_visible()
    fits(page, axe)

    proposal = Proposal.objects.get()
    token = drafting.link_token(proposal, is_mailed=True)
    page.goto(site + reverse("partners:proposal", args=[token]))
    page.get_by_role("button", name="Confirmer mon adresse").click()
    expect(page.get_by_text("En attente d’un répondant depuis")).to_be_visible()
    fits(page, axe)
    page.goto(site + reverse("partners:proposal_delays"))
    fits(page, axe)
    page.goto(site + reverse("partners:proposal_withdraw", args=[token]))
    fits(page, axe)

    log_in(roles.moderator)
    page.goto(site + reverse("backoffice:proposals"))
    fits(page, axe)
    page.get_by_role("link", name="Le potager des Trois-Ponts").click()
    fits(page, axe)
    page.get_by_label("Une autre plateforme").select_option(roles.partner.slug)
    page.get_by_role("button", name="Soumettre le projet").click()
    expect(page.get_by_text("Projet soumis")).to_be_visible()

    log_in(roles.partner_member)
    page.goto(site + reverse("backoffice:partner_offers", args=[roles.partner.slug]))
    fits(page, axe)
    page.get_by_role("link", name="Nous répondons de ce projet").click()
    axe(page)
    page.get_by_role("button", name="Nous répondons de ce projet").click()
    expect(page.get_by_text("est publié : vous en répondez")).to_be_visible()


def test_what_is_submitted_to_a_partner_fits_a_phone(
    page: Page, live_server: object, log_in: Callable[[object], None], axe: Check,
    roles: SimpleNamespace, innovation: Innovation,
) -> None:  # fmt: skip
    suggestions.send(SuggestionFactory(innovation=innovation), roles.partner, roles.moderator)
    log_in(roles.partner_member)
    where = reverse("backoffice:partner_suggestions", args=[roles.partner.slug])
    page.goto(live_server.url + where)  # type: ignore[attr-defined]
    fits(page, axe)
    log_in(roles.moderator)
    where = reverse("backoffice:field_history", args=[innovation.pk, "summary"])
    page.goto(live_server.url + where)  # type: ignore[attr-defined]
    fits(page, axe)
    page.get_by_role("link", name="Rétablir").first.click()
    fits(page, axe)
    page.get_by_role("button", name="Rétablir").click()
    expect(page.get_by_text("Rétabli : résumé.")).to_be_visible()
