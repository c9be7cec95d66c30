"""Obstacles and experiments kept by staff: rights, states, decisions, two people at once."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from essaimage import keeping, moving
from essaimage.models import Experiment, Interpretation, Obstacle
from essaimage.models.obstacle import NEXT_OBSTACLE
from essaimage.moving import Author, CannotMove, Move
from tests.at_once import in_a_thread
from tests.factories import (
    ExperimentFactory,
    InnovationFactory,
    InterpretationFactory,
    ObstacleFactory,
    OrganisationFactory,
    ReplicationFactory,
    TerritoryFactory,
)

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
BY = Author("Équipe du Carrefour")


def at(name: str, *args: Any) -> str:
    return reverse(f"gestion_essaimage:{name}", args=args)


def text(response: Any) -> str:
    return str(response.content.decode())


@pytest.fixture
def officer(roles: SimpleNamespace) -> Client:
    client = Client()
    client.force_login(roles.essaimage_officer, BACKEND)
    return client


def sent(client: Client, where: str, **typed: Any) -> Any:
    """Posts the form of the page as it shows it, but for what is ``typed``."""
    form = client.get(where).context["form"]
    shown = {name: form[name].value() for name in form.fields}
    posted = {n: "" if v is None else v for n, v in shown.items()} | typed
    return client.post(where, posted)


def test_an_obstacle_is_added_with_its_journal(officer: Client) -> None:
    replication = ReplicationFactory()
    place = TerritoryFactory(name="Lormes", code="58145")
    answer = sent(
        officer, at("obstacle_add") + f"?innovation={replication.innovation.slug}",
        title="Pas d’agrément", description="Un agrément est demandé.", authority="Mairie",
        replication=replication.code, territory="Lormes (58)", told_by="equipe",
    )  # fmt: skip
    made = Obstacle.objects.get()
    assert answer.url == at("obstacle", made.pk)
    assert (made.innovation, made.replication, made.territory, made.publication) == (
        replication.innovation, replication, place, "publiee",
    )  # fmt: skip
    assert list(made.steps.values_list("state", "author")) == [("signale", "Équipe du Carrefour")]


def test_a_replication_of_another_project_is_refused(officer: Client) -> None:
    answer = sent(
        officer, at("obstacle_add"), innovation=InnovationFactory(published=True).slug,
        replication=ReplicationFactory().code, title="x", description="x", authority="Mairie",
        told_by="equipe",
    )  # fmt: skip
    assert "celle d’une autre innovation" in text(answer)
    assert not Obstacle.objects.exists()


def test_what_names_a_person_is_told_to_who_wrote_it(officer: Client) -> None:
    obstacle = ObstacleFactory()
    sent(officer, at("obstacle_edit", obstacle.pk), description="M. Martin refuse.")
    page = text(officer.get(at("obstacle", obstacle.pk)))
    assert "nom d’une personne" in page


def test_what_someone_else_wrote_meanwhile_is_told_then_written_over_knowingly(
    officer: Client,
) -> None:
    obstacle = ObstacleFactory()
    where = at("obstacle_edit", obstacle.pk)
    form = officer.get(where).context["form"]
    posted = {n: form[n].value() or "" for n in form.fields} | {"title": "Mon titre"}
    Obstacle.objects.filter(pk=obstacle.pk).update(title="Son titre")
    answer = officer.post(where, posted)
    assert answer.status_code == 409
    assert "Son titre" in text(answer)
    assert "Mon titre" in text(answer)
    obstacle.refresh_from_db()
    assert obstacle.title == "Son titre"
    officer.post(where, posted | {"vu": answer.context["form"]["vu"].value()})
    obstacle.refresh_from_db()
    assert obstacle.title == "Mon titre"


def test_it_is_lifted_with_how_and_journaled(officer: Client, roles: SimpleNamespace) -> None:
    obstacle = ObstacleFactory()
    where = at("obstacle_move", obstacle.pk)
    refused = officer.post(where, {"to": "leve", "vu": "signale"})
    assert "Dites comment il a été levé" in text(refused)
    officer.post(where, {"to": "leve", "vu": "signale", "date": "2025-05", "reason": "Accord.",
                         "resolution": "Par une dérogation."})  # fmt: skip
    obstacle.refresh_from_db()
    assert (obstacle.state, obstacle.resolution) == ("leve", "Par une dérogation.")
    step = obstacle.steps.get()
    assert (step.state, step.date, step.reason, step.author, step.user) == (
        "leve", "2025-05", "Accord.", "Équipe du Carrefour", roles.essaimage_officer,
    )  # fmt: skip
    stale = officer.post(where, {"to": "maintenu", "vu": "signale"})
    assert stale.status_code == 409
    assert "a changé d’état entre-temps" in text(stale)


def test_the_database_refuses_what_the_journal_does_not_know() -> None:
    for state, able in NEXT_OBSTACLE.items():
        for wanted in set(NEXT_OBSTACLE) - {state, *able}:
            made = ObstacleFactory(state=state, resolution="Par accord.")
            with pytest.raises(ProgrammingError), transaction.atomic():
                Obstacle.objects.filter(pk=made.pk).update(state=wanted)
            with pytest.raises(CannotMove):
                moving.move_obstacle(made, Move(wanted, state, "x", resolution="x"), BY)


@pytest.mark.django_db(transaction=True)
def test_of_two_moves_at_once_one_wins() -> None:
    obstacle = ObstacleFactory()
    refused: list[str] = []

    def other() -> None:
        try:
            moving.move_obstacle(obstacle, Move("maintenu", "signale", "Refus."), BY)
        except CannotMove as error:
            refused.append(error.message)

    with transaction.atomic():
        moving.move_obstacle(obstacle, Move("leve", "signale", "x", resolution="Par accord."), BY)
        thread = in_a_thread(other)
        assert refused == []
    thread.join(10)
    assert len(refused) == 1
    obstacle.refresh_from_db()
    assert obstacle.state == "leve"
    assert obstacle.steps.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_writings_at_once_the_second_is_told(roles: SimpleNamespace) -> None:
    obstacle = ObstacleFactory()
    seen = keeping.mark(obstacle)
    refused: list[Any] = []

    def write(title: str) -> None:
        try:
            keeping.write(
                obstacle, {"title": title}, seen=seen, author=roles.moderator, motive="Essai"
            )
        except keeping.ChangedMeanwhile as error:
            refused.append(error.beside)

    with transaction.atomic():
        write("Premier")
        thread = in_a_thread(lambda: write("Second"))
    thread.join(10)
    assert refused == [[("En une phrase", "Premier")]]


@pytest.mark.django_db(transaction=True)
def test_two_interpretations_at_once_are_both_found() -> None:
    obstacle = ObstacleFactory()
    with transaction.atomic():
        InterpretationFactory(obstacle=obstacle, text="Le chauffage suffit.")
        thread = in_a_thread(
            lambda: InterpretationFactory(obstacle=obstacle, text="La ventilation suffit.")
        )
    thread.join(10)
    with connection.cursor() as cursor:
        cursor.execute("SELECT words::text FROM essaimage_obstaclewords")
        (words,) = cursor.fetchone()
    assert "chauffag" in words
    assert "ventil" in words


def test_a_decision_is_of_what_was_read(roles: SimpleNamespace, client: Client) -> None:
    obstacle = ObstacleFactory(waiting=True)
    client.force_login(roles.moderator, BACKEND)
    seen = keeping.mark(obstacle)
    where = at("obstacle_decide", obstacle.pk)
    assert "Choisissez le motif" in text(client.post(where, {"action": "ecartee", "vu": seen}))
    Obstacle.objects.filter(pk=obstacle.pk).update(title="Autre titre")
    stale = client.post(where, {"action": "publiee", "vu": seen})
    assert stale.status_code == 409
    assert "entre-temps" in text(stale)
    fresh = stale.context["deciding"].seen
    client.post(where, {"action": "ecartee", "vu": fresh, "motive": "doublon"})
    obstacle.refresh_from_db()
    assert (obstacle.publication, obstacle.publication_reason) == ("ecartee", "Déjà inscrit")
    back = keeping.mark(obstacle)
    client.post(where, {"action": "a-relire", "vu": back})
    obstacle.refresh_from_db()
    assert obstacle.publication == "a-relire"


def test_an_interpretation_is_read_then_public(roles: SimpleNamespace, client: Client) -> None:
    told = InterpretationFactory(publication="a-relire")
    client.force_login(roles.moderator, BACKEND)
    assert told.authority in text(client.get(at("obstacles_review")))
    where = at("interpretation_review", told.pk)
    seen = client.get(where).context["deciding"].seen
    client.post(where, {"action": "publiee", "vu": seen})
    assert told.text in text(client.get(told.obstacle.get_absolute_url()))


def test_interpretations_are_added_and_changed(officer: Client) -> None:
    obstacle = ObstacleFactory()
    sent(officer, at("interpretation_add", obstacle.pk), authority="Préfecture voisine",
         allows="oui", text="Rien ne s’y oppose.", told_by="equipe")  # fmt: skip
    told = Interpretation.objects.get()
    assert (told.allows, told.publication, told.obstacle) == (True, "publiee", obstacle)
    sent(officer, at("interpretation", told.pk), allows="non")
    told.refresh_from_db()
    assert told.allows is False


def test_an_experiment_is_written_whole(officer: Client, roles: SimpleNamespace) -> None:
    ally, obstacle = OrganisationFactory(), ObstacleFactory()
    place = TerritoryFactory(name="Lormes", code="58145")
    answer = sent(
        officer, at("experiment_add"), title="Ouvrir sans classement", object="Essayer.",
        ground="37-1", rules="Règle A\n\nRègle B\n", alliance=ally.name, territories="Lormes (58)",
        obstacles=str(obstacle.pk), starts_on="2025-01-01", ends_on="2027-01-01",
    )  # fmt: skip
    made = Experiment.objects.get()
    assert answer.url == at("experiment", made.pk)
    assert (made.rules, made.publication) == (["Règle A", "Règle B"], "a-relire")
    linked = (made.alliance.get(), made.territories.get(), made.obstacles.get())
    assert linked == (ally, place, obstacle)

    refused = sent(officer, at("experiment_edit", made.pk), outcome="abandon")
    assert "Une issue s’accompagne du bilan" in text(refused)
    refused = sent(officer, at("experiment_edit", made.pk), ends_on="2024-01-01")
    assert "Le terme vient après le début" in text(refused)
    unknown = sent(officer, at("experiment_edit", made.pk), obstacles="999999", alliance="Personne")
    assert "n’est le numéro d’aucun obstacle" in text(unknown)
    sent(officer, at("experiment_edit", made.pk), outcome="certaines", bilan="Cela marche.",
         closed_on="2026-11-01")  # fmt: skip
    made.refresh_from_db()
    assert (made.outcome, made.alliance.count()) == ("certaines", 1)

    seen = officer.get(at("experiment", made.pk)).context["deciding"].seen
    officer.post(at("experiment_decide", made.pk), {"action": "publiee", "vu": seen})
    assert "Cela marche." in text(Client().get(made.get_absolute_url()))


def test_what_nobody_confirmed_is_not_read_by_staff(officer: Client) -> None:
    obstacle = ObstacleFactory(publication="a-confirmer")
    told = InterpretationFactory(publication="a-confirmer")
    assert obstacle.title not in text(officer.get(at("obstacles")))
    assert officer.get(at("obstacle", obstacle.pk)).status_code == 404
    assert officer.get(at("interpretation", told.pk)).status_code == 404
    assert told.text not in text(officer.get(at("obstacle", told.obstacle.pk)))


def test_the_dashboard_tells_what_waits(officer: Client) -> None:
    from django.utils import timezone

    ObstacleFactory(waiting=True)
    InterpretationFactory(publication="a-relire")
    ExperimentFactory(ends_on=timezone.localdate())
    page = text(officer.get(reverse("backoffice:home")))
    for label in ("obstacle à relire", "interprétation à relire", "expérimentation à échéance"):
        assert label in page


@pytest.mark.parametrize("name", ["obstacles", "obstacles_review", "experiments"])
def test_lists_ask_as_much_for_ten_as_for_one(officer: Client, name: str) -> None:
    def made() -> None:
        obstacle = ObstacleFactory(waiting=True)
        InterpretationFactory(obstacle=obstacle, publication="a-relire")
        ExperimentFactory().territories.add(TerritoryFactory())

    def asked() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert officer.get(at(name)).status_code == 200
        return len(caught)

    made()
    asked()
    few = asked()
    for _ in range(10):
        made()
    assert asked() == few


@pytest.mark.parametrize(
    "asked",
    ["etat=xx", "suite=zzz", "autorite=%00", "q=%25", "publication=a-relire", "autorite=Direction"],
)
def test_no_filter_breaks_the_lists(officer: Client, asked: str) -> None:
    ObstacleFactory()
    ExperimentFactory()
    for name in ("obstacles", "experiments", "obstacles_review"):
        assert officer.get(f"{at(name)}?{asked}").status_code == 200
