"""Obstacles and experiments through the API: what is public, found as on the site."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from innovations.models import Status
from tests.api.conftest import Read
from tests.factories import (
    ExperimentFactory,
    InnovationFactory,
    InterpretationFactory,
    ObstacleFactory,
    OrganisationFactory,
    TerritoryFactory,
)

pytestmark = pytest.mark.django_db


def titles(answer: dict[str, Any]) -> list[str]:
    return [each["title"] for each in answer["results"]]


def test_an_obstacle_is_told_whole_without_who_wrote_it(read: Read) -> None:
    innovation = InnovationFactory(published=True)
    obstacle = ObstacleFactory(innovation=innovation, lifted=True, territory=TerritoryFactory())
    InterpretationFactory(obstacle=obstacle)
    InterpretationFactory(obstacle=obstacle, publication="a-relire")
    obstacle.steps.create(state="leve", date="2024-05", author="Équipe du Carrefour")
    shown, hidden = ExperimentFactory(), ExperimentFactory(publication="a-relire")
    obstacle.experiments.add(shown, hidden)

    found = read("read_obstacle", id=str(obstacle.pk))

    assert found["innovation"]["slug"] == innovation.slug
    assert found["url"] == f"http://testserver{obstacle.get_absolute_url()}"
    assert (found["state"], found["legal_basis"]) == ("leve", None)
    assert [each["authority"] for each in found["interpretations"]] == ["Préfecture voisine"]
    assert found["steps"] == [
        {"state": "leve", "date": "2024-05", "reason": None, "author": "Équipe du Carrefour"}
    ]
    assert found["experiments"] == [shown.pk]
    assert "user" not in str(found)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, ["Agrément", "Bail"]),
        ({"ordering": "-created_at"}, ["Bail", "Agrément"]),
        ({"q": "agréments"}, ["Agrément"]),
        ({"authority": "PREFECTURE"}, ["Agrément"]),
        ({"state": "leve"}, ["Bail"]),
        ({"state": ["leve", "signale"]}, ["Agrément", "Bail"]),
        ({"origin": "habitude", "stage": "essaimage"}, ["Bail"]),
        ({"interpreter": "prefecture", "relief": "simplification"}, ["Agrément"]),
        ({"territory": "commune-58145"}, ["Agrément"]),
        ({"innovation": "fiche-de-bail"}, ["Bail"]),
        ({"q": "piscine"}, []),
    ],
    ids=str,
)
def test_obstacles_are_found(read: Read, asked: dict[str, Any], expected: list[str]) -> None:
    ObstacleFactory(
        title="Agrément", authority="Préfecture", interpreter="prefecture",
        relief="simplification", territory=TerritoryFactory(code="58145"),
    )  # fmt: skip
    ObstacleFactory(
        title="Bail", lifted=True, origin="habitude", stage="essaimage",
        innovation=InnovationFactory(published=True, slug="fiche-de-bail"),
    )  # fmt: skip
    ObstacleFactory(title="Caché", waiting=True)
    assert titles(read("list_obstacles", **asked)) == expected


@pytest.mark.parametrize(
    "asked",
    [
        {"state": "x"},
        {"territory": "commune-0"},
        {"etat": "leve"},
        {"q": "a" * 201},
        {"cursor": "x"},
    ],
    ids=str,
)
def test_what_is_unknown_is_refused(read: Read, asked: dict[str, str]) -> None:
    assert read("list_obstacles", 400, **asked)["errors"]


def test_what_is_not_public_is_not_found(read: Read) -> None:
    hidden = ObstacleFactory(innovation=InnovationFactory(status=Status.IN_REVIEW))
    for number in (str(hidden.pk), "9" * 30):
        read("read_obstacle", 404, id=number)
    read("read_experiment", 404, id=str(ExperimentFactory(publication="ecartee").pk))


def test_an_experiment_is_told_whole(read: Read) -> None:
    made = ExperimentFactory(
        starts_on=datetime.date(2020, 1, 1), ends_on=datetime.date(2021, 1, 1), innovation=None
    )
    ally, place = OrganisationFactory(), TerritoryFactory()
    made.alliance.add(ally)
    made.territories.add(place)
    obstacle = ObstacleFactory()
    made.obstacles.add(obstacle, ObstacleFactory(waiting=True))

    found = read("read_experiment", id=str(made.pk))

    assert (found["state"], found["ends_on"], found["innovation"]) == (
        "a-evaluer",
        "2021-01-01",
        None,
    )
    assert found["alliance"] == [{"slug": ally.slug, "name": ally.name}]
    assert [each["code"] for each in found["territories"]] == [place.code]
    assert found["obstacles"] == [obstacle.pk]
    assert found["rules"] == ["Règle d’accueil du public"]
    ExperimentFactory()
    assert titles(read("list_experiments", state="a-evaluer")) == [made.title]
    assert titles(read("list_experiments", ground="72")) == []
    assert read("list_experiments", 400, state="x")["errors"]


@pytest.mark.parametrize("operation", ["list_obstacles", "list_experiments"])
def test_a_list_asks_as_much_for_ten_as_for_one(
    read: Read, operation: str, make: Callable[[], None]
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as caught:
            read(operation)
        return len(caught)

    make()
    asked()
    few = asked()
    for _ in range(10):
        make()
    assert asked() == few


@pytest.fixture
def make() -> Callable[[], None]:
    def made() -> None:
        obstacle = ObstacleFactory(territory=TerritoryFactory())
        InterpretationFactory(obstacle=obstacle, territory=TerritoryFactory())
        experiment = ExperimentFactory()
        experiment.territories.add(TerritoryFactory())
        experiment.alliance.add(OrganisationFactory())
        experiment.obstacles.add(obstacle)

    return made
