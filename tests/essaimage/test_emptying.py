"""What was set aside ninety days ago says nothing any more, in its history either."""

import datetime
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pghistory.models import Context

from essaimage import emptying, forgetting, moderated, moderating, moving, tellings, updating
from essaimage.backoffice.deciding import PLACES
from essaimage.models import Facts, Interpretation, Obstacle, Party, Publication, SetAside
from essaimage.moderating import CannotDecide, CannotUndo, Choice
from essaimage.moving import Author, Move
from innovations.models import BulkAction, BulkChange
from tests.backoffice.conftest import BACKEND
from tests.factories import (
    FactsFactory,
    InterpretationFactory,
    ObstacleFactory,
    PartyFactory,
    PublicActorFactory,
    ReplicationFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
SAID = "Motretiré"
ASIDE = Choice(Publication.SET_ASIDE, SetAside.PERSONAL)
PUBLISH = Choice(Publication.PUBLISHED)


def obstacle() -> Obstacle:
    row = ObstacleFactory(
        waiting=True, title=SAID, description=SAID, authority=SAID, legal_basis=SAID,
        resolution=SAID, state="leve",
    )  # fmt: skip
    row.steps.create(state="leve", reason=SAID, author=SAID)
    return row


def interpretation() -> Interpretation:
    return InterpretationFactory(publication="a-relire", authority=SAID, text=SAID, source=SAID)


def facts() -> Facts:
    return FactsFactory(
        publication="a-relire", effect_text=SAID, cost_text=SAID, beyond=SAID, learnt=SAID,
        stopped_because=SAID, told_name=SAID,
    )  # fmt: skip


def replication() -> Any:
    names = ("summary", "kept", "changed", "changed_by", "workshop", "results", "lessons",
             "repreneur_name", "sector", "service", "network")  # fmt: skip
    row = ReplicationFactory(waiting=True, territory=None, **dict.fromkeys(names, SAID))
    moving.open_journal(row, Author(SAID))
    party = PartyFactory(replication=row, organisation=SAID, confirms=True, note=SAID)
    PublicActorFactory(replication=row, name=SAID, detail=SAID)
    updating.move(updating.hand(party), Move("en-preparation", row.state, SAID))
    tellings.write(party, {"results": f"{SAID} encore"})
    row.refresh_from_db()
    return row


MADE = pytest.mark.parametrize("make", [obstacle, interpretation, facts, replication])


def decide(row: Any, choice: Choice) -> BulkAction:
    row.refresh_from_db()
    seen = moderated.of(row).mark(row)
    return moderating.decide(row, choice, author=UserFactory(), seen=seen)


def wait(days: int = emptying.ASIDE_DAYS + 1) -> None:
    """As if all that the history tells had happened so many days before."""
    before = timezone.now() - datetime.timedelta(days=days)
    for model in apps.get_app_config("essaimage").get_models():
        if hasattr(model, "pgh_tracked_model"):
            model._base_manager.update(pgh_created_at=before)


def where_it_is_said() -> list[str]:
    models = [*apps.get_app_config("essaimage").get_models(), BulkAction, BulkChange, Context]
    return [m.__name__ for m in models if SAID in str(list(m._base_manager.values()))]


@MADE
def test_what_is_set_aside_says_nothing_any_more_after_ninety_days(make: Any) -> None:
    row = make()
    assert type(row).__name__ in where_it_is_said()
    decide(row, ASIDE)
    wait()
    forgetting.forget()
    assert where_it_is_said() == []
    row.refresh_from_db()
    assert row.emptied_at is not None
    assert row.publication_reason == SetAside.PERSONAL.label
    told = [event.publication for event in row.events.order_by("pgh_id")]
    assert told[0] == "a-relire"
    assert told[-1] == "ecartee"
    assert emptying.empty() == 0


@MADE
def test_what_is_emptied_is_decided_no_more(make: Any, client: Client, roles: Any) -> None:
    row = make()
    done = decide(row, ASIDE)
    wait()
    forgetting.forget()
    with pytest.raises(CannotDecide):
        decide(row, PUBLISH)
    with pytest.raises(CannotUndo, match="effacé"):
        moderating.undo(done, author=UserFactory())
    row.refresh_from_db()
    assert row.publication == "ecartee"
    client.force_login(roles.administrator, BACKEND)
    page = client.get(PLACES[type(row)].page(row)).content.decode()
    assert "il n’y a plus rien à décider" in page
    assert "Annuler cette décision" not in page


@MADE
def test_what_is_set_aside_lately_or_published_again_keeps_its_texts(make: Any) -> None:
    kept, again = make(), make()
    slip = make()
    for row in (again, slip):
        decide(row, ASIDE)
    decide(again, PUBLISH)
    wait()
    decide(kept, ASIDE)
    moderating.undo(decide(slip, PUBLISH), author=UserFactory())
    forgetting.forget()
    for row in (kept, again, slip):
        row.refresh_from_db()
        assert row.emptied_at is None
        assert SAID in str(vars(row))


def test_the_site_of_a_harvest_set_aside_may_be_found_again() -> None:
    row = ReplicationFactory(waiting=True, origin="moisson", summary="Trouvé là.")
    decide(row, ASIDE)
    wait()
    assert emptying.empty() == 0


def test_what_is_written_meanwhile_keeps_neither_texts_nor_addresses_longer() -> None:
    row = ReplicationFactory(waiting=True, journal=True)
    PartyFactory(replication=row, confirms=True)
    decide(row, ASIDE)
    wait()
    row.refresh_from_db()
    row.summary = SAID
    row.save()
    forgetting.forget()
    assert where_it_is_said() == []
    assert Party.objects.get().email == ""


def test_the_rule_is_told_to_the_public(client: Client) -> None:
    page = client.get(reverse("site:privacy")).content.decode()
    assert page.count(f"effacé {emptying.ASIDE_DAYS} jours après") >= 1
    assert page.count(f"effacés {emptying.ASIDE_DAYS} jours après") >= 1
