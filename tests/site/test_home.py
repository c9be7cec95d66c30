"""The home, territory and partner pages: what they count and what they cost."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from carrefour.site import home_page
from territories.models import Territory, TerritoryOutline
from tests.factories import (
    InnovationFactory,
    PartnerFactory,
    ReplicationFactory,
    SourceFactory,
    SourceRecordFactory,
    TermFactory,
    TerritoryFactory,
)

pytestmark = pytest.mark.django_db


def queries(get: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        get()
    return len(captured)


def publish(number: int, territory: Territory, source: object) -> None:
    innovation = InnovationFactory(
        published=True,
        territory=territory,
        terms=[TermFactory(code=f"theme-{number % 4}")],
        cited=SourceRecordFactory(source=source),
    )
    ReplicationFactory(innovation=innovation, territory=territory)


@pytest.fixture
def commune() -> Territory:
    region = TerritoryFactory(a_region=True)
    departement = TerritoryFactory(a_departement=True, region=region)
    return TerritoryFactory(
        code="22278", name="Saint-Brieuc", departement=departement, region=region
    )


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/partenaires/",
        "/partenaires/plateforme/",
        "/territoires/region/53/",
        "/territoires/commune/22278/",
        "/donnees-ouvertes/",
        "/plan-du-site/",
    ],
)
def test_the_number_of_queries_does_not_grow(client: Client, commune: Territory, path: str) -> None:
    source = SourceFactory(partner__slug="plateforme")
    for number in range(10):
        publish(number, commune, source)
    client.get(path)
    before = queries(lambda: client.get(path))
    for number in range(10, 20):
        publish(number, commune, SourceFactory())
        publish(number, commune, source)

    assert queries(lambda: client.get(path)) == before
    assert before <= 18


def test_home_counts_what_is_published(client: Client, commune: Territory) -> None:
    publish(1, commune, SourceFactory())
    InnovationFactory(title="Brouillon")

    context = client.get("/").context

    assert context["figures"]["innovations"] == 1
    assert context["figures"]["departements"] == 1
    assert context["figures"]["partners"] == 1
    assert [(d.code, d.count) for d in context["covered"]] == [("22", 1)]


def test_home_counts_the_partners_that_publish_something(
    client: Client, commune: Territory
) -> None:
    publish(1, commune, SourceFactory())
    PartnerFactory(name="Sans fiche")

    assert client.get("/").context["figures"]["partners"] == 1


def test_the_latest_records_alternate_the_partners(client: Client, commune: Territory) -> None:
    first, second = SourceFactory(), SourceFactory()
    for number in range(4):
        publish(number, commune, second)
    for number in range(6):
        publish(number, commune, first)
    latest = client.get("/").context["latest"]

    partners = [innovation.citations.all()[0].partner_slug for innovation in latest]

    slugs = [first.partner.slug, second.partner.slug]
    assert partners[:4] == slugs * 2
    assert len(partners) == 6


def test_home_stands_without_anything_published(client: Client) -> None:
    response = client.get("/")

    assert response.status_code == 200
    assert "Les premières fiches arrivent" in response.content.decode()


def test_each_inset_of_the_map_says_which_territory_it_holds(client: Client) -> None:
    codes = [frame["code"] for frame in client.get("/").context["map"]["insets"]]

    assert {"971", "972", "973", "974", "976"} <= set(codes)
    assert "" not in codes


@pytest.mark.parametrize(
    ("number", "shade"), [(0, 0), (1, 1), (2, 2), (3, 2), (6, 3), (12, 4), (13, 5), (999, 5)]
)
def test_shades_of_the_map(number: int, shade: int) -> None:
    assert home_page.shade(number) == shade


def test_the_legend_names_every_shade() -> None:
    labels = [label for _, label in home_page.legend()]

    assert labels == ["Aucune", "1", "2 ou 3", "4 à 6", "7 à 12", "Plus de 12"]


def test_a_territory_page_holds_what_lies_inside(client: Client, commune: Territory) -> None:
    publish(1, commune, SourceFactory())

    page = client.get("/territoires/region/53/").content.decode()

    assert "1 innovation publiée en Bretagne." in page
    assert "/territoires/departement/22/" in page
    assert "territoire=region-53" in page


def test_a_territory_page_shows_its_outline(client: Client, commune: Territory) -> None:
    ring = [[-2.8, 48.5], [-2.7, 48.5], [-2.7, 48.6], [-2.8, 48.5]]
    TerritoryOutline.objects.create(
        territory=commune,
        geometry={"type": "Polygon", "coordinates": [ring]},
        bbox=[-2.8, 48.5, -2.7, 48.6],
    )

    assert 'd="M0 1000L' in client.get("/territoires/commune/22278/").content.decode()


def test_a_replaced_territory_leads_to_the_one_of_today(client: Client, commune: Territory) -> None:
    TerritoryFactory(code="22999", active=False, successor=commune)

    response = client.get("/territoires/commune/22999/")

    assert response.status_code == 301
    assert response["Location"] == "/territoires/commune/22278/"


@pytest.mark.parametrize("path", ["/territoires/commune/00000/", "/territoires/lune/1/"])
def test_an_unknown_territory_is_not_found(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_an_inactive_partner_has_no_page(client: Client) -> None:
    PartnerFactory(slug="ancienne", is_active=False)

    assert client.get("/partenaires/ancienne/").status_code == 404
    assert "ancienne" not in client.get("/partenaires/").content.decode()


def test_a_partner_page_never_shows_its_contact(client: Client) -> None:
    partner = PartnerFactory(contact_email="quelqu-un@example.org")

    assert "quelqu-un@" not in client.get(partner.get_absolute_url()).content.decode()
