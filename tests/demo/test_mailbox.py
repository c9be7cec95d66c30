"""The mails that the demonstration sends can be read, and their links followed."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
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
@pytest.mark.parametrize(
    ("utc", "paris"),
    [
        ((2026, 1, 15, 23, 30), "16 janvier 2026 à 00:30"),
        ((2026, 7, 1, 8, 5), "1 juillet 2026 à 10:05"),
    ],
)
def test_the_hour_of_a_mail_is_that_of_paris(
    mailbox: Path, client: Client, utc: tuple[int, ...], paris: str
) -> None:
    with time_machine.travel(datetime(*utc, tzinfo=UTC), tick=False):  # type: ignore[misc]
        send("Confirmez votre demande")
    assert paris in client.get("/demo/courriels/").content.decode().replace("1<sup>er</sup>", "1")


def test_a_mail_without_a_date_is_shown_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(b"Subject: Sans date\n\nCorps")
    (tmp_path / "b.log").write_bytes(b"Subject: Date fausse\nDate: hier\n\nCorps")
    assert [mail.sent_at for mail in mails(tmp_path)] == [None, None]


@pytest.mark.django_db
def test_the_page_says_when_mails_leave_by_a_real_server(client: Client) -> None:
    assert "EMAIL_URL" in client.get("/demo/courriels/").content.decode()
