"""A territory's page: the obstacles met there, the experiments led there."""

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from essaimage.models import Experiment, Obstacle
from innovations.models import Status
from territories.models import Territory
from tests.factories import (
    ExperimentFactory,
    InnovationFactory,
    InterpretationFactory,
    ObstacleFactory,
    ReplicationFactory,
    TerritoryFactory,
)

pytestmark = pytest.mark.django_db
PAGE, REGION = "/territoires/commune/22278/", "/territoires/region/53/"
LIST = "/essaimage/experimentations/"


@pytest.fixture
def commune() -> Territory:
    region = TerritoryFactory(a_region=True)
    departement = TerritoryFactory(a_departement=True, region=region)
    return TerritoryFactory(
        code="22278", name="Saint-Brieuc", departement=departement, region=region
    )


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def blocked(place: Territory, **said: Any) -> Obstacle:
    return ObstacleFactory(territory=place, **said)


def tried(place: Territory, **said: Any) -> Experiment:
    made = ExperimentFactory(starts_on=datetime.date(2025, 1, 1), **said)
    made.territories.add(place)
    return made


def test_what_is_published_is_shown_counted_and_leads_on(
    client: Client, commune: Territory
) -> None:
    lifted = blocked(commune, state="leve", resolution="Un accord écrit.")
    blocked(commune, title="Le four à pain")
    met = ObstacleFactory(replication=ReplicationFactory(territory=commune), title="Vu en reprise")
    InterpretationFactory(obstacle=lifted)
    experiment = tried(commune)
    for path in (PAGE, REGION):
        page = text(client, path)
        assert "3 obstacles rencontrés" in page
        assert page.index(lifted.title) < page.index("Le four à pain")
        assert met.get_absolute_url() in page
        assert "1 expérimentation qui déroge" in page
        assert experiment.get_absolute_url() in page
    assert f"{LIST}?territoire=commune-22278" in text(client, PAGE)
    assert "/essaimage/obstacles/?territoire=region-53" in text(client, REGION)


def test_nothing_that_is_not_public_is_shown_nor_counted(
    client: Client, commune: Territory
) -> None:
    draft = InnovationFactory(status=Status.IN_REVIEW)
    for publication in ("a-confirmer", "a-relire", "ecartee"):
        blocked(commune, publication=publication)
        tried(commune, publication=publication)
    blocked(commune, innovation=draft)
    tried(commune, innovation=draft)
    ObstacleFactory(replication=ReplicationFactory(territory=commune, waiting=True))
    blocked(TerritoryFactory(code="69123", name="Lyon"))
    for path in (PAGE, REGION):
        page = text(client, path)
        assert "Obstacles signalés ici" not in page
        assert "Expérimentations ici" not in page


def test_the_page_asks_as_much_for_twenty_as_for_two(client: Client, commune: Territory) -> None:
    def fill(number: int) -> None:
        for n in range(number):
            inside = TerritoryFactory(
                code=f"22{100 + n}", departement=commune.departement, region=commune.region
            )
            obstacle = blocked(inside if n % 2 else commune)
            InterpretationFactory(obstacle=obstacle)
            tried(commune).obstacles.add(obstacle)

    def asked() -> int:
        with CaptureQueriesContext(connection) as caught:
            client.get(REGION)
        return len(caught)

    fill(2)
    asked()
    few = asked()
    fill(20)
    assert asked() == few <= 20
    page = client.get(REGION)
    assert (len(page.context["obstacles"].rows), page.context["experiments"].number) == (6, 22)


def test_experiments_are_listed_for_a_territory(client: Client, commune: Territory) -> None:
    here, elsewhere = tried(commune), tried(TerritoryFactory(code="69123", name="Lyon"))
    page = text(client, f"{LIST}?territoire=region-53")
    assert here.title in page
    assert elsewhere.title not in page
    assert "Seulement en Bretagne" in page
    assert 'name="territoire" value="region-53"' in page
    page = text(client, f"{LIST}?territoire=lune-1&etat=en-cours")
    assert "« lune-1 » n’existe pas" in page
    assert elsewhere.title in page
    for wrong in ("territoire=%00", "territoire=-", "territoire=region-53&etat=close&page=zz"):
        assert client.get(f"{LIST}?{wrong}").status_code == 200


def test_an_experiment_in_two_places_is_counted_once(client: Client, commune: Territory) -> None:
    experiment = tried(commune)
    experiment.territories.add(commune.departement)
    assert client.get(REGION).context["experiments"].number == 1
