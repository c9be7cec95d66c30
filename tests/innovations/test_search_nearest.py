"""When nothing answers, what to relax."""

import pytest
from django.http import QueryDict

from innovations.search import InnovationSearch
from innovations.search_page import SearchPage
from tests.factories import InnovationFactory, TerritoryFactory

pytestmark = pytest.mark.django_db


def nearest(query: str) -> dict[str, str]:
    page = SearchPage(InnovationSearch.from_query(QueryDict(query)))
    return {link.label: link.url for link in page.nearest}


def test_one_filter_to_remove_gives_results() -> None:
    InnovationFactory(published=True, title="Jardin", nature="sociale", started_year=2012)

    assert nearest("q=jardin&nature=publique") == {
        "Sans le filtre « Nature de l’innovation » : 1 innovation": "/recherche/?q=jardin",
    }
    assert nearest("q=jardin&annee_min=2015") == {
        "Quelle que soit l’année : 1 innovation": "/recherche/?q=jardin",
    }
    assert nearest("q=jardin&bbox=1,45,2,46") == {
        "Hors de la zone de la carte : 1 innovation": "/recherche/?q=jardin",
    }


def test_nothing_is_relaxed_while_something_answers() -> None:
    InnovationFactory(published=True, title="Jardin", nature="sociale")

    assert nearest("q=jardin&nature=sociale") == {}


def test_a_wider_territory_is_offered() -> None:
    region = TerritoryFactory(a_region=True)
    departement = TerritoryFactory(a_departement=True, region=region)
    commune = TerritoryFactory(code="22278", departement=departement, region=region)
    other = TerritoryFactory(code="22050", departement=departement, region=region)
    InnovationFactory(published=True, title="Jardin", territory=other)

    assert nearest(f"q=jardin&territoire=commune-{commune.code}") == {
        "Dans les Côtes-d’Armor : 1 innovation": "/recherche/?q=jardin&territoire=departement-22",
        "En Bretagne : 1 innovation": "/recherche/?q=jardin&territoire=region-53",
        "Dans toute la France : 1 innovation": "/recherche/?q=jardin",
    }


def test_a_larger_radius_is_offered() -> None:
    far = TerritoryFactory(code="22050", longitude=-2.76, latitude=48.9)
    InnovationFactory(published=True, title="Jardin", territory=far)

    told = nearest("q=jardin&autour=48.51,-2.76&rayon=30")

    assert told["À moins de 50 km : 1 innovation"] == (
        "/recherche/?q=jardin&autour=48.51%2C-2.76&rayon=50"
    )
