"""Whatever an address or a form holds, the answer is never an error of ours."""

from types import SimpleNamespace

import pytest
from django.test import Client

from tests.factories import (
    ExperimentFactory,
    InnovationFactory,
    ObstacleFactory,
    PartyFactory,
    ReplicationFactory,
)

pytestmark = pytest.mark.django_db
NASTY = (
    "%00",
    "%00a",
    "a%00b",
    "%FF%FE",
    "9" * 30,
    "-1",
    "%F0%9F%98%80",
    "%ED%A0%80",
    "'",
    "%25",
    "²",
)
PUBLIC = (
    "/essaimage/?forme={0}&approche={0}&etat={0}&territoire={0}&annee={0}&tableau={0}",
    "/essaimage/?annee={0}&annee=2019&{0}=1",
    "/essaimage/reprises.csv?territoire={0}&annee={0}",
    "/essaimage/obstacles/?q={0}&autorite={0}&territoire={0}&innovation={0}&etat={0}&page={0}",
    "/essaimage/obstacles/par-autorite/?q={0}&format={0}",
    "/essaimage/obstacles/export.csv?q={0}&page={0}",
    "/essaimage/experimentations/?etat={0}&page={0}",
    "/essaimage/auto-evaluation/?innovation={0}",
    "/essaimage/auto-evaluation/{0}/?tour={0}",
    "/essaimage/avis/{0}/",
    "/essaimage/suivi/{0}/",
    "/essaimage/declarations/{0}/",
    "/essaimage/resultats/{0}/",
    "/essaimage/courriels/{0}/arreter/",
    "/essaimage/obstacles/confirmer/{0}/",
    "/innovations/projet/essaimage/?annee={0}&tableau={0}",
    "/innovations/projet/reprises/declarer/?cote={0}&de={0}",
    "/innovations/projet/obstacles/signaler/?reprise={0}",
    "/api/v1/replications/?innovation={0}&territory={0}&state={0}&cursor={0}",
    "/api/v1/obstacles/?q={0}&authority={0}&innovation={0}&territory={0}&cursor={0}",
    "/api/v1/experiments/?innovation={0}&state={0}",
    "/api/v1/facts/?innovation={0}&replication={0}",
)
STAFF = (
    "/gestion/essaimage/?territoire={0}&reseau={0}&q={0}&suivie={0}&demande={0}&suite={0}",
    "/gestion/essaimage/reprises/?etat={0}&territoire={0}&q={0}&suite={0}",
    "/gestion/essaimage/ajouter/?innovation={0}",
    "/gestion/essaimage/a-relire/?suite={0}&fait={0}",
    "/gestion/essaimage/sites/?suite={0}",
    "/gestion/essaimage/textes/?page={0}",
    "/gestion/essaimage/resultats/?publication={0}&suite={0}",
    "/gestion/essaimage/resultats/ajouter/?reprise={0}",
    "/gestion/essaimage/resultats/ajouter/?innovation={0}",
    "/gestion/essaimage/obstacles/?etat={0}&autorite={0}&q={0}&suite={0}",
    "/gestion/essaimage/obstacles/a-relire/?suite={0}&lectures={0}",
    "/gestion/essaimage/obstacles/ajouter/?innovation={0}",
    "/gestion/essaimage/experimentations/?etat={0}&suite={0}",
    "/mes-reprises/ajouter/?q={0}&reprise={0}",
)


@pytest.fixture(autouse=True)
def _some() -> None:
    innovation = InnovationFactory(published=True, slug="projet")
    row = ReplicationFactory(innovation=innovation, code="une", state="en-cours", journal=True)
    PartyFactory(replication=row)
    ObstacleFactory(replication=row)
    ExperimentFactory(innovation=innovation, publication="publiee")


def wrong(client: Client, addresses: tuple[str, ...]) -> list[str]:
    client.raise_request_exception = False
    asked = [address.format(nasty) for address in addresses for nasty in NASTY]
    return [a for a in asked if client.get(a).status_code >= 500]


def test_public_addresses(client: Client) -> None:
    assert wrong(client, PUBLIC) == []


def test_addresses_of_staff(client: Client, roles: SimpleNamespace) -> None:
    client.force_login(roles.administrator)
    assert wrong(client, STAFF) == []


@pytest.mark.parametrize(
    ("address", "names"),
    [
        ("/mes-reprises/ajouter/", ("reprise",)),
        ("/gestion/essaimage/relancer/une/", ("demande", "retour")),
        ("/gestion/essaimage/reprises/une/etat/", ("to", "date", "reason", "vu")),
        ("/gestion/essaimage/reprises/une/cotes/repreneur/", ("organisation", "email")),
        ("/gestion/essaimage/reprises/une/modifier/", ("parent", "territory", "note", "vu-parent")),
        ("/gestion/essaimage/reprises/une/acteurs/ajouter/", ("name", "roles", "organisation")),
        ("/gestion/essaimage/sites/projet/", ("site-1", "state")),
        ("/gestion/essaimage/obstacles/ajouter/", ("innovation", "replication", "title")),
        ("/gestion/essaimage/experimentations/ajouter/", ("obstacles", "starts_on", "territories")),
    ],
)
def test_forms(
    client: Client, roles: SimpleNamespace, address: str, names: tuple[str, ...]
) -> None:
    client.raise_request_exception = False
    client.force_login(roles.administrator)
    for value in ("\x00", "a\x00b", "9" * 30, "\ud800", "2024-99", "0000"):
        typed = dict.fromkeys(names, value)
        try:
            response = client.post(address, typed)
        except UnicodeEncodeError:
            continue
        assert response.status_code < 500, (address, value)
