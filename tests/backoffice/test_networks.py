"""The places of a network, decided at once: what is shown, decided, undone, and what it costs."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from innovations.models import Innovation, Status
from partners.consolidation import deciding, networks
from partners.consolidation.comparing import compare_changed
from partners.models import (
    NetworkChoice,
    NetworkDecision,
    Pair,
    PairState,
    SourceRecord,
    Verdict,
)
from partners.publishing import publish_records
from tests.factories import SourceFactory, SourceRecordFactory
from tests.partners.consolidation.alike import record, site
from tests.rows import counting_rows

pytestmark = pytest.mark.django_db
CODE = "france-services"
TOWNS = ("Lormes", "Rennes", "Le Mans", "Rezé")


@pytest.fixture
def houses(db: None) -> list[SourceRecord]:
    """Four « France services » in four towns, compared: six pairs that share the network only."""
    found = [record(f"Maison France services de {town}", town) for town in TOWNS]
    compare_changed()
    return found


def decide(client: Client, choice: str, *, kept: list[SourceRecord], **data: object) -> str:
    shown = [place.innovation.pk for place in networks.places(CODE)]
    given = {"choix": choice, "montres": shown, "lieux": [r.innovation_id for r in kept], **data}
    where = reverse("backoffice:network_decide", args=[CODE])
    return client.post(where, given, follow=True).content.decode()


def undo(client: Client) -> str:
    where = reverse("backoffice:network_undo", args=[NetworkDecision.objects.get().pk])
    return client.post(where, follow=True).content.decode()


def innovations(records: list[SourceRecord]) -> set[int | None]:
    found = SourceRecord.objects.filter(pk__in=[r.pk for r in records])
    return set(found.values_list("innovation", flat=True))


def states() -> set[tuple[str, str]]:
    return set(Pair.objects.order_by().values_list("state", "verdict"))


def test_pairs_that_share_a_network_only_know_it(houses: list[SourceRecord]) -> None:
    assert list(Pair.objects.values_list("network", flat=True)) == [CODE] * 6


def test_they_wait_as_one_question_out_of_the_queue_of_pairs(
    moderator: Client, houses: list[SourceRecord]
) -> None:
    queue = moderator.get(reverse("backoffice:pairs")).content.decode()
    assert "1 réseau à décider d’un coup" in queue
    assert "Maison France services" not in queue
    page = moderator.get(reverse("backoffice:networks")).content.decode()
    assert "France services</a>" in page
    assert networks.networks() == [networks.Network(CODE, 4, 6)]


def test_two_records_of_one_place_stay_in_the_queue(
    moderator: Client, houses: list[SourceRecord]
) -> None:
    record("France services de Lormes", "Lormes", shift=0.01)
    compare_changed()
    in_town = Pair.objects.waiting().one_by_one().get()
    assert str(in_town.first) in moderator.get(reverse("backoffice:pairs")).content.decode()


def test_the_screen_shows_the_places_and_what_would_stay(
    moderator: Client, houses: list[SourceRecord]
) -> None:
    page = moderator.get(reverse("backoffice:network", args=[CODE])).content.decode()
    assert "4 lieux d’un même réseau\u00a0: France services" in page
    assert "Une décision règle 6 rapprochements" in page
    assert all(town in page for town in TOWNS)
    assert reverse("backoffice:innovation", args=[houses[0].innovation_id]) in page
    assert page.count('name="lieux"') == page.count(" checked>") == 4


def test_other_places_of_one_project_make_one_record_of_them(
    moderator: Client, houses: list[SourceRecord]
) -> None:
    page = decide(moderator, "lieux", kept=houses, motif="Un seul réseau.")
    assert "autres lieux du même projet, 4 lieux" in page
    assert innovations(houses) == {houses[0].innovation_id}
    assert SourceRecord.objects.filter(is_site=True).count() == 3
    assert states() == {(PairState.DECIDED, Verdict.SITE)}
    gone = Innovation.objects.filter(status=Status.MERGED)
    assert {i.merged_into_id for i in gone} == {houses[0].innovation_id}


def test_undone_each_record_is_where_it_was_and_all_waits_again(
    moderator: Client, houses: list[SourceRecord]
) -> None:
    before = dict(SourceRecord.objects.values_list("pk", "innovation"))
    decide(moderator, "lieux", kept=houses)
    assert "attendent de nouveau" in undo(moderator)
    assert dict(SourceRecord.objects.values_list("pk", "innovation")) == before
    assert not SourceRecord.objects.filter(is_site=True).exists()
    assert states() == {(PairState.WAITING, "")}
    assert not Innovation.objects.filter(status=Status.MERGED).exists()
    assert "déjà annulée" in undo(moderator)


def test_a_place_left_out_goes_on_waiting(moderator: Client, houses: list[SourceRecord]) -> None:
    decide(moderator, "lieux", kept=houses[:3])
    assert innovations(houses) == {houses[0].innovation_id, houses[3].innovation_id}
    assert networks.networks() == [networks.Network(CODE, 2, 3)]


def test_distinct_keeps_each_record_and_asks_no_more(
    moderator: Client, houses: list[SourceRecord]
) -> None:
    page = decide(moderator, "distinctes", kept=houses[:3])
    assert "1 lieu à part, que vous aviez décochés" in page
    assert len(innovations(houses)) == 4
    assert Pair.objects.filter(state=PairState.DECIDED, verdict=Verdict.DISTINCT).count() == 3
    assert Pair.objects.waiting().count() == 3
    compare_changed()
    assert Pair.objects.waiting().count() == 3
    undo(moderator)
    assert Pair.objects.waiting().count() == 6


def test_postponed_they_leave_the_list_until_it_is_undone(
    moderator: Client, houses: list[SourceRecord]
) -> None:
    decide(moderator, "plus-tard", kept=houses)
    assert networks.networks() == []
    assert states() == {(PairState.LATER, "")}
    undo(moderator)
    assert networks.networks() == [networks.Network(CODE, 4, 6)]


def test_what_staff_set_apart_is_told_and_stays_apart(
    moderator: Client, houses: list[SourceRecord]
) -> None:
    deciding.decide(
        Pair.objects.get(first=houses[0], second=houses[3]), Verdict.DISTINCT, author=None
    )
    page = decide(moderator, "lieux", kept=houses)
    assert "1 lieu à part\u00a0: l’équipe les avait dits distincts" in page
    assert innovations(houses) == {houses[0].innovation_id, houses[3].innovation_id}


def test_a_pair_decided_again_since_is_left_as_it_is(
    moderator: Client, houses: list[SourceRecord]
) -> None:
    decide(moderator, "distinctes", kept=houses)
    pair = Pair.objects.first()
    assert pair
    deciding.decide(pair, Verdict.UNCERTAIN, author=None)
    undo(moderator)
    pair.refresh_from_db()
    assert (pair.state, pair.verdict) == (PairState.DECIDED, Verdict.UNCERTAIN)
    assert Pair.objects.waiting().count() == 5


def test_a_choice_that_is_none_and_a_single_place_are_told_and_lose_nothing(
    moderator: Client, houses: list[SourceRecord]
) -> None:
    page = decide(moderator, "rien", kept=houses[:2], motif="Mon motif.")
    assert "Choisissez l’une des décisions" in page
    assert 'value="Mon motif."' in page
    assert page.count(" checked>") == 2
    assert "Cochez au moins deux lieux" in decide(moderator, "lieux", kept=houses[:1])
    assert states() == {(PairState.WAITING, "")}
    assert moderator.get(reverse("backoffice:network", args=["aucun"])).status_code == 404


@pytest.fixture
def many() -> Callable[[int], None]:
    """Places of one network around a first one."""
    source = SourceFactory(publishes_directly=True)

    def add(number: int) -> None:
        rank = SourceRecord.objects.count()
        records = [
            SourceRecordFactory.build(
                source=source, external_id=f"f{rank + n}",
                values={"title": f"France services {n}", "summary": "Aider."},
                sites=[site("Lormes")],
            )
            for n in range(number)
        ]  # fmt: skip
        SourceRecord.objects.bulk_create(records)
        publish_records(records)
        hub = SourceRecord.objects.order_by("pk").first()
        Pair.objects.bulk_create(
            Pair(first=hub, second=r, score=0.5, proposed=Verdict.SITE, network=CODE)
            for r in records
            if hub and r.pk != hub.pk
        )

    return add


@pytest.mark.parametrize("page", ["networks", "network"])
def test_a_page_costs_the_same_for_10_and_300_places(
    page: str, moderator: Client, many: Callable[[int], None]
) -> None:
    many(10)
    where = reverse(f"backoffice:{page}", args=[CODE] if page == "network" else [])
    moderator.get(where)
    costs = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries, counting_rows() as rows:
            assert moderator.get(where).status_code == 200
        costs.append((len(queries), rows.count))
        many(290)
    (few, _), (most, rows_) = costs
    assert most <= few <= 12
    assert rows_ < 3 * networks.AT_ONCE


def test_more_places_than_a_page_shows_are_made_one_turn_by_turn(
    many: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(networks, "AT_ONCE", 4)
    many(9)
    turns = 0
    while networks.networks():
        kept = [place.innovation.pk for place in networks.places(CODE)]
        networks.decide(CODE, NetworkChoice.PLACES, author=None, kept=kept)
        turns += 1
    assert turns == 3
    assert SourceRecord.objects.values("innovation").distinct().count() == 1
