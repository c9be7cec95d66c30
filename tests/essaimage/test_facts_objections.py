"""The right to object reaches what is told of results, and what is noted of a replication."""

from types import SimpleNamespace

import pytest

from essaimage.models import Facts, Following
from partners import objections
from partners.models import Objection, ObjectionState
from tests.factories import FactsFactory, FollowingFactory, ReplicationFactory

pytestmark = pytest.mark.django_db
PERSON = "Camille Exemplaire"
PHONE = "06 12 34 56 78"


def test_a_datum_leaves_the_facts_their_history_and_the_notes(roles: SimpleNamespace) -> None:
    replication = ReplicationFactory(state="en-cours", journal={"en-cours": "2020"})
    facts = FactsFactory(
        replication=replication,
        effect_text=f"{PERSON} tient l’atelier.",
        beyond=f"Appeler {PERSON}.",
        learnt=f"Demander à {PERSON}.",
        stopped_because=f"Départ de {PERSON}.",
        cost_text=f"Le salaire de {PERSON}.",
    )
    following = FollowingFactory(
        replication=replication, note=f"{PERSON} au {PHONE}", next_step=f"Appeler {PERSON}"
    )
    objection = Objection.objects.create(
        scope="donnee", datum=f"{PERSON}\n{PHONE}", state=ObjectionState.CONFIRMED
    )
    objections.apply(objection, roles.moderator)
    kept = [str(row) for row in Facts.objects.values()] + [str(Following.objects.values())]
    kept += [str(event) for event in facts.events.values()]
    assert not [row for row in kept if "Camille" in row or "12 34 56" in row]
    following.refresh_from_db()
    assert "Appeler" in following.next_step
    facts.refresh_from_db()
    assert "tient l’atelier" in facts.effect_text
