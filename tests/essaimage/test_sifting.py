"""A decision on what a side wrote, taken back: the page says what it said before."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pghistory.models import Context

from essaimage import confirming, moving, sifting, tellings, updating
from essaimage.models import Party, Telling, Verdict
from essaimage.moving import Author, Move
from essaimage.tellings import CannotTell
from innovations import bulk
from innovations.models import BulkAction, BulkChange
from tests.backoffice.conftest import BACKEND
from tests.factories import PartyFactory, ReplicationFactory, UserFactory

pytestmark = pytest.mark.django_db
QUEUE = "/gestion/essaimage/textes/"
CITY = {"name": "Ville", "roles": ["utilisateur"], "actions": [], "detail": "Prête la salle."}
BEFORE = CITY | {"roles": ["financeur"], "detail": ""}
COUNTY = CITY | {"name": "Département"}


@pytest.fixture
def party() -> Party:
    replication = ReplicationFactory(results="Vingt objets.", kept="Réparer.")
    replication.public_actors.create(**BEFORE)
    made: Party = PartyFactory(replication=replication, confirms=True)
    return made


@pytest.fixture
def account(party: Party) -> Telling:
    said = {"results": "Cent objets.", tellings.ACTORS: [CITY, COUNTY]}
    made = tellings.write(party, said)
    assert made
    return made


def now(telling: Telling) -> Telling:
    return Telling.objects.get(pk=telling.pk)


def accept(telling: Telling) -> BulkAction:
    return sifting.accept(telling, UserFactory(), seen=tellings.mark(telling))


def shown(party: Party) -> tuple[str, str, list[dict[str, Any]]]:
    party.replication.refresh_from_db()
    actors = party.replication.public_actors.order_by("pk").values(*sifting.SAID)
    return party.replication.results, party.replication.kept, list(actors)


def test_what_an_accepted_text_replaced_comes_back(party: Party, account: Telling) -> None:
    done = accept(account)
    assert shown(party) == ("Cent objets.", "Réparer.", [CITY, COUNTY])
    sifting.undo(done, author=UserFactory())
    assert shown(party) == ("Vingt objets.", "Réparer.", [BEFORE])
    assert (now(account).state, now(account).decided_by) == ("a-relire", None)
    with pytest.raises(bulk.AlreadyUndone):
        sifting.undo(done, author=UserFactory())
    accept(now(account))
    assert shown(party)[0] == "Cent objets."


@pytest.mark.parametrize("what", ["text", "actor", "gone", "again"])
def test_what_changed_since_is_left_alone(party: Party, account: Telling, what: str) -> None:
    done = accept(account)
    if what == "text":
        type(party.replication).objects.filter(pk=party.replication_id).update(results="Mille.")
    if what == "actor":
        party.replication.public_actors.filter(name="Ville").update(detail="Prête deux salles.")
    if what == "gone":
        party.replication.public_actors.filter(name="Département").delete()
    if what == "again":
        tellings.write(party, {"kept": "Réparer, et apprendre."})
    before = shown(party)
    with pytest.raises(CannotTell, match="Rien n’a changé"):
        sifting.undo(done, author=UserFactory())
    assert shown(party) == before
    assert now(account).state == "retenu"
    assert BulkAction.objects.get().undone_at is None


def test_the_reason_of_a_state_and_of_a_contest_are_hidden_again() -> None:
    party = PartyFactory(confirms=True)
    moving.open_journal(party.replication, Author("Équipe du Carrefour"))
    token = updating.move(
        updating.hand(party), Move("en-preparation", party.replication.state, "La salle.")
    )
    reason = Telling.objects.get()
    done = accept(reason)
    step = party.replication.steps.latest("pk")
    assert step.reason == "La salle."
    sifting.undo(done, author=UserFactory())
    step.refresh_from_db()
    assert step.reason == ""

    confirming.answer(updating.think_again(token), Verdict.CONTESTED, "Ce n’est pas le nôtre.")
    contest = Telling.objects.accounts().get()
    done = accept(contest)
    party.refresh_from_db()
    assert party.public_note == "Ce n’est pas le nôtre."
    sifting.undo(done, author=UserFactory())
    party.refresh_from_db()
    assert party.public_note == ""


def test_the_journal_of_gestures_holds_no_text(party: Party, account: Telling) -> None:
    accept(account)
    other = tellings.write(party, {"kept": "Un mot à écarter."})
    assert other
    sifting.set_aside(other, UserFactory(), answer="Mot à taire.", seen=tellings.mark(other))
    for rows in (BulkAction, BulkChange, Context):
        said = str(list(rows.objects.values()))
        assert "Cent objets" not in said
        assert "à écarter" not in said
        assert "à taire" not in said
    assert BulkAction.objects.count() == 2


def test_it_is_undone_from_the_page_by_a_key(
    roles: SimpleNamespace, client: Client, party: Party, account: Telling
) -> None:
    client.force_login(roles.moderator, BACKEND)
    where = reverse("gestion_essaimage:telling_decide", args=[account.pk])
    page = client.post(where, {"action": "retenir", "vu": tellings.mark(account)}, follow=True)
    done = BulkAction.objects.get()
    undo = reverse("gestion_essaimage:telling_undo", args=[done.pk])
    said = page.content.decode()
    assert undo in said
    assert said.count('data-key="z"') == 1
    assert "Cette décision" not in client.get(QUEUE).content.decode()
    back = client.post(undo, follow=True).content.decode()
    assert "Décision annulée" in back
    assert shown(party)[0] == "Vingt objets."
    assert "déjà annulée" in client.post(undo, follow=True).content.decode()
    for wrong in ("x", "0", "99999999999999999999", "\x00"):
        assert client.get(QUEUE, {"fait": wrong}).status_code == 200


def test_of_what_another_decided_no_undoing_is_offered(
    roles: SimpleNamespace, client: Client, account: Telling
) -> None:
    done = accept(account)
    client.force_login(roles.moderator, BACKEND)
    assert 'data-key="z"' not in client.get(QUEUE, {"fait": done.pk}).content.decode()
