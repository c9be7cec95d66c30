"""What is not published, or stands on what is not, is read nowhere by the public."""

import pytest
from django.test import Client
from django.urls import reverse

from essaimage.models import Facts
from innovations.models import Innovation
from innovations.search_place import parameter
from territories.models import Territory
from tests.factories import (
    ExperimentFactory,
    InnovationFactory,
    InterpretationFactory,
    ObstacleFactory,
    PartyFactory,
    PublicActorFactory,
    ReplicationFactory,
    TerritoryFactory,
)

pytestmark = pytest.mark.django_db
HIDDEN = "Motcaché"
STATES = ("a-confirmer", "a-relire", "ecartee")


def hide(innovation: Innovation, publication: str) -> Territory:
    """All kinds of rows of this record that the public may not read; their place."""
    place = TerritoryFactory(name=f"{HIDDEN}-sur-Mer")
    replication = ReplicationFactory(
        innovation=innovation,
        publication=publication,
        publication_reason=HIDDEN if publication == "ecartee" else "",
        territory=place,
        repreneur_name=HIDDEN,
        summary=HIDDEN,
        state="en-cours",
        journal={"en-cours": "2019"},
    )
    PublicActorFactory(replication=replication, name=HIDDEN)
    PartyFactory(replication=replication, organisation=HIDDEN, email="motcache@example.org")
    shown = ReplicationFactory(
        innovation=innovation, parent=replication, state="en-cours", journal={"en-cours": "2020"}
    )
    ReplicationFactory(innovation=innovation, parent=shown, publication=publication, sector=HIDDEN)
    # Public words, met by a replication that is not: where it stands is not told.
    ObstacleFactory(innovation=innovation, replication=replication)
    ObstacleFactory(innovation=innovation, replication=replication, lifted=True)
    public = ObstacleFactory(innovation=innovation, lifted=True)
    InterpretationFactory(obstacle=public, publication=publication, text=HIDDEN, authority=HIDDEN)
    ObstacleFactory(innovation=innovation, publication=publication, title=HIDDEN, authority=HIDDEN)
    experiment = ExperimentFactory(
        innovation=innovation, publication=publication, title=HIDDEN, ends_on="2030-01-01"
    )
    experiment.obstacles.add(public)
    for of, state in ((None, publication), (shown, publication), (replication, "publiee")):
        Facts.objects.create(
            innovation=innovation,
            replication=of,
            effect="aucun",
            effect_text=HIDDEN,
            told_name=HIDDEN,
            publication=state,
        )
    return place


def addresses(innovation: Innovation) -> list[str]:
    slug = innovation.slug
    names = (
        "spread", "replications_csv", "replications_json", "obstacles", "obstacles_by_authority",
        "obstacles_csv", "experiments", "facts_csv", "facts_json",
    )  # fmt: skip
    found = [reverse(f"essaimage:{name}") for name in names]
    found += [
        reverse(f"essaimage:{name}", args=[slug])
        for name in ("spread_of", "replications_of_csv", "replications_of_json", "kit", "declare",
                     "obstacle_signal")
    ]  # fmt: skip
    for replication in innovation.replications.filter(publication="publiee"):
        found.append(replication.get_absolute_url())
        found.append(f"/api/v1/replications/{replication.code}/")
    for obstacle in innovation.obstacle_cases.filter(publication="publiee"):
        found += [obstacle.get_absolute_url(), f"/api/v1/obstacles/{obstacle.pk}/"]
    kinds = ("replications", "obstacles", "experiments", "facts", "innovations")
    found += [f"/api/v1/{kind}/" for kind in kinds]
    found += [f"/api/v1/innovations/{slug}/", innovation.get_absolute_url(), "/", "/recherche/"]
    return found


@pytest.mark.parametrize("publication", STATES)
def test_nothing_that_is_not_published_is_read_anywhere(client: Client, publication: str) -> None:
    innovation = InnovationFactory(published=True, slug="projet", reproduction={"core": "Réparer."})
    hidden = hide(innovation, publication)
    read = {}
    for address in addresses(innovation):
        response = client.get(address)
        assert response.status_code == 200, address
        body = b"".join(response) if response.streaming else response.content
        read[address] = body.decode().lower()
    leaks = [address for address, body in read.items() if "motcach" in body]
    assert not leaks, leaks
    inside = client.get(f"/essaimage/obstacles/?territoire={parameter(hidden)}").content.decode()
    assert "Aucun obstacle" in inside
