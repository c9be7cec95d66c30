"""Registering a partner and its source, mapping its fields."""

from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from innovations.licences import Licence
from partners.deposits import address_for
from partners.models import Partner, Source
from tests.factories import PartnerFactory, SourceFactory, SourceRecordFactory

pytestmark = pytest.mark.django_db


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
        "connector": "spreadsheet",
        "record_type": "innovation",
        "licence": Licence.ETALAB.value,
        "publishes_directly": "True",
        "frequency": "hebdomadaire",
        "withdraw_after_days": 7,
        "largest_loss": 30,
        "full_reading_days": 7,
        **changed,
    }


def test_the_options_of_the_connector_are_fields_with_their_explanation(
    moderator: Client, source: Source
) -> None:
    where = reverse("backoffice:source_edit", args=[source.slug])
    page = text(moderator.get(where))
    assert "Numéro de la ligne des titres de colonnes" in page
    options = {"option-header_row": "3", "option-delimiter": "\t", "option-encoding": ""}
    moderator.post(where, source_data(url=source.url, **options))
    source.refresh_from_db()
    assert source.options == {"header_row": 3, "delimiter": "\t"}
    # Sent back as they are shown, they do not change.
    form = moderator.get(where).context["form"]
    shown = {name: form[name].value() or "" for name in form.fields if name.startswith("option-")}
    moderator.post(where, source_data(url=source.url, **shown))
    source.refresh_from_db()
    assert source.options == {"header_row": 3, "delimiter": "\t"}


def test_an_option_may_be_a_list_or_an_object(moderator: Client, source: Source) -> None:
    where = reverse("backoffice:source_edit", args=[source.slug])
    page = text(moderator.post(where, source_data(url=source.url, **{"option-sheet": '{"a": '})))
    assert "Cette liste est mal écrite, ligne 1" in page
    moderator.post(where, source_data(url=source.url, **{"option-sheet": '{"a": [1, true]}'}))
    source.refresh_from_db()
    assert source.options == {"sheet": {"a": [1, True]}}


def test_another_connector_starts_without_the_options_of_the_former(
    moderator: Client, source: Source
) -> None:
    Source.objects.filter(pk=source.pk).update(connector="spreadsheet", options={"header_row": 3})
    where = reverse("backoffice:source_edit", args=[source.slug])
    response = moderator.post(
        where, source_data(url=source.url, connector="feed", **{"option-header_row": "3"})
    )
    assert response.url == where
    source.refresh_from_db()
    assert (source.connector, source.options) == ("feed", {})


def test_changing_the_frequency_plans_the_next_harvest(moderator: Client, source: Source) -> None:
    where = reverse("backoffice:source_edit", args=[source.slug])
    data = source_data(url=source.url, is_active="on")
    moderator.post(where, {**data, "frequency": "quotidienne"})
    source.refresh_from_db()
    assert source.next_run_at
    moderator.post(where, {**data, "frequency": "manuelle"})
    source.refresh_from_db()
    assert source.next_run_at is None


def test_the_volume_expected_is_checked(moderator: Client, source: Source) -> None:
    where = reverse("backoffice:source_edit", args=[source.slug])
    bounds = {"expected_at_least": 10, "expected_at_most": 5}
    form = moderator.post(where, source_data(url=source.url, **bounds)).context["form"]
    assert form.errors == {"expected_at_most": ["Ce nombre est plus petit que le minimum attendu."]}


def test_an_address_harvested_for_another_partner_is_refused(
    moderator: Client, source: Source
) -> None:
    other = SourceFactory()
    where = reverse("backoffice:source_edit", args=[source.slug])
    page = text(moderator.post(where, source_data(url=f"{other.url}/")))
    assert f"Cette adresse est déjà moissonnée pour {other.partner}." in page
    source.refresh_from_db()
    assert source.url != other.url


def test_a_source_of_dropped_files_has_no_address_to_change(
    moderator: Client, source: Source
) -> None:
    Source.objects.filter(pk=source.pk).update(url=address_for(source.partner))
    where = reverse("backoffice:source_edit", args=[source.slug])
    assert "url" not in moderator.get(where).context["form"].fields


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
