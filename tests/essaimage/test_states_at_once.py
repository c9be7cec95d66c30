"""Two people on two connections: one wins, the other is told; nothing is written twice."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from essaimage import adding, editing, keeping, moderating, moving, proposing
from essaimage.models import HarvestedSite, Publication, Replication, SetAside
from essaimage.moderating import ChangedMeanwhile, Choice
from essaimage.moving import Author, CannotMove, Move
from essaimage.proposing import CannotPropose
from innovations import bulk
from innovations.models import BulkAction
from tests.at_once import in_a_thread
from tests.factories import (
    FactsFactory,
    InnovationFactory,
    InterpretationFactory,
    LocationFactory,
    ObstacleFactory,
    ReplicationFactory,
    TerritoryFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)
BY = Author("Équipe")


def meanwhile(first: Callable[[], Any], second: Callable[[], Any]) -> list[Any]:
    """What the second makes of it, begun while the first is not committed yet."""
    said: list[Any] = []

    def try_it() -> None:
        try:
            said.append(second())
        except Exception as error:
            said.append(error)

    with transaction.atomic():
        first()
        other = in_a_thread(try_it)
        assert said == [], "The second waits for the first."
    other.join(10)
    return said


def test_of_two_moves_one_wins() -> None:
    row = ReplicationFactory(state="en-cours", journal=True)
    said = meanwhile(
        lambda: moving.move(row, Move("perennisee", "en-cours", "Un an après."), BY),
        lambda: moving.move(row, Move("abandonnee", "en-cours", "Plus de local."), BY),
    )
    assert isinstance(said[0], CannotMove)
    assert "« pérennisée »" in said[0].message
    assert Replication.objects.get().state == "perennisee"
    assert row.steps.count() == 4


def test_the_same_move_twice_is_made_once() -> None:
    row = ReplicationFactory(journal=True)
    asked = Move("en-preparation", "envisagee", "Un comité.")
    said = meanwhile(lambda: moving.move(row, asked, BY), lambda: moving.move(row, asked, BY))
    assert isinstance(said[0], CannotMove)
    assert row.steps.count() == 2


def test_a_step_taken_back_and_one_taken_do_not_both_win() -> None:
    row = ReplicationFactory(state="en-cours", journal=True)
    step = row.steps.order_by("pk").last()
    said = meanwhile(
        lambda: moving.annul(step, BY, reason="Erreur."),
        lambda: moving.move(row, Move("perennisee", "en-cours", "Un an après."), BY),
    )
    assert isinstance(said[0], CannotMove)
    assert "« en préparation »" in said[0].message
    assert Replication.objects.get().state == "en-preparation"


def test_a_step_that_is_no_longer_the_last_is_not_taken_back() -> None:
    row = ReplicationFactory(state="en-cours", journal=True)
    step = row.steps.order_by("pk").last()
    said = meanwhile(
        lambda: moving.move(row, Move("perennisee", "en-cours", "Un an après."), BY),
        lambda: moving.annul(step, BY, reason="Erreur."),
    )
    assert isinstance(said[0], CannotMove)
    assert Replication.objects.get().state == "perennisee"


def test_a_step_is_taken_back_once() -> None:
    row = ReplicationFactory(state="en-cours", journal=True)
    step = row.steps.order_by("pk").last()
    said = meanwhile(
        lambda: moving.annul(step, BY, reason="Erreur."),
        lambda: moving.annul(step, BY, reason="Erreur."),
    )
    assert isinstance(said[0], CannotMove)
    assert row.steps.filter(annulled_at=None).count() == 2


def test_of_two_decisions_one_wins() -> None:
    row, one, other = ReplicationFactory(waiting=True), UserFactory(), UserFactory()
    seen = editing.mark(row)
    aside = Choice(Publication.SET_ASIDE, SetAside.DUPLICATE)
    said = meanwhile(
        lambda: moderating.decide(row, Choice(Publication.PUBLISHED), author=one, seen=seen),
        lambda: moderating.decide(row, aside, author=other, seen=seen),
    )
    assert isinstance(said[0], ChangedMeanwhile)
    assert "« publiée »" in said[0].message
    assert Replication.objects.get().publication == "publiee"
    assert BulkAction.objects.get().author == one


@pytest.mark.parametrize("factory", [ObstacleFactory, InterpretationFactory, FactsFactory])
def test_a_decision_undone_and_another_taken_do_not_both_win(factory: Any) -> None:
    row, one, other = factory(publication="a-relire"), UserFactory(), UserFactory()
    done = moderating.decide(row, Choice(Publication.PUBLISHED), author=one, seen=keeping.mark(row))
    seen = keeping.mark(type(row).objects.get())
    aside = Choice(Publication.SET_ASIDE, SetAside.DUPLICATE)
    said = meanwhile(
        lambda: moderating.decide(row, aside, author=other, seen=seen),
        lambda: moderating.undo(done, author=one),
    )
    assert isinstance(said[0], moderating.CannotUndo)
    assert type(row).objects.get().publication == "ecartee"
    again = BulkAction.objects.order_by("-pk")[0]
    said = meanwhile(
        lambda: moderating.undo(again, author=other),
        lambda: moderating.decide(
            row, Choice(Publication.WAITING), author=one, seen=keeping.mark(type(row).objects.get())
        ),
    )
    assert isinstance(said[0], ChangedMeanwhile)
    assert type(row).objects.get().publication == "publiee"


def test_a_decision_is_undone_once() -> None:
    row, user = ObstacleFactory(publication="a-relire"), UserFactory()
    done = moderating.decide(
        row, Choice(Publication.PUBLISHED), author=user, seen=keeping.mark(row)
    )
    said = meanwhile(
        lambda: moderating.undo(done, author=user), lambda: moderating.undo(done, author=user)
    )
    assert isinstance(said[0], bulk.AlreadyUndone)


def test_what_is_decided_is_what_was_read() -> None:
    row, user = ReplicationFactory(waiting=True), UserFactory()
    seen = editing.mark(row)
    mine = {"summary": editing.digest("")}
    said = meanwhile(
        lambda: editing.write(row, {"summary": "Autre."}, mine, author=user, reason="Relu."),
        lambda: moderating.decide(row, Choice(Publication.PUBLISHED), author=user, seen=seen),
    )
    assert isinstance(said[0], ChangedMeanwhile)
    assert Replication.objects.get().publication == "a-relire"


def test_of_two_who_write_the_same_field_one_is_told() -> None:
    row, user = ReplicationFactory(), UserFactory()
    seen = {"summary": editing.digest("")}

    def write(**typed: str) -> Any:
        return editing.write(row, typed, seen, author=user, reason="Relu.")

    said = meanwhile(lambda: write(summary="Un."), lambda: write(summary="Deux."))
    assert isinstance(said[0], editing.ChangedMeanwhile)
    assert said[0].changes["summary"].value == "Un."
    assert Replication.objects.get().summary == "Un."


def test_two_fields_written_at_once_are_both_kept() -> None:
    row, user = ReplicationFactory(), UserFactory()
    seen = {name: editing.digest("") for name in ("summary", "lessons")}
    said = meanwhile(
        lambda: editing.write(row, {"summary": "Un."}, seen, author=user, reason="Relu."),
        lambda: editing.write(row, {"lessons": "Deux."}, seen, author=user, reason="Relu."),
    )
    assert said == [["lessons"]]
    now = Replication.objects.get()
    assert (now.summary, now.lessons) == ("Un.", "Deux.")


def test_two_replications_added_at_once_have_their_own_codes() -> None:
    innovation, place, user = InnovationFactory(published=True), TerritoryFactory(), UserFactory()
    told = adding.Told("envisagee", "Délibération.", {"territory": place})
    said = meanwhile(
        lambda: adding.add(innovation, told, author=user),
        lambda: adding.add(innovation, told, author=user),
    )
    assert said[0].code.endswith("-2")
    assert Replication.objects.count() == 2


def test_a_site_is_decided_once() -> None:
    innovation, user = InnovationFactory(published=True), UserFactory()
    places = [LocationFactory(innovation=innovation).territory_id for _ in range(2)]
    said = meanwhile(
        lambda: proposing.choose(innovation, {places[1]: "reprise"}, state="en-cours", author=user),
        lambda: proposing.choose(
            innovation, dict.fromkeys(places, "meme-projet"), state="", author=user
        ),
    )
    assert isinstance(said[0], CannotPropose)
    assert HarvestedSite.objects.exclude(choice="").get().choice == "reprise"
    assert Replication.objects.count() == 1
