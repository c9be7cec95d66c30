"""The contact form: a mail, no robot, no flood, an honest word when the mail cannot go."""

from unittest.mock import patch

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client

from carrefour.site.contact import MESSAGES_PER_HOUR

pytestmark = pytest.mark.django_db
MESSAGE = {
    "subject": "question",
    "email": "visiteur@example.org",
    "message": "Bonjour, une question sur une fiche.",
    "website": "",
}


def test_a_message_is_mailed_and_can_be_answered(client: Client) -> None:
    response = client.post("/contact/", MESSAGE)

    assert response["Location"] == "/contact/merci/"
    [sent] = mail.outbox
    assert sent.to == [settings.CONTACT_EMAIL]
    assert sent.reply_to == ["visiteur@example.org"]
    assert "une question sur une fiche" in sent.body


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("email", "pas une adresse", "adresse"),
        ("email", "a@example.org\nBcc: b@example.org", "adresse"),
        ("message", "court", "au moins une phrase"),
        ("subject", "inconnu", "choix"),
    ],
)
def test_a_wrong_field_is_told_and_nothing_goes(
    client: Client, field: str, value: str, told: str
) -> None:
    response = client.post("/contact/", {**MESSAGE, field: value})

    assert response.status_code == 200
    assert told in response.content.decode()
    assert mail.outbox == []


def test_a_robot_sends_nothing_and_learns_nothing(client: Client) -> None:
    response = client.post("/contact/", {**MESSAGE, "website": "https://spam.example"})

    assert response["Location"] == "/contact/merci/"
    assert mail.outbox == []


def test_too_many_messages_wait(client: Client) -> None:
    for _ in range(MESSAGES_PER_HOUR):
        client.post("/contact/", MESSAGE)

    response = client.post("/contact/", MESSAGE)

    assert "patienter" in response.content.decode()
    assert len(mail.outbox) == MESSAGES_PER_HOUR


def test_another_address_is_not_held_by_the_flood_of_one(client: Client) -> None:
    for _ in range(MESSAGES_PER_HOUR + 1):
        client.post("/contact/", MESSAGE)

    response = client.post("/contact/", MESSAGE, REMOTE_ADDR="192.0.2.7")

    assert response["Location"] == "/contact/merci/"


def test_a_mail_that_cannot_go_is_told(client: Client) -> None:
    # A real refusal needs a server that is down: the connection fails as it would.
    with patch("django.core.mail.message.EmailMessage.send", side_effect=ConnectionRefusedError):
        response = client.post("/contact/", MESSAGE)

    assert "n’a pas pu partir" in response.content.decode()
    assert settings.CONTACT_EMAIL in response.content.decode()


def test_the_form_is_protected(client: Client) -> None:
    strict = Client(enforce_csrf_checks=True)

    response = strict.post("/contact/", MESSAGE)

    assert response.status_code == 403
    assert "Formulaire expiré" in response.content.decode()


def test_a_subject_can_be_chosen_by_the_link(client: Client) -> None:
    page = client.get("/contact/?sujet=accessibilite").content.decode()

    assert '<option value="accessibilite" selected>' in page
