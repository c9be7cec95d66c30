"""The life of a partner, as staff records it."""

import pytest
from django.test import Client
from django.urls import reverse

from partners.models import PartnerStep
from tests.factories import PartnerFactory

pytestmark = pytest.mark.django_db


def test_staff_records_the_collectives_decision(moderator: Client) -> None:
    partner = PartnerFactory(step=PartnerStep.CONTACT, name="Les Ateliers")
    where = reverse("backoffice:partner_move", args=[partner.slug, "admis"])
    refused = moderator.post(where, {"on": "2026-03-12"}).content.decode()
    assert "Ce champ est obligatoire" in refused
    moderator.post(where, {"on": "2026-03-12", "reference": "Réunion du 12 mars 2026"})
    page = moderator.get(reverse("backoffice:partner", args=[partner.slug])).content.decode()
    assert "Admis par le collectif" in page
    assert "décision du collectif : Réunion du 12 mars 2026" in page
    assert "Modérateur" in page


def test_partners_are_found_by_step_and_the_list_says_who_is_waited_for(
    moderator: Client,
) -> None:
    PartnerFactory(step=PartnerStep.CONTACT, name="En attente")
    PartnerFactory(name="Déjà là")
    page = moderator.get(reverse("backoffice:partners"), {"etape": "contact"}).content.decode()
    assert "En attente</a>" in page
    assert "Déjà là" not in page
    assert "(le collectif)" in page


def test_a_step_out_of_turn_is_told(moderator: Client) -> None:
    partner = PartnerFactory(step=PartnerStep.CONTACT)
    where = reverse("backoffice:partner_move", args=[partner.slug, "en-ligne"])
    assert moderator.get(where).status_code == 302
    partner.refresh_from_db()
    assert partner.step == PartnerStep.CONTACT
