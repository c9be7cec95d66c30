"""Staff ask the sides of a replication, by a real mail server."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from essaimage import editing, links, sides
from essaimage.links import DeadLink
from essaimage.models import Party, Purpose, Replication, Side
from tests.backoffice.conftest import BACKEND
from tests.essaimage.conftest import Postman
from tests.factories import PartyFactory, ReplicationFactory

pytestmark = pytest.mark.django_db
PORTEUR = "contact@origine.example.org"


@pytest.fixture
def officer(roles: SimpleNamespace, client: Client) -> Client:
    client.force_login(roles.essaimage_officer, BACKEND)
    return client


def at(name: str, *args: Any) -> str:
    return reverse(f"gestion_essaimage:{name}", args=args)


def text(answer: Any) -> str:
    return answer.content.decode()


def test_the_other_side_is_added_asked_and_answers(officer: Client, postman: Postman) -> None:
    row = ReplicationFactory(journal=True)
    sent = {"organisation": "Association d’origine", "email": PORTEUR, "demander": "oui"}
    answer = officer.post(at("side", row.code, "porteur"), sent, follow=True)
    assert "courriel envoyé" in text(answer)
    assert PORTEUR not in text(answer)
    link = postman.link(PORTEUR)
    said = {"verdict": "contestee", "note": "Ce n’est pas notre projet."}
    assert Client().post(link, said).status_code == 200
    assert "Contestée" in text(officer.get(at("replications")))
    assert "Ce n’est pas notre projet." in text(officer.get(at("replication", row.code)))
    # It opened its own link: its address is its own.
    wrong = {"organisation": "x", "email": "autre@example.org"}
    refused = officer.post(at("side", row.code, "porteur"), wrong)
    assert "confirmée par son titulaire" in text(refused)


def test_a_side_asked_again_has_a_link_that_replaces_the_first(
    officer: Client, postman: Postman
) -> None:
    party = PartyFactory(porteur=True, email=PORTEUR)
    where = at("side_ask", party.replication.code, "porteur")
    officer.post(where)
    first = postman.link(PORTEUR)
    officer.post(where)
    assert postman.to(PORTEUR) == 2
    # Writing to the server is not needed to know: the first one opens nothing any more.
    assert Client().post(first, {"verdict": "confirmee"}).status_code != 200
    assert Party.objects.get().verdict == ""


def test_a_mail_that_cannot_leave_is_told_and_nothing_is_kept(officer: Client) -> None:
    party = PartyFactory(porteur=True, email=PORTEUR)
    where = at("side_ask", party.replication.code, "porteur")
    smtp = "django.core.mail.backends.smtp.EmailBackend"
    with override_settings(EMAIL_BACKEND=smtp, EMAIL_HOST="127.0.0.1", EMAIL_PORT=9):
        answer = officer.post(where, follow=True)
    assert "n’a pas pu partir" in text(answer)
    assert Party.objects.get().asked_at is None


def test_what_is_set_aside_is_asked_to_nobody(officer: Client, postman: Postman) -> None:
    party = PartyFactory(
        porteur=True, email=PORTEUR, replication=ReplicationFactory(set_aside=True)
    )
    answer = officer.post(at("side_ask", party.replication.code, "porteur"), follow=True)
    assert "personne n’est interrogé" in text(answer)
    assert postman.mails == []


def test_publishing_asks_the_side_that_said_nothing_yet(
    officer: Client, postman: Postman, django_capture_on_commit_callbacks: Any
) -> None:
    row = ReplicationFactory(waiting=True)
    PartyFactory(replication=row, confirms=True)
    PartyFactory(replication=row, porteur=True, email=PORTEUR)
    sent = {"action": "publiee", "vu": editing.mark(Replication.objects.get())}
    with django_capture_on_commit_callbacks(execute=True):
        officer.post(at("review_decide", row.code), sent)
    assert postman.to(PORTEUR) == 1
    assert Client().get(postman.link(PORTEUR)).status_code == 200


def test_a_link_sent_to_a_former_address_answers_for_nobody(roles: SimpleNamespace) -> None:
    replication = ReplicationFactory()
    author = roles.essaimage_officer
    party = sides.tell_side(
        replication, Side.PORTEUR, organisation="Mairie", email="un@example.org", author=author
    )
    token = links.make(Purpose.VERDICT, party.pk)
    sides.tell_side(
        replication, Side.PORTEUR, organisation="Mairie", email="deux@example.org", author=author
    )
    with pytest.raises(DeadLink):
        links.read(token, Purpose.VERDICT)
