"""Experiments: where they stand, their pages, and their ends told in time, once each."""

import datetime
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from essaimage.experiments import alerting
from essaimage.experiments.timeline import timeline, told
from essaimage.models import Experiment, ExperimentAlert
from essaimage.tasks import mail_experiment_ends
from innovations.models import Status
from tests.at_once import in_a_thread
from tests.backoffice.conftest import BACKEND
from tests.essaimage.real_mail import Mailbox, smtp
from tests.factories import (
    ExperimentFactory,
    InnovationFactory,
    ObstacleFactory,
    TerritoryFactory,
    UserFactory,
)

__all__ = ["smtp"]
pytestmark = pytest.mark.django_db
START, END = datetime.date(2025, 1, 1), datetime.date(2027, 1, 1)
LIST = "/essaimage/experimentations/"


def at(day: datetime.date) -> Any:
    noon = datetime.datetime(day.year, day.month, day.day, 12, tzinfo=datetime.UTC)
    return time_machine.travel(noon, tick=False)


def before_end(days: int) -> datetime.date:
    return END - datetime.timedelta(days=days)


def text(response: Any) -> str:
    return str(response.content.decode())


@pytest.fixture
def experiment() -> Experiment:
    made: Experiment = ExperimentFactory(starts_on=START, ends_on=END)
    return made


@pytest.mark.parametrize(
    ("day", "state", "sentence"),
    [
        (datetime.date(2024, 6, 1), "preparee", "Commence le 1 janvier 2025."),
        (START, "en-cours", "Il reste 730 jours."),
        (END, "en-cours", "Il reste 0 jour."),
        (datetime.date(2027, 1, 2), "a-evaluer", "Terme dépassé de 1 jour"),
    ],
)
def test_its_state_follows_the_days(
    experiment: Experiment, day: datetime.date, state: str, sentence: str
) -> None:
    with at(day):
        assert experiment.state == state
        assert sentence in told(experiment)
        assert list(Experiment.objects.in_state(state)) == [experiment]
        line = timeline(experiment)
        assert line
        assert 0 <= line.left <= line.done <= line.right <= line.width
        assert 0 <= line.today <= line.width
        assert told(experiment) in line.text


def test_the_four_outcomes_close_it_with_its_bilan(experiment: Experiment) -> None:
    for outcome in ("prolongation", "generalisation", "certaines", "abandon"):
        experiment.outcome, experiment.bilan = outcome, "Les habitants sont venus."
        experiment.closed_on = datetime.date(2026, 12, 1)
        experiment.save()
        assert experiment.state == "close"
        assert list(Experiment.objects.in_state("close")) == [experiment]
    experiment.bilan = ""
    with pytest.raises(IntegrityError):
        experiment.save()


def test_without_dates_nothing_is_drawn_nor_guessed(client: Client) -> None:
    experiment = ExperimentFactory()
    assert timeline(experiment) is None
    page = text(client.get(experiment.get_absolute_url()))
    assert "<title id=" not in page
    assert "Non renseigné" in page


def test_an_end_without_a_start_is_read_before_it_is_published(
    client: Client, roles: SimpleNamespace
) -> None:
    row = ExperimentFactory(publication="a-relire", ends_on=datetime.date(2031, 5, 17))
    client.force_login(roles.essaimage_officer, BACKEND)
    page = text(client.get(reverse("gestion_essaimage:experiment", args=[row.pk])))
    assert "<dt>Début</dt><dd>Non renseigné</dd>" in page
    assert "<dt>Terme</dt><dd>17 mai 2031</dd>" in page
    assert "Le début n’est pas renseigné. Le terme est le 17 mai 2031." in page


def test_pages_tell_it_whole(client: Client, experiment: Experiment) -> None:
    place = TerritoryFactory(name="Lormes")
    experiment.territories.add(place)
    obstacle = ObstacleFactory()
    experiment.obstacles.add(obstacle, ObstacleFactory(waiting=True, title="Caché"))
    for path in (LIST, experiment.get_absolute_url()):
        page = text(client.get(path))
        assert experiment.title in page
        assert 'role="img"' in page
        assert "Lormes" in page
    assert obstacle.title in page
    assert "Caché" not in page
    assert "Règle d’accueil du public" in page


