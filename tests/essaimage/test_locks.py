"""What a side does by links and what staff do meanwhile wait for each other in one order: no
deadlock, whoever comes first."""

from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest

from essaimage import chasing, confirming, holding, links, sides, sifting, tellings, updating
from essaimage.models import Link, Party, Purpose, Replication, Side, Verdict
from essaimage.moving import Move
from essaimage.standing import Ask
from partners import erasure
from tests.at_once import in_a_thread
from tests.essaimage.conftest import Postman
from tests.factories import PartyFactory, ReplicationFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


class Meanwhile:
    """Once, as soon as ``name`` of ``module`` did what it does, another connection does ``act``."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, module: Any, name: str, act: Callable[[], Any]
    ) -> None:
        self.raised: list[Exception] = []
        self.threads: list[Thread] = []
        real = getattr(module, name)

        def other() -> None:
            try:
                act()
            except Exception as error:
                self.raised.append(error)

        def paused(*args: Any, **kwargs: Any) -> Any:
            done = real(*args, **kwargs)
            if not self.threads:
                self.threads.append(in_a_thread(other))
            return done

        monkeypatch.setattr(module, name, paused)

    def end(self) -> list[Exception]:
        assert self.threads
        self.threads[0].join(10)
        return self.raised


@pytest.fixture
def party() -> Party:
    row = ReplicationFactory(journal=True)
    return PartyFactory(replication=row, confirms=True, organisation="Association du bourg")


def moves(party: Party) -> None:
    asked = Move("en-preparation", "envisagee", "Un comité.")
    updating.move(links.make(Purpose.FOLLOW, party.pk), asked)


def test_staff_write_a_side_while_it_moves_its_replication(
    party: Party, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff = UserFactory()
    meanwhile = Meanwhile(
        monkeypatch,
        updating,
        "_used",
        lambda: sides.tell_side(
            party.replication, Side.REPRENEUR, organisation="Autre nom", email="", author=staff
        ),
    )
    moves(party)
    assert meanwhile.end() == []
    assert Replication.objects.get().state == "en-preparation"
    assert Party.objects.get().organisation == "Autre nom"


def test_staff_ask_for_news_while_the_side_moves_its_replication(
    party: Party, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff = UserFactory()
    # Long without news: « nouvelles » is what is to be asked, until the side moves.
    Replication.objects.get().steps.update(date="2015")
    Party.objects.update(answered_at="2015-01-01T00:00Z")
    meanwhile = Meanwhile(
        monkeypatch,
        updating,
        "_used",
        lambda: chasing.send(party.replication.code, Ask.NEWS, staff),
    )
    moves(party)
    raised = meanwhile.end()
    assert [type(error) for error in raised] == [chasing.CannotChase]
    assert Replication.objects.get().state == "en-preparation"


def test_staff_ask_a_side_again_while_it_answers(
    party: Party, monkeypatch: pytest.MonkeyPatch, postman: Postman
) -> None:
    token = links.make(Purpose.VERDICT, party.pk)
    meanwhile = Meanwhile(monkeypatch, links, "use", lambda: confirming.ask(party))
    confirming.answer(token, Verdict.CONTESTED, "Ce n’est pas notre projet.")
    assert meanwhile.end() == []
    assert Party.objects.get().verdict == Verdict.CONTESTED
    assert Link.objects.filter(used_at=None).count() == 1


def test_a_link_sent_to_a_former_address_no_longer_confirms_a_declaration() -> None:
    row = ReplicationFactory(publication="a-confirmer", origin="repreneur", journal=True)
    declarer = PartyFactory(replication=row, email_confirmed_at=None)
    links.make(Purpose.DECLARE, declarer.pk)
    sides.tell_side(
        row,
        Side.REPRENEUR,
        organisation="Association du bourg",
        email="autre@example.org",
        author=UserFactory(),
    )
    assert not Link.objects.filter(used_at=None).exists()


def test_a_record_leaves_while_staff_read_what_a_side_wrote(
    party: Party, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = tellings.write(party, {"results": "Cent repas par semaine."})
    assert waiting
    seen, staff = tellings.mark(waiting), UserFactory()
    meanwhile = Meanwhile(
        monkeypatch,
        holding,
        "sides",
        lambda: erasure.erase(erasure.target_of(party.replication.innovation)),
    )
    sifting.accept(waiting, staff, seen=seen)
    assert meanwhile.end() == []
    assert not Replication.objects.exists()


def test_a_record_leaves_while_a_side_writes(party: Party, monkeypatch: pytest.MonkeyPatch) -> None:
    tellings.write(party, {"results": "Dix objets."})
    token = updating.hand(party)
    meanwhile = Meanwhile(
        monkeypatch,
        holding,
        "sides",
        lambda: erasure.erase(erasure.target_of(party.replication.innovation)),
    )
    updating.tell(token, {"results": "Vingt objets."})
    assert meanwhile.end() == []
    assert not Replication.objects.exists()
