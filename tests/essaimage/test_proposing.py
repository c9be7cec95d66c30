"""Harvested sites: proposed as replications, decided by staff, asked once, undone."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from essaimage import proposing
from essaimage.models import HarvestedSite, Replication
from essaimage.proposing import CannotPropose
from innovations import bulk
from innovations.models import Innovation, Location
from partners.models import SourceRecord
from partners.publishing import publish_records, republish
from tests.factories import (
    InnovationFactory,
    LocationFactory,
    ReplicationFactory,
    SourceFactory,
    SourceRecordFactory,
    TerritoryFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
NAMES = ("Allonnes", "Brest", "Calais", "Dole")


def spread(sites: int = 3, **fields: Any) -> tuple[Innovation, list[int]]:
    """A published innovation and the numbers of its territories, by name."""
    innovation = InnovationFactory(published=True, **fields)
    places = [
        LocationFactory(innovation=innovation, territory=TerritoryFactory(name=name))
        for name in NAMES[:sites]
    ]
    return innovation, [place.territory_id for place in places]


def choose(innovation: Innovation, choices: dict[int, str], state: str = "en-cours") -> Any:
    return proposing.choose(innovation, choices, state=state, author=UserFactory())


def asked(innovation: Innovation) -> list[str]:
    return [site.territory.name for site in proposing.undecided(innovation)]


def test_only_what_was_found_in_several_places_is_proposed() -> None:
    several, _ = spread(3)
    one, _ = spread(1)
    LocationFactory(innovation=one, territory=one.locations.get().territory)
    hidden = InnovationFactory()
    for _ in range(2):
        LocationFactory(innovation=hidden)
    found = proposing.waiting()
    assert [(i.pk, i.sites, i.undecided) for i in found] == [(several.pk, 3, 3)]


def test_a_site_becomes_a_replication_whose_date_is_not_known() -> None:
    innovation, (origin, brest, calais) = spread()
    choose(innovation, {brest: "reprise", origin: "meme-projet"})
    made = Replication.objects.get()
    assert (made.territory_id, made.state, made.origin, made.publication) == (
        brest, "en-cours", "moisson", "publiee",
    )  # fmt: skip
    assert made.site.territory_id == brest
    assert made in Replication.objects.spread()
    assert {step.date for step in made.steps.all()} == {""}
    assert asked(innovation) == ["Calais"]
    assert [(i.sites, i.undecided) for i in proposing.waiting()] == [(3, 1)]
    choose(innovation, {calais: "meme-projet"})
    assert list(proposing.waiting()) == []


@pytest.mark.parametrize(
    ("maturity", "state"),
    [("deployee", "en-cours"), ("essaimee", "en-cours"), ("experimentation", ""), ("", ""),
     ("arretee", "")],
)  # fmt: skip
def test_it_is_said_to_run_only_when_its_sources_say_so(maturity: str, state: str) -> None:
    assert proposing.likely_state(InnovationFactory(maturity=maturity)) == state


def test_where_a_replication_stands_is_never_guessed() -> None:
    innovation, (first, *_) = spread()
    with pytest.raises(CannotPropose, match="où en sont"):
        choose(innovation, {first: "reprise"}, state="")
    assert not Replication.objects.exists()
    assert len(asked(innovation)) == 3


def test_what_was_decided_is_not_asked_again_and_a_new_site_is() -> None:
    """Composition writes the places anew: what was decided holds all the same."""
    towns = {name: TerritoryFactory(name=name) for name in NAMES}
    record = harvested(*[towns[name] for name in NAMES[:3]])
    innovation = record.innovation
    before = set(Location.objects.values_list("pk", flat=True))
    brest = towns["Brest"].pk
    choose(innovation, {brest: "reprise", towns["Allonnes"].pk: "meme-projet"})
    choose(innovation, {towns["Calais"].pk: "meme-projet"})
    republish([innovation.pk])
    assert not before & set(Location.objects.values_list("pk", flat=True))
    assert list(proposing.waiting()) == []
    assert Replication.objects.get().site.territory_id == brest

    record.sites = sites(*towns.values())
    record.save()
    publish_records([record])
    assert asked(innovation) == ["Dole"]
    assert [i.undecided for i in proposing.waiting()] == [1]


def harvested(*towns: Any) -> SourceRecord:
    record = SourceRecordFactory(
        source=SourceFactory(publishes_directly=True),
        values={"title": "Café associatif", "summary": "Un café."},
        sites=sites(*towns),
    )
    publish_records([record])
    record.refresh_from_db()
    return record


def sites(*towns: Any) -> list[dict[str, Any]]:
    return [{"kind": t.kind, "code": t.code, "label": t.name, "confidence": 1.0} for t in towns]


def test_what_was_decided_of_a_record_holds_once_it_is_merged() -> None:
    innovation, (first, second, _third) = spread()
    choose(innovation, {first: "meme-projet", second: "reprise"})
    other = InnovationFactory(published=True)
    innovation.locations.update(innovation=other)
    Innovation.objects.filter(pk=innovation.pk).update(status="fusionnee", merged_into=other)
    assert asked(other) == ["Calais"]
    assert len(proposing.decided(other)) == 2


def test_a_replication_that_is_known_there_is_attached_not_doubled() -> None:
    innovation, (first, *_) = spread()
    known = ReplicationFactory(innovation=innovation, territory_id=first, journal=True)
    assert [site.known for site in proposing.undecided(innovation)] == [known, None, None]
    done = choose(innovation, {first: "reprise"}, state="")
    assert Replication.objects.get() == HarvestedSite.objects.get(choice="reprise").replication
    bulk.undo(done, author=UserFactory())
    known.refresh_from_db()
    assert (known.publication, known.state) == ("publiee", "envisagee")


def test_a_gesture_is_undone_and_made_again_without_doubles() -> None:
    innovation, (first, second, _) = spread()
    done = choose(innovation, {first: "reprise", second: "meme-projet"})
    assert bulk.undoable(done) == 2
    undone = bulk.undo(done, author=UserFactory())
    assert (undone.restored, undone.left) == (2, [])
    made = Replication.objects.get()
    assert (made.publication, made.publication_reason) == ("ecartee", proposing.UNDONE)
    assert len(asked(innovation)) == 3
    assert proposing.undecided(innovation)[0].known is None
    choose(innovation, {first: "reprise"})
    again = Replication.objects.get()
    assert (again.pk, again.publication, again.publication_reason) == (made.pk, "publiee", "")


def test_what_changed_since_is_left_alone() -> None:
    from essaimage import moving

    innovation, (first, second, _) = spread()
    done = choose(innovation, {first: "reprise", second: "meme-projet"})
    made = Replication.objects.get()
    moved = moving.Move("perennisee", "en-cours", "Deux ans après.")
    moving.move(made, moved, moving.Author("Équipe"))
    undone = bulk.undo(done, author=UserFactory())
    assert undone.restored == 1
    assert "Allonnes" in undone.left[0]
    assert Replication.objects.get().publication == "publiee"


def test_a_site_that_is_not_to_decide_is_refused() -> None:
    innovation, _ = spread()
    elsewhere = TerritoryFactory().pk
    for choices in ({elsewhere: "reprise"}, {}, {10**17: "meme-projet"}):
        with pytest.raises(CannotPropose):
            choose(innovation, choices)
    assert not HarvestedSite.objects.exclude(choice="").exists()


def test_a_gesture_holds_no_more_sites_than_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proposing, "MOST", 2)
    innovation, places = spread(3)
    assert asked(innovation) == ["Allonnes", "Brest"]
    with pytest.raises(CannotPropose):
        choose(innovation, dict.fromkeys(places, "meme-projet"))
    choose(innovation, dict.fromkeys(places[:2], "meme-projet"))
    assert asked(innovation) == ["Calais"]


def test_the_list_costs_the_same_whatever_its_length(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(2):
        innovation, _places = spread(2)
        with django_assert_num_queries(1):
            list(proposing.waiting())
        with django_assert_num_queries(3):
            proposing.undecided(innovation)
