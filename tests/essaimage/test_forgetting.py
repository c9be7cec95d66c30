"""What is forgotten goes whole, and what stands on something else does not stop the rest."""

import datetime
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.utils import timezone

from essaimage import confirming, forgetting, links, proposing, sifting, tellings
from essaimage.models import Party, Purpose, Replication, Telling, Verdict
from tests.factories import (
    LocationFactory,
    ObstacleFactory,
    PartyFactory,
    ReplicationFactory,
    TerritoryFactory,
)

pytestmark = pytest.mark.django_db
NAMED = "Camille Exemplaire s’y oppose."


def event_rows() -> str:
    names = ("TellingEvent", "PartyEvent")
    return str([list(apps.get_model("essaimage", name).objects.values()) for name in names])


def test_a_text_set_aside_leaves_with_its_history(roles: SimpleNamespace) -> None:
    party = PartyFactory(confirms=True)
    waiting = tellings.write(party, {"results": NAMED})
    assert waiting
    sifting.set_aside(waiting, roles.moderator, answer="Un nom.", seen=tellings.mark(waiting))
    assert NAMED in event_rows()
    Telling.objects.update(decided_at=timezone.now() - datetime.timedelta(days=91))
    forgetting.forget()
    assert not Telling.objects.exists()
    assert NAMED not in event_rows()


def test_the_reason_of_a_contest_set_aside_leaves_its_side(roles: SimpleNamespace) -> None:
    party = PartyFactory(email_confirmed_at=None)
    confirming.answer(links.make(Purpose.VERDICT, party.pk), Verdict.CONTESTED, NAMED)
    waiting = Telling.objects.get()
    sifting.set_aside(waiting, roles.moderator, answer="Un nom.", seen=tellings.mark(waiting))
    Telling.objects.update(decided_at=timezone.now() - datetime.timedelta(days=91))
    forgetting.forget()
    told = Party.objects.get()
    assert (told.verdict, told.note) == (Verdict.CONTESTED, "")
    assert NAMED not in event_rows()


def old(**said: object) -> Replication:
    row = ReplicationFactory(publication="a-confirmer", origin="repreneur", **said)
    Replication.objects.filter(pk=row.pk).update(
        created_at=timezone.now() - datetime.timedelta(days=31)
    )
    return row


def test_what_rests_on_a_declaration_does_not_stop_forgetting_the_others() -> None:
    held, alone = old(), old()
    ObstacleFactory(replication=held)
    forgetting.forget()
    assert list(Replication.objects.values_list("pk", flat=True)) == [held.pk]
    assert alone.pk != held.pk


def test_a_declaration_that_nobody_confirmed_is_not_a_site_s_replication() -> None:
    row = old()
    place = TerritoryFactory()
    for territory in (row.territory, place):
        LocationFactory(innovation=row.innovation, territory=territory)
    assert [site.known for site in proposing.undecided(row.innovation)] == [None, None]
