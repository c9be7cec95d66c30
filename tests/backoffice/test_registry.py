"""Registering a partner and its source, mapping its fields."""

import json
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse
from pytest_httpserver import HTTPServer

from innovations.licences import Licence
from partners.backoffice.forms import SourceForm
from partners.models import Partner, Run, Source
from tests.factories import PartnerFactory, SourceFactory, SourceRecordFactory

pytestmark = pytest.mark.django_db
CSV = (
    "Identifiant;Titre du projet;Résumé;Commune\n"
    "1;Atelier de réparation;Des habitants réparent ensemble.;Lormes\n"
    "2;Jardin partagé;Un jardin cultivé en commun par ses voisins.;Grenoble\n"
)


@pytest.fixture
def site(httpserver: HTTPServer) -> str:
    """A partner's site with one spreadsheet."""
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request("/projets.csv").respond_with_data(CSV, content_type="text/csv")
    return httpserver.url_for("/projets.csv")


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]


def test_a_partner_is_added_with_an_address_of_its_own(moderator: Client) -> None:
    PartnerFactory(slug="agence-des-communs")
    data = {"name": "Agence des communs", "kind": "associatif", "website": "agence.example.org"}
    response = moderator.post(reverse("backoffice:partner_add"), data)
    partner = Partner.objects.get(name="Agence des communs")
    assert partner.slug == "agence-des-communs-2"
    assert partner.website == "https://agence.example.org"
    assert partner.is_active
    assert response.url == reverse("backoffice:partner", args=[partner.slug])


def test_what_is_wrong_is_told_in_french(moderator: Client, roles: SimpleNamespace) -> None:
    data = {"name": roles.partner.name, "kind": "associatif", "website": "pas une adresse"}
    page = text(moderator.post(reverse("backoffice:partner_add"), data))
    assert "Un partenaire porte déjà ce nom." in page
    assert "URL valide" in page


def test_a_partner_s_address_survives_its_renaming(
    moderator: Client, roles: SimpleNamespace
) -> None:
    where = reverse("backoffice:partner_edit", args=[roles.partner.slug])
    data = {"name": "Autre nom", "kind": "media", "website": "https://autre.example.org"}
    moderator.post(where, data)
    renamed = Partner.objects.get(pk=roles.partner.pk)
    assert (renamed.name, renamed.slug) == ("Autre nom", roles.partner.slug)
    assert not renamed.is_active


def source_data(**changed: object) -> dict[str, object]:
    return {
        "name": "Projets",
        "connector": "",
        "record_type": "innovation",
        "licence": Licence.ETALAB.value,
        "publishes_directly": "True",
        "frequency": "hebdomadaire",
        "withdraw_after_days": 7,
        **changed,
    }


def test_a_source_is_recognised_and_mapped_from_its_address(
    moderator: Client, roles: SimpleNamespace, site: str
) -> None:
    where = reverse("backoffice:source_add", args=[roles.partner.slug])
    response = moderator.post(where, source_data(url=site))
    source = Source.objects.get()
    assert response.url == reverse("backoffice:source_mapping", args=[source.slug])
    assert source.connector == "spreadsheet"
    assert {rule["target"] for rule in source.mapping} >= {"title", "summary"}
    assert source.next_run_at
    assert not Run.objects.exists()


