"""« C’est mon projet »: a porteur is recognised, and completes its own record, that one only."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse

from carrefour.accounts.models import User
from innovations.models import FieldEdit, Innovation
from partners import claims, suggestions
from partners.consolidation.regrouping import merge
from partners.models import Claim, ClaimState, Objection, ObjectionState, Suggestion
from partners.objections import apply
from partners.publishing import publish_records
from partners.tasks import purge_contributions
from tests.factories import ClaimFactory, SourceRecordFactory, UserFactory

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
PASSWORD = "une-phrase-assez-longue-42"
ASKED = {
    "name": "Camille Exemple",
    "organisation": "Association du bourg",
    "role": "Direction",
    "email": "direction@bourg.example.org",
    "proof": "",
}


def told(title: str, website: str = "https://www.bourg.example.org/") -> Innovation:
    values = {"title": title, "summary": "Réparer ensemble.", "website": website}
    (innovation,) = publish_records([SourceRecordFactory(values=values)])
    return innovation


@pytest.fixture
def innovation(db: None) -> Innovation:
    return told("Ressourcerie")


@pytest.fixture
def staff(roles: SimpleNamespace) -> Client:
    client = Client()
    client.force_login(roles.moderator, BACKEND)
    return client


@pytest.fixture
def porteur(innovation: Innovation) -> User:
    """An account that holds the right over the record, and no other."""
    user = UserFactory(email="direction@bourg.example.org", display_name="Camille Exemple")
    ClaimFactory(innovation=innovation, user=user, email="")
    return user


def logged(user: User) -> Client:
    client = Client()
    client.force_login(user, BACKEND)
    return client


def ask(client: Client, innovation: Innovation, **changed: str) -> Any:
    return client.post(reverse("partners:claim", args=[innovation.slug]), ASKED | changed)


def link() -> str:
    found = re.search(r"http://testserver(/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def text(response: Any) -> str:
    return response.content.decode()


def mine(innovation: Innovation) -> str:
    return reverse("partners:my_project", args=[innovation.slug])


def test_from_the_record_to_its_completion(
    client: Client, staff: Client, innovation: Innovation
) -> None:
    assert ask(client, innovation).status_code == 302
    client.post(link())
    claim = Claim.objects.get()
    assert claim.state == ClaimState.WAITING
    assert "adresse du site du projet" in text(staff.get(reverse("backoffice:claims")))

    staff.post(reverse("backoffice:claim_decide", args=[claim.pk]), {"action": "accepter"})
    where = link()
    assert where.rstrip("/").rpartition("/")[2] not in str(Claim.objects.values())
    answer = client.post(
        where, {"display_name": "Camille Exemple", "password": PASSWORD, "again": PASSWORD}
    )
    assert answer.url == mine(innovation)
    user = User.objects.get(email="direction@bourg.example.org")
    assert (user.is_staff, list(user.groups.all())) == (False, [])
    claim.refresh_from_db()
    assert (claim.user, claim.email, claim.proof) == (user, "", "")
    assert client.get(where).status_code == 410

    sent = {"reproduction-lessons": "Commencer plus petit.", "economics-resources-dons-share": "20"}
    assert client.post(mine(innovation), sent).status_code == 302
    assert not FieldEdit.objects.exists()
    for suggestion in Suggestion.objects.all():
        staff.post(reverse("backoffice:suggestion_accept", args=[suggestion.pk]))
    page = text(client.get(innovation.get_absolute_url()))
    assert "Commencer plus petit." in page
    assert "Dons et mécénat : 20 %" in page
    assert "complété par le porteur de projet Association du bourg." in page


def test_another_address_needs_something_that_shows_it(
    client: Client, innovation: Innovation
) -> None:
    page = text(ask(client, innovation, email="camille@messagerie.example"))
    assert "dites ce qui montre que vous" in page
    assert not Claim.objects.exists()
    ask(client, innovation, email="camille@messagerie.example", proof="L’article du journal.")
    assert Claim.objects.get().proof == "L’article du journal."


def test_a_robot_is_thanked_and_forgotten(client: Client, innovation: Innovation) -> None:
    assert ask(client, innovation, site="https://spam.invalid").status_code == 302
    assert not Claim.objects.exists()


def test_a_porteur_completes_its_own_record_and_no_other(
    porteur: User, innovation: Innovation
) -> None:
    client = logged(porteur)
    other = told("Autre projet")
    assert client.get(mine(innovation)).status_code == 200
    assert client.get(mine(other)).status_code == 404
    assert client.post(mine(other), {"reproduction-need": "Intrus"}).status_code == 404
    assert not Suggestion.objects.exists()
    page = text(client.get(reverse("partners:my_projects")))
    assert "Ressourcerie" in page
    assert "Autre projet" not in page
    # Its own pages, not the team's, are what the header leads to.
    assert "Espace de gestion" not in page


def test_only_what_lets_others_reproduce_is_theirs_to_complete(
    porteur: User, innovation: Innovation
) -> None:
    logged(porteur).post(mine(innovation), {"title": "Titre changé", "reproduction-need": "Un"})
    assert list(Suggestion.objects.values_list("field", flat=True)) == ["reproduction.need"]


def test_nothing_of_the_back_office_is_open_to_a_porteur(
    porteur: User, innovation: Innovation
) -> None:
    client = logged(porteur)
    assert client.get(reverse("backoffice:home")).url == reverse("partners:my_projects")
    for name in ("partners", "suggestions", "claims", "proposals", "review"):
        assert client.get(reverse(f"backoffice:{name}")).status_code == 403
    assert client.get(reverse("backoffice:enrich", args=[innovation.pk])).status_code == 403


def test_what_waits_is_brought_up_to_date(porteur: User, innovation: Innovation) -> None:
    client = logged(porteur)
    client.post(mine(innovation), {"reproduction-need": "Un premier jet"})
    client.post(mine(innovation), {"reproduction-need": "Un texte relu"})
    assert Suggestion.objects.get().value == "Un texte relu"
    assert "Relecture en cours" in text(client.get(mine(innovation)))
    assert "Un texte relu" in text(client.get(mine(innovation)))


def test_the_porteur_reads_the_answer(
    porteur: User, innovation: Innovation, django_capture_on_commit_callbacks: Any
) -> None:
    client = logged(porteur)
    client.post(mine(innovation), {"reproduction-need": "Un premier jet"})
    with django_capture_on_commit_callbacks(execute=True):
        suggestions.refuse(Suggestion.objects.get(), None, "Trop court.")
    assert mail.outbox[-1].to == [porteur.email]
    assert "Trop court." in text(client.get(reverse("partners:my_projects")))


def test_a_right_taken_back_opens_nothing(
    porteur: User, innovation: Innovation, staff: Client
) -> None:
    claim = Claim.objects.get()
    staff.post(reverse("backoffice:claim_decide", args=[claim.pk]), {"action": "retirer"})
    assert logged(porteur).get(mine(innovation)).status_code == 404


def test_a_right_follows_a_merged_record(porteur: User, innovation: Innovation) -> None:
    target = told("Ressourcerie du bourg")
    merge(innovation, target)
    client = logged(porteur)
    assert client.get(mine(target)).status_code == 200
    assert client.get(mine(innovation)).status_code == 200


def test_an_invitation_is_one_persons(innovation: Innovation, client: Client) -> None:
    UserFactory(email="porteur@example.org")
    claims.accept(ClaimFactory(innovation=innovation), None)
    where = link()
    assert "connectez-vous" in text(client.get(where))
    intruder = logged(UserFactory(email="autre@example.org"))
    intruder.post(where)
    assert Claim.objects.get().user is None
    logged(User.objects.get(email="porteur@example.org")).post(where)
    assert Claim.objects.get().user is not None


def test_a_refusal_is_answered_and_the_address_forgotten(
    staff: Client, innovation: Innovation, django_capture_on_commit_callbacks: Any
) -> None:
    claim = ClaimFactory(innovation=innovation, proof="Ma carte")
    where = reverse("backoffice:claim_decide", args=[claim.pk])
    staff.post(where, {"action": "refuser"})
    claim.refresh_from_db()
    assert claim.state == ClaimState.WAITING
    with django_capture_on_commit_callbacks(execute=True):
        staff.post(where, {"action": "refuser", "answer": "Rien ne le montre."})
    claim.refresh_from_db()
    assert (claim.state, claim.email, claim.proof) == ("refusee", "", "")
    assert "Rien ne le montre." in mail.outbox[-1].body


def test_what_no_longer_serves_is_forgotten(innovation: Innovation, porteur: User) -> None:
    with time_machine.travel("2026-01-01 12:00Z"):
        ClaimFactory(innovation=innovation, state="recue")
        claims.accept(ClaimFactory(innovation=innovation), None)
        claims.refuse(ClaimFactory(innovation=innovation), None, "Non.")
    with time_machine.travel("2026-06-01 12:00Z"):
        purge_contributions()
    assert Claim.objects.get().user == porteur


def test_the_right_to_object_reaches_claims(innovation: Innovation, porteur: User) -> None:
    claim = ClaimFactory(innovation=innovation, name="Camille Exemple", proof="Camille Exemple")
    apply(
        Objection.objects.create(state=ObjectionState.CONFIRMED, scope="donnee",
                                 datum="Camille Exemple"),
        None,
    )  # fmt: skip
    claim.refresh_from_db()
    assert "Camille" not in claim.name + claim.proof
    apply(
        Objection.objects.create(state=ObjectionState.CONFIRMED, scope="fiche",
                                 innovation=innovation),
        None,
    )  # fmt: skip
    assert not Claim.objects.exists()
    assert User.objects.filter(pk=porteur.pk).exists()


def test_the_queue_costs_as_much_whatever_its_length(
    staff: Client, innovation: Innovation, django_assert_max_num_queries: Any
) -> None:
    for total in (8, 16):
        for _ in range(8):
            ClaimFactory(innovation=innovation)
        with django_assert_max_num_queries(10):
            page = staff.get(reverse("backoffice:claims"))
        assert text(page).count("bo-suggestion") == total


@pytest.mark.parametrize(
    ("email", "website", "is_theirs"),
    [
        ("contact@projet.example", "https://www.projet.example/", True),
        ("quelquun@free.fr", "http://projet.free.fr/", False),
        ("quelquun@orange.fr", "https://perso.orange.fr/projet", False),
    ],
)
def test_an_address_at_a_public_provider_proves_nothing(
    email: str, website: str, *, is_theirs: bool
) -> None:
    assert claims.is_of_project(email, Innovation(website=website)) is is_theirs