def test_only_what_is_public_is_shown(client: Client) -> None:
    hidden = [
        ExperimentFactory(publication="a-relire"),
        ExperimentFactory(innovation=InnovationFactory(status=Status.IN_REVIEW)),
    ]
    assert not client.get(LIST).context["page"].rows
    for experiment in hidden:
        assert client.get(experiment.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("asked", ["etat=inconnu", "etat=%00", "page=zzz", "etat=close"])
def test_no_address_breaks_the_list(client: Client, experiment: Experiment, asked: str) -> None:
    assert client.get(f"{LIST}?{asked}").status_code == 200


def test_an_unknown_state_is_told(client: Client, experiment: Experiment) -> None:
    page = text(client.get(f"{LIST}?etat=inconnu"))
    assert "« inconnu » n’existe pas" in page
    assert experiment.title in page


def test_the_list_asks_as_much_for_ten_as_for_one(client: Client) -> None:
    def made() -> None:
        ExperimentFactory(starts_on=START, ends_on=END).territories.add(TerritoryFactory())

    def asked() -> int:
        with CaptureQueriesContext(connection) as caught:
            client.get(LIST)
        return len(caught)

    made()
    asked()
    few = asked()
    for _ in range(10):
        made()
    assert asked() == few


def test_each_end_is_told_once_to_who_keeps_experiments(
    experiment: Experiment, roles: SimpleNamespace, smtp: Mailbox
) -> None:
    UserFactory(essaimage_officer=True, is_active=False, email="parti@example.org")
    readers = {roles.administrator.email, roles.essaimage_officer.email}
    for days, leaves in ((181, 0), (180, 1), (120, 0), (90, 1), (30, 1), (1, 0), (0, 0), (-1, 1)):
        count = len(smtp.received)
        with at(before_end(days)):
            assert mail_experiment_ends() == leaves
            assert mail_experiment_ends() == 0
        assert set(smtp.people[count:]) == (readers if leaves else set())
    assert "Terme dépassé de 1 jour" in smtp.text()
    assert experiment.title in smtp.text()
    assert f"/gestion/essaimage/experimentations/{experiment.pk}/" in smtp.text()
    assert set(ExperimentAlert.objects.values_list("days", flat=True)) == {180, 90, 30, 0}


def test_another_end_is_told_anew(experiment: Experiment, roles: SimpleNamespace) -> None:
    with at(before_end(80)):
        assert alerting.alert() == 1
        # Two stages passed at once are told by one mail.
        assert len(mail.outbox) == 2
        experiment.ends_on = END + datetime.timedelta(days=60)
        experiment.save()
        assert alerting.alert() == 1
        assert alerting.alert() == 0


def test_what_is_closed_or_set_aside_is_not_told(roles: SimpleNamespace) -> None:
    ExperimentFactory(ends_on=END, publication="ecartee")
    ExperimentFactory(ends_on=END, outcome="abandon", bilan="Arrêtée.", closed_on=START)
    ExperimentFactory()
    with at(END):
        assert alerting.alert() == 0


def test_without_readers_nothing_is_noted(experiment: Experiment) -> None:
    with at(END):
        assert alerting.alert() == 0
    assert not ExperimentAlert.objects.exists()


def test_when_mail_is_down_it_is_told_later(
    experiment: Experiment, roles: SimpleNamespace, smtp: Mailbox
) -> None:
    with at(before_end(30)):
        smtp.refuses = True
        with pytest.raises(OSError, match="451"):
            alerting.alert()
        assert not ExperimentAlert.objects.exists()
        smtp.refuses = False
        assert alerting.alert() == 1
    assert len(smtp.received) == 2


@pytest.mark.django_db(transaction=True)
def test_two_tasks_at_once_tell_it_once(experiment: Experiment, roles: SimpleNamespace) -> None:
    from django.db import transaction

    experiment.ends_on = datetime.date.today()
    experiment.save()
    found: list[int] = []
    with transaction.atomic():
        assert alerting.alert() == 1
        other = in_a_thread(lambda: found.append(alerting.alert()))
        assert found == []
    other.join(10)
    assert found == [0]
