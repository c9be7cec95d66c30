"""Asking for a removal: the form, the mail, the link; nothing happens before it is confirmed."""

import re

import pytest
import time_machine
from django.core import mail
from django.test import Client, override_settings

from innovations.models import Innovation
from partners.models import Objection, ObjectionState
from partners.objection_views import REQUESTS_PER_HOUR
from tests.factories import InnovationFactory

pytestmark = pytest.mark.django_db
FORM = "/opposition/"


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]


def ask(client: Client, innovation: Innovation, **changed: str) -> object:
    data = {"scope": "fiche", "email": "demandeur@example.org", **changed}
    return client.post(f"{FORM}?fiche={innovation.slug}", data)


def link() -> str:
    found = re.search(r"http://testserver(/opposition/confirmer/\S+)", mail.outbox[-1].body)
    assert found
    return found[1]


@pytest.fixture
def innovation() -> Innovation:
    return InnovationFactory(published=True)


def test_from_the_form_to_the_queue(client: Client, innovation: Innovation) -> None:
    assert innovation.title in text(client.get(f"{FORM}?fiche={innovation.slug}"))
    assert ask(client, innovation, reason="C’est le mien").status_code == 302
    objection = Objection.objects.get()
    assert (objection.state, objection.innovation) == (ObjectionState.RECEIVED, innovation)
    assert mail.outbox[0].to == ["demandeur@example.org"]
    where = link()
    assert "Confirmer ma demande" in text(client.get(where))
    objection.refresh_from_db()
    assert objection.state == ObjectionState.RECEIVED
    client.post(where)
    objection.refresh_from_db()
    assert objection.state == ObjectionState.CONFIRMED
    assert objection.confirmed_at
    assert client.get(innovation.get_absolute_url()).status_code == 200


def test_a_link_serves_once(client: Client, innovation: Innovation) -> None:
    ask(client, innovation)
    where = link()
    client.post(where)
    again = client.get(where)
    assert again.status_code == 410
    assert "a déjà servi" in text(again)


def test_a_link_lasts_a_week(client: Client, innovation: Innovation) -> None:
    with time_machine.travel("2026-03-01 12:00Z"):
        ask(client, innovation)
    where = link()
    with time_machine.travel("2026-03-08 11:00Z"):
        assert client.get(where).status_code == 200
    with time_machine.travel("2026-03-08 13:00Z"):
        assert "plus de 7 jours" in text(client.post(where))


def test_a_forged_link_confirms_nothing(client: Client, innovation: Innovation) -> None:
    ask(client, innovation)
    assert client.post(link()[:-3] + "xy/").status_code == 410
    assert Objection.objects.get().state == ObjectionState.RECEIVED


def test_a_datum_must_be_written_and_long_enough(client: Client, innovation: Innovation) -> None:
    assert "Écrivez la donnée à retirer." in text(ask(client, innovation, scope="donnee"))
    assert "est trop court" in text(ask(client, innovation, scope="donnee", datum="à"))
    assert not Objection.objects.exists()


def test_without_a_record_the_form_asks_for_its_address(
    client: Client, innovation: Innovation
) -> None:
    data = {"scope": "fiche", "email": "demandeur@example.org"}
    assert "Indiquez l’adresse de la fiche." in text(client.post(FORM, data))
    page = client.post(FORM, {**data, "record_url": "https://ailleurs.invalid/x"})
    assert "Aucune fiche du Carrefour" in text(page)
    client.post(FORM, {**data, "record_url": f"http://testserver{innovation.get_absolute_url()}"})
    assert Objection.objects.get().innovation == innovation


def test_an_unpublished_record_is_not_revealed(client: Client) -> None:
    hidden = InnovationFactory(title="Titre qui ne doit pas paraître")
    assert hidden.title not in text(client.get(f"{FORM}?fiche={hidden.slug}"))


def test_a_robot_is_thanked_and_forgotten(client: Client, innovation: Innovation) -> None:
    assert ask(client, innovation, site="https://spam.invalid").status_code == 302
    assert not Objection.objects.exists()
    assert mail.outbox == []


def test_nobody_is_flooded_with_letters(client: Client, innovation: Innovation) -> None:
    for _ in range(6):
        ask(client, innovation)
    assert len(mail.outbox) == 3


def test_one_visitor_cannot_make_us_write_to_many(client: Client, innovation: Innovation) -> None:
    for number in range(REQUESTS_PER_HOUR):
        ask(client, innovation, email=f"demandeur-{number}@example.org")
    page = text(ask(client, innovation, email="encore@example.org"))
    assert "patienter" in page
    assert len(mail.outbox) == REQUESTS_PER_HOUR


def test_an_address_that_holds_nonsense_is_no_accident(client: Client) -> None:
    assert client.get(f"{FORM}?fiche=%00").status_code == 200


def test_an_unpublished_record_cannot_be_named_by_its_address(client: Client) -> None:
    hidden = InnovationFactory(title="Titre qui ne doit pas paraître")
    data = {"scope": "fiche", "email": "demandeur@example.org"}
    page = text(client.post(FORM, {**data, "record_url": hidden.get_absolute_url()}))
    assert "Aucune fiche du Carrefour" in page
    assert not Objection.objects.exists()


def test_an_empty_form_sums_up_what_is_missing(client: Client) -> None:
    page = text(client.post(FORM, {}))
    assert re.search(r"<title>\s*Erreur\s: Demander le retrait", page)
    assert "La demande n’est pas partie" in page
    for name in ("record_url", "scope_0", "email"):
        assert f'<a href="#id_{name}">' in page
        assert f'id="id_{name}"' in page
    assert "sauf mention « Optionnel »" in page
    assert re.search(r"Adresse de la fiche\s*<", page)
    assert re.search(r"Motif\s*\(Optionnel\)", page)
    assert "correction" not in page


def test_a_mail_that_cannot_leave_is_told_and_leaves_no_trace(
    client: Client, innovation: Innovation
) -> None:
    with override_settings(
        EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=9,
    ):
        page = text(ask(client, innovation))
    assert "n’a pas pu partir" in page
    assert not Objection.objects.exists()
