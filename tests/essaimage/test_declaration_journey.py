"""From the declaration to what the porteur says of it, by a real mail server and nothing else."""

import re
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from essaimage import editing, moderating, sifting, tellings
from essaimage.models import Publication, Replication, Telling
from essaimage.moderating import Choice
from tests.conftest import wait_for
from tests.essaimage.conftest import Postman
from tests.factories import InnovationFactory, OrganisationFactory, PartyFactory, UserFactory

pytestmark = pytest.mark.django_db
REPRENEUR = "direction@atelier.example.org"
PORTEUR = "contact@origine.example.org"


def text(response: Any) -> str:
    return response.content.decode()


def test_declared_confirmed_read_then_confirmed_by_the_porteur(
    client: Client, postman: Postman, django_capture_on_commit_callbacks: Any
) -> None:
    owner = OrganisationFactory(name="Association d’origine")
    innovation = InnovationFactory(
        published=True, slug="ressourcerie", title="Ressourcerie", organisation=owner
    )
    said = {
        "by": "repreneur",
        "repreneur_name": "Régie de quartier",
        "sector": "Le bâtiment",
        "state": "en-preparation",
        "email": REPRENEUR,
        "other_email": PORTEUR,
        "consent": "on",
    }
    client.post(reverse("essaimage:declare", args=[innovation.slug]), said)
    client.get(postman.link(REPRENEUR))
    client.post(postman.link(REPRENEUR))
    replication = Replication.objects.get()
    assert [to for to, _, _ in postman.mails] == [[REPRENEUR]]

    with django_capture_on_commit_callbacks(execute=True):
        moderating.decide(
            replication,
            Choice(Publication.PUBLISHED),
            author=UserFactory(),
            seen=editing.mark(replication),
        )
    assert [to for to, *_ in postman.mails[1:]] == [[REPRENEUR], [PORTEUR]]
    assert "La reprise déclarée est publiée" in postman.mails[1]
    [to, subject, body] = postman.mails[-1]
    assert to == [PORTEUR]
    assert subject == "Confirmez ou contestez une reprise"
    assert "par Régie de quartier (Le bâtiment)" in body
    assert REPRENEUR not in body
    where = replication.get_absolute_url()
    assert "la structure porteuse ne s’est pas prononcée" in text(client.get(where))
    answer = client.post(postman.link(PORTEUR), {"verdict": "confirmee"})
    assert "confirmée par la structure porteuse le" in text(client.get(where))

    # What follows on the screen, without another mail.
    follow = answer.context["follow_url"]
    sent = {
        "geste": "etat",
        "etat-to": "en-cours",
        "etat-seen": "en-preparation",
        "etat-date": "2026-03",
        "etat-reason": "Le chantier est ouvert.",
    }
    assert client.post(follow, sent).status_code == 302
    page = text(client.get(where))
    assert "par Association d’origine" in page
    assert "Le chantier est ouvert." not in page, "its reason is read before it shows"
    (telling,) = Telling.objects.waiting()
    sifting.accept(telling, UserFactory(), seen=tellings.mark(telling))
    assert "Le chantier est ouvert." in text(client.get(where))
    assert len(postman.mails) == 3


def test_the_mails_say_what_they_are_for_and_name_no_one(client: Client, postman: Postman) -> None:
    innovation = InnovationFactory(published=True, title="L’atelier & Cie <b>")
    said = {
        "by": "porteur",
        "repreneur_name": "Régie & fils",
        "service": "Les parcs",
        "state": "envisagee",
        "email": PORTEUR,
        "consent": "on",
    }
    client.post(reverse("essaimage:declare", args=[innovation.slug]), said)
    [(_, subject, body)] = postman.mails
    assert subject == "Confirmez la reprise que vous déclarez"
    assert "L’atelier & Cie <b>" in body
    assert "&amp;" not in body


@pytest.mark.django_db(transaction=True)
def test_the_real_worker_mails_the_link_that_was_asked_for(
    client: Client, worker: object, worker_mailbox: Path
) -> None:
    party = PartyFactory(verdict="confirmee")
    already = set(worker_mailbox.iterdir())
    where = reverse("essaimage:follow_ask", args=[party.replication.code])
    assert client.post(where, {"email": party.email}).status_code == 302

    def received() -> str:
        new = set(worker_mailbox.iterdir()) - already
        return "".join(message_of(path) for path in new)

    wait_for(lambda: "/essaimage/suivi/" in received(), 30)
    found = re.search(r"(/essaimage/suivi/\S+)", received())
    assert found
    assert client.get(found[1]).status_code == 200
    assert party.email in received()


def message_of(path: Path) -> str:
    """The recipient and the text of a mail written to a file."""
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    return f"{message['To']}\n{message.get_content()}"