def test_an_address_that_cannot_be_read_is_told_on_its_field(
    moderator: Client, roles: SimpleNamespace, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/rien").respond_with_data("", status=404)
    where = reverse("backoffice:source_add", args=[roles.partner.slug])
    response = moderator.post(where, source_data(url=httpserver.url_for("/rien")))
    assert response.status_code == 200
    assert "url" in response.context["form"].errors
    assert not Source.objects.exists()


def test_a_private_address_is_refused(moderator: Client, roles: SimpleNamespace) -> None:
    where = reverse("backoffice:source_add", args=[roles.partner.slug])
    response = moderator.post(where, source_data(url="http://169.254.169.254/latest/meta-data/"))
    assert "url" in response.context["form"].errors
    assert not Source.objects.exists()


def test_an_unknown_option_is_told_with_those_that_exist(moderator: Client, source: Source) -> None:
    where = reverse("backoffice:source_edit", args=[source.slug])
    data = source_data(url=source.url, connector="spreadsheet", options='{"feuille": 1}')
    page = text(moderator.post(where, data))
    assert "Option inconnue : feuille." in page
    assert "header_row" in page
    page = text(moderator.post(where, {**data, "options": "{feuille"}))
    assert "erreur ligne 1" in page


def test_changing_the_frequency_plans_the_next_harvest(moderator: Client, source: Source) -> None:
    where = reverse("backoffice:source_edit", args=[source.slug])
    data = source_data(url=source.url, connector="spreadsheet", is_active="on", options="")
    moderator.post(where, {**data, "frequency": "quotidienne"})
    source.refresh_from_db()
    assert source.next_run_at
    moderator.post(where, {**data, "frequency": "manuelle"})
    source.refresh_from_db()
    assert source.next_run_at is None


def test_a_mapping_is_checked_rule_by_rule(moderator: Client, source: Source) -> None:
    where = reverse("backoffice:source_mapping", args=[source.slug])
    wrong = json.dumps([{"target": "titre", "path": "Nom"}, {"target": "title"}])
    page = text(moderator.post(where, {"action": "enregistrer", "mapping": wrong}))
    assert "Règle 1 : champ « titre » inconnu." in page
    assert "Règle 2 : il faut « path »" in page
    right = json.dumps([{"target": "title", "path": "Nom du projet"}])
    moderator.post(where, {"action": "enregistrer", "mapping": right})
    source.refresh_from_db()
    assert source.mapping == json.loads(right)


def test_a_mapping_is_shown_in_words(moderator: Client, source: Source) -> None:
    page = text(moderator.get(reverse("backoffice:source_mapping", args=[source.slug])))
    assert "<code>titre</code>" in page
    assert "découpé" in page
    assert "toujours : etalab-2.0" in page


def test_trying_a_mapping_writes_nothing(moderator: Client, source: Source, site: str) -> None:
    source.url = site
    source.mapping = [
        {"target": "title", "path": "Titre du projet"},
        {"target": "summary", "path": "Résumé"},
    ]
    source.save()
    where = reverse("backoffice:source_mapping", args=[source.slug])
    page = text(moderator.post(where, {"action": "essayer"}))
    assert "Jardin partagé" in page
    assert not source.records.exists()
    assert not Run.objects.exists()


def test_proposing_replaces_the_rules(moderator: Client, source: Source, site: str) -> None:
    Source.objects.filter(pk=source.pk).update(url=site)
    where = reverse("backoffice:source_mapping", args=[source.slug])
    moderator.post(where, {"action": "proposer"})
    source.refresh_from_db()
    titles = [rule for rule in source.mapping if rule["target"] == "title"]
    assert titles[0]["path"] == "Titre du projet"


def test_a_proposal_that_fails_says_why_and_changes_nothing(
    moderator: Client, source: Source
) -> None:
    Source.objects.filter(pk=source.pk).update(url="http://127.0.0.1:9/fermé.csv")
    where = reverse("backoffice:source_mapping", args=[source.slug])
    page = text(moderator.post(where, {"action": "proposer"}, follow=True))
    assert "Aucune correspondance proposée." in page
    mapping = source.mapping
    source.refresh_from_db()
    assert source.mapping == mapping


def test_an_address_harvested_for_another_partner_is_refused(
    moderator: Client, roles: SimpleNamespace
) -> None:
    other = SourceFactory()
    where = reverse("backoffice:source_add", args=[roles.partner.slug])
    page = text(moderator.post(where, source_data(url=other.url, connector="spreadsheet")))
    assert f"Cette adresse est déjà moissonnée pour {other.partner}." in page
    assert not roles.partner.sources.exists()


def test_the_records_of_a_partner_without_charter_wait_by_default(roles: SimpleNamespace) -> None:
    assert SourceForm(partner=roles.partner)["publishes_directly"].initial is False
    signed = PartnerFactory(charter_signed_on="2026-01-15")
    form = SourceForm(partner=signed)
    assert form["publishes_directly"].initial is True
    assert "première publication" in form["publishes_directly"].help_text


def test_the_links_of_a_source_follow_its_new_origin(moderator: Client, source: Source) -> None:
    record = SourceRecordFactory(source=source)
    data = source_data(
        name=source.name, url="https://nouveau.example.org/fiches.csv", connector="spreadsheet"
    )
    moderator.post(reverse("backoffice:source_edit", args=[source.slug]), data)
    source.refresh_from_db()
    record.refresh_from_db()
    assert source.url == "https://nouveau.example.org/fiches.csv"
    assert record.url == f"https://nouveau.example.org/{record.external_id}"


def test_staff_edits_are_only_consulted_in_the_admin(
    client: Client, roles: SimpleNamespace
) -> None:
    roles.administrator.is_superuser = True
    roles.administrator.save()
    client.force_login(roles.administrator, "django.contrib.auth.backends.ModelBackend")
    where = reverse("admin:innovations_fieldedit_add")
    assert client.get(where).status_code == 403
