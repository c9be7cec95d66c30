"""What a side wrote, decided by two people at once, or written anew meanwhile: one wins."""

import pytest

from essaimage import moving, sifting, tellings, updating
from essaimage.models import Party, Telling
from essaimage.moving import Author, Move
from essaimage.tellings import CannotTell
from innovations import bulk
from innovations.models import BulkAction
from tests.essaimage.test_states_at_once import meanwhile
from tests.factories import PartyFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
BY = Author("Équipe du Carrefour")


@pytest.fixture
def party() -> Party:
    made: Party = PartyFactory(confirms=True)
    moving.open_journal(made.replication, BY)
    updating.move(updating.hand(made), Move("en-preparation", made.replication.state, "La salle."))
    return made


def test_of_two_decisions_one_wins(party: Party) -> None:
    telling, one, other = Telling.objects.get(), UserFactory(), UserFactory()
    seen = tellings.mark(telling)
    said = meanwhile(
        lambda: sifting.accept(telling, one, seen=seen),
        lambda: sifting.set_aside(telling, other, answer="Trop court.", seen=seen),
    )
    assert isinstance(said[0], CannotTell)
    assert Telling.objects.get().state == "retenu"
    assert BulkAction.objects.get().author == one


def test_what_the_side_writes_meanwhile_is_not_decided_unread(party: Party) -> None:
    telling, token = Telling.objects.get(), updating.hand(party)
    seen = tellings.mark(telling)
    said = meanwhile(
        lambda: updating.explain(token, telling.step_id or 0, "Le bail."),
        lambda: sifting.accept(telling, UserFactory(), seen=seen),
    )
    assert isinstance(said[0], CannotTell)
    assert Telling.objects.get().state == "a-relire"
    assert party.replication.steps.latest("pk").reason == ""


def test_the_reason_of_a_step_annulled_meanwhile_is_not_shown(party: Party) -> None:
    telling = Telling.objects.get()
    assert telling.step
    step, seen = telling.step, tellings.mark(telling)
    said = meanwhile(
        lambda: moving.annul(step, BY, reason="Erreur."),
        lambda: sifting.accept(telling, UserFactory(), seen=seen),
    )
    assert isinstance(said[0], CannotTell)
    step.refresh_from_db()
    assert step.reason == ""


def test_a_decision_is_undone_once(party: Party) -> None:
    telling, user = Telling.objects.get(), UserFactory()
    done = sifting.accept(telling, user, seen=tellings.mark(telling))
    said = meanwhile(
        lambda: sifting.undo(done, author=user), lambda: sifting.undo(done, author=user)
    )
    assert isinstance(said[0], bulk.AlreadyUndone)
    assert Telling.objects.get().state == "a-relire"
