"""The mails that the demonstration sends can be read, and their links followed."""

from pathlib import Path

import pytest
from django.core.mail import send_mail
from django.test import Client

from carrefour.demo.mailbox import mails


@pytest.fixture
def mailbox(settings: object, tmp_path: Path) -> Path:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"  # type: ignore[attr-defined]
    settings.EMAIL_FILE_PATH = settings.MAILBOX = tmp_path  # type: ignore[attr-defined]
    return tmp_path


def send(subject: str, body: str = "Ouvrez http://testserver/opposition/confirmer/abc/") -> None:
    send_mail(subject, body, "carrefour@example.org", ["porteur@example.org"])


def test_the_latest_mail_comes_first_whole_and_in_french(mailbox: Path) -> None:
    send("Première demande")
    send("Seconde demande", "Un été à l’œuvre.\n\n" + "-" * 70 + "\nFin.")

    second, first = mails(mailbox)

    assert (second.subject, first.subject) == ("Seconde demande", "Première demande")
    assert "Un été à l’œuvre." in second.body
    assert "Fin." in second.body
    assert second.recipients == "porteur@example.org"


def test_an_absent_folder_is_an_empty_box(tmp_path: Path) -> None:
    assert mails(tmp_path / "rien") == []


@pytest.mark.django_db
def test_the_page_shows_the_mails_with_their_links(mailbox: Path, client: Client) -> None:
    send("Confirmez votre demande")

    page = client.get("/demo/courriels/").content.decode()

    assert "Confirmez votre demande" in page
    assert 'href="http://testserver/opposition/confirmer/abc/"' in page


@pytest.mark.django_db
def test_the_page_says_when_mails_leave_by_a_real_server(client: Client) -> None:
    assert "EMAIL_URL" in client.get("/demo/courriels/").content.decode()
