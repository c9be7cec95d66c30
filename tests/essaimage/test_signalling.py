"""An obstacle told by anyone: confirmed by a mailed link, read by staff, then public."""

import datetime
import re
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from essaimage.models import Interpretation, Link, Obstacle, ObstacleStep
from essaimage.obstacles import signalling
from essaimage.tasks import purge_signals
from innovations.models import Innovation, Status
from tests.essaimage.real_mail import Mailbox, smtp
from tests.factories import InnovationFactory, ObstacleFactory, ReplicationFactory, TerritoryFactory

__all__ = ["smtp"]
pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
SAID = {
    "title": "Le local ne peut pas recevoir de public",
    "description": "Le service demande un classement que le lieu ne peut pas avoir.",
    "origin": "norme",
    "legal_basis": "Arrêté du 25 juin 1980",
    "stage": "demarrage",
    "authority": "Service urbanisme de la ville",
    "interpreter": "collectivite",
    "state": "signale",
    "told_by": "repreneur",
    "email": "repreneur@example.org",
}
READ = {
    "authority": "Préfecture voisine",
    "allows": "oui",
    "text": "Un lieu de moins de vingt personnes n’est pas concerné.",
    "source": "Un courrier",
    "told_by": "autorite",
    "email": "service@example.org",
}


def text(response: Any) -> str:
    return str(response.content.decode())


def where(innovation: Innovation, code: str = "") -> str:
    path = reverse("essaimage:obstacle_signal", args=[innovation.slug])
    return f"{path}?reprise={code}" if code else path


def link(said: str) -> str:
    found = re.search(r"http://testserver(/\S+)", said)
    assert found
    return found[1]


@pytest.fixture
def innovation() -> Innovation:
    made: Innovation = InnovationFactory(published=True, title="Ressourcerie")
    return made


def test_from_the_form_to_the_public_page(
    client: Client, innovation: Innovation, roles: SimpleNamespace, smtp: Mailbox
) -> None:
    replication = ReplicationFactory(innovation=innovation)
    answer = client.post(where(innovation, replication.code), SAID)
    assert answer.url == reverse("essaimage:obstacle_sent")
    assert smtp.people == ["repreneur@example.org"]
    obstacle = Obstacle.objects.get()
    assert (obstacle.publication, obstacle.replication) == ("a-confirmer", replication)
    confirm = link(smtp.text())
    # Reading the link confirms nothing: mail scanners open links.
    assert SAID["title"] in text(client.get(confirm))
    obstacle.refresh_from_db()
    assert obstacle.publication == "a-confirmer"

    done = client.post(confirm)
    assert "C’est enregistré" in text(done)
    assert "no-store" in done["Cache-Control"]
    assert done["Referrer-Policy"] == "same-origin"
    obstacle.refresh_from_db()
    assert obstacle.publication == "a-relire"
    assert client.get(confirm).status_code == 410
    assert "a déjà servi" in text(client.post(confirm))
    assert client.get(obstacle.get_absolute_url()).status_code == 404

    staff = Client()
    staff.force_login(roles.moderator, BACKEND)
    assert SAID["title"] in text(staff.get(reverse("gestion_essaimage:obstacles_review")))
    page = staff.get(reverse("gestion_essaimage:obstacle", args=[obstacle.pk]))
    seen = page.context["deciding"].seen
    staff.post(
        reverse("gestion_essaimage:obstacle_decide", args=[obstacle.pk]),
        {"action": "publiee", "vu": seen},
    )
    shown = text(client.get(obstacle.get_absolute_url()))
    assert SAID["title"] in shown
    assert "Un repreneur" in shown
    assert list(obstacle.steps.values_list("state", "author")) == [("signale", "Un repreneur")]


def test_the_address_is_kept_nowhere(client: Client, innovation: Innovation) -> None:
    client.post(where(innovation), SAID)
    client.post(link(str(mail.outbox[-1].body)))
    tables = ["Obstacle", "ObstacleEvent", "ObstacleStep", "Link"]
    for name in tables:
        rows = list(apps.get_model("essaimage", name).objects.values())
        assert rows
        assert "repreneur@example.org" not in str(rows)
    contexts = apps.get_model("pghistory", "Context").objects.values_list("metadata", flat=True)
    token = link(str(mail.outbox[-1].body)).rstrip("/").rpartition("/")[2]
    assert not any(token in str(one) for one in contexts)
    assert not Link.objects.filter(digest=token).exists()


def test_a_lifted_one_is_told_with_how_and_both_its_states(
    client: Client, innovation: Innovation
) -> None:
    lifted = SAID | {"state": "leve", "date": "2024-05", "relief": "assouplissement"}
    answer = client.post(where(innovation), lifted)
    assert "Dites comment il a été levé" in text(answer)
    how = "La commission a accepté un classement partiel."
    client.post(where(innovation), lifted | {"resolution": how})
    obstacle = Obstacle.objects.get()
    assert (obstacle.state, obstacle.resolution) == ("leve", how)
    assert list(ObstacleStep.objects.order_by("pk").values_list("state", "date")) == [
        ("signale", ""),
        ("leve", "2024-05"),
    ]


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("title", "", "obligatoire"),
        ("authority", "Mme Dupont, préfète", "jamais celui d’une personne"),
        ("description", "M. Martin, instructeur, refuse.", "jamais l’agent"),
        ("description", "Écrire à agent@ville.fr.", "une adresse électronique"),
        ("description", "Appeler le 06 12 34 56 78.", "un numéro de téléphone"),
        ("title", "Mme Durand refuse", "jamais l’agent"),
        ("legal_basis", "Demander à agent@ville.fr", "une adresse électronique"),
        ("state", "disparu", "Sélectionnez un choix valide"),
        ("lieu", "Nulle-Part-Les-Bains", "pas reconnu"),
        ("email", "pas une adresse", "adresse"),
        ("date", "hier", "n’est pas une date"),
        ("told_by", "equipe", "Sélectionnez un choix valide"),
        ("resolution", "Par accord.", "choisissez « Il a été levé »"),
        ("title", "x" * 300, "200"),
    ],
)
def test_what_cannot_stand_is_told_and_nothing_is_kept(
    client: Client, innovation: Innovation, field: str, value: str, told: str
) -> None:
    page = text(client.post(where(innovation), SAID | {field: value}))
    assert told in page.replace("&#x27;", "’")
    assert "Le signalement n’est pas parti" in page
    assert not Obstacle.objects.exists()
    assert not mail.outbox


def test_a_measure_is_not_taken_for_a_person(client: Client, innovation: Innovation) -> None:
    said = SAID | {"title": "Un couloir de 1 m de large ne suffit pas"}
    assert client.post(where(innovation), said).status_code == 302


def test_a_robot_is_thanked_and_forgotten(client: Client, innovation: Innovation) -> None:
    assert client.post(where(innovation), SAID | {"site": "http://spam"}).status_code == 302
    assert not Obstacle.objects.exists()


def test_one_visitor_may_not_tell_without_end(client: Client, innovation: Innovation) -> None:
    for n in range(5):
        client.post(where(innovation), SAID | {"email": f"a{n}@example.org"})
    page = text(client.post(where(innovation), SAID))
    assert "patienter une heure" in page
    assert Obstacle.objects.count() == 5


def test_nobody_is_written_to_without_end(client: Client, innovation: Innovation) -> None:
    for n in range(4):
        answer = client.post(where(innovation), SAID, REMOTE_ADDR=f"192.0.2.{n}")
    assert "Plusieurs courriels viennent de partir" in text(answer)
    assert (Obstacle.objects.count(), len(mail.outbox)) == (3, 3)


def test_when_mail_is_down_nothing_is_kept(
    client: Client, innovation: Innovation, smtp: Mailbox
) -> None:
    smtp.refuses = True
    assert "n’a pas pu partir" in text(client.post(where(innovation), SAID))
    assert not Obstacle.objects.exists()


def test_only_a_public_record_and_its_own_replications_can_be_blocked(client: Client) -> None:
    hidden = InnovationFactory(status=Status.IN_REVIEW)
    assert client.get(where(hidden)).status_code == 404
    public = InnovationFactory(published=True)
    merged = InnovationFactory(status=Status.MERGED, merged_into=public)
    assert "Signaler un obstacle" in text(client.get(where(merged)))
    assert client.get(where(public, "inconnue")).status_code == 404
    assert client.get(where(public, ReplicationFactory().code)).status_code == 404


def test_an_interpretation_goes_the_same_way(client: Client) -> None:
    place = TerritoryFactory(name="Lormes", code="58145")
    obstacle = ObstacleFactory()
    path = reverse("essaimage:obstacle_interpret", args=[obstacle.pk])
    assert client.post(path, READ | {"lieu": "Lormes (58)"}).status_code == 302
    told = Interpretation.objects.get()
    assert (told.publication, told.allows, told.territory) == ("a-confirmer", True, place)
    assert READ["text"] not in text(client.get(obstacle.get_absolute_url()))
    confirm = link(str(mail.outbox[-1].body))
    assert READ["text"] in text(client.get(confirm))
    client.post(confirm)
    told.refresh_from_db()
    assert told.publication == "a-relire"
    assert client.post(confirm).status_code == 410
    # A link opens one thing: not what another one does.
    token = confirm.rstrip("/").rpartition("/")[2]
    other = reverse("essaimage:obstacle_confirm", args=[token])
    assert client.get(other).status_code == 410
    assert client.post(path, READ | {"text": "M. Martin l’accepte."}).status_code == 200


def test_what_nobody_confirmed_is_forgotten_with_its_history(
    client: Client, innovation: Innovation
) -> None:
    client.post(where(innovation), SAID)
    kept = ObstacleFactory(waiting=True)
    path = reverse("essaimage:obstacle_interpret", args=[ObstacleFactory().pk])
    client.post(path, READ)
    assert purge_signals() == 0
    later = timezone.now() + datetime.timedelta(days=signalling.KEPT_DAYS + 1)
    with time_machine.travel(later, tick=False):
        dead = client.get(link(str(mail.outbox[0].body)))
        assert dead.status_code == 410
        assert "rien n’a été gardé" in text(dead)
        assert purge_signals() == 2
    events = apps.get_model("essaimage", "ObstacleEvent").objects
    assert not events.filter(title=SAID["title"]).exists()
    assert Obstacle.objects.filter(pk=kept.pk).exists()
    assert not Interpretation.objects.exists()
    assert not apps.get_model("essaimage", "InterpretationEvent").objects.exists()
