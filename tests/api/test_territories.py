"""The official geography and the vocabularies, as reusers need them to filter."""

from types import SimpleNamespace

import pytest
from django.test import Client

from territories.kinds import AliasKind
from territories.models import TerritoryAlias
from tests.api.conftest import Read
from tests.factories import TermFactory, TerritoryFactory


def test_a_commune_tells_its_codes_and_what_contains_it(
    read: Read, brittany: SimpleNamespace
) -> None:
    found = read("read_territory", id="commune-22278")
    assert found["url"] == "http://testserver/territoires/commune/22278/"
    assert found["postal_codes"] == ["22000"]
    assert found["population"] == 43_000
    assert found["form"] is None
    assert found["region"] == {
        "id": "region-53", "kind": "region", "code": "53", "name": "Bretagne",
    }  # fmt: skip
    assert found["epci"]["id"] == "epci-200069409"
    assert (found["active"], found["successor"]) == (True, None)
    assert read("read_territory", id="epci-200069409")["form"] == "CA"


def test_a_merged_commune_leads_to_its_successor(read: Read, brittany: SimpleNamespace) -> None:
    TerritoryFactory(code="22900", name="Ancienne", active=False, successor=brittany.commune)
    found = read("read_territory", id="commune-22900")
    assert found["successor"]["id"] == "commune-22278"
    listed = read("list_territories", code="22900")["results"]
    assert listed == []
    assert read("list_territories", code="22900", active="false")["results"] == [found]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, ["53", "22", "22278", "200069409"]),
        ({"ordering": "code"}, ["22278", "22", "200069409", "53"]),
        ({"kind": "commune"}, ["22278"]),
        ({"kind": ["region", "departement"]}, ["53", "22"]),
        ({"code": "22278"}, ["22278"]),
        ({"name": "saint brieuc"}, ["22278", "200069409"]),
        ({"name": "SAINT-BRIEUC a"}, ["200069409"]),
        ({"name": "briochine"}, ["22278"]),
        ({"name": "brieuc"}, []),
        ({"postcode": "22000"}, ["22278"]),
        ({"postcode": "35000"}, []),
        ({"within": "departement-22"}, ["22", "22278", "200069409"]),
        ({"within": "departement-22", "kind": "commune"}, ["22278"]),
        ({"within": ["epci-200069409", "region-53"], "kind": "region"}, ["53"]),
    ],
    ids=str,
)
def test_territories_are_found(
    read: Read,
    brittany: SimpleNamespace,
    parameters: dict[str, str | list[str]],
    expected: list[str],
) -> None:
    TerritoryAlias.objects.create(
        territory=brittany.commune, kind=AliasKind.ANCIEN_NOM, label="Briochine",
        name_key="briochine",
    )  # fmt: skip
    found = read("list_territories", **parameters)["results"]
    assert [each["code"] for each in found] == expected


@pytest.mark.parametrize(
    "parameters",
    [{"kind": "canton"}, {"within": "canton-1"}, {"active": "1"}, {"postcode": "220000"}],
    ids=str,
)
def test_a_wrong_value_is_refused(read: Read, parameters: dict[str, str]) -> None:
    (error,) = read("list_territories", 400, **parameters)["errors"]
    assert error["field"] == next(iter(parameters))


@pytest.mark.parametrize("name", ["commune-00000", "canton-22", "commune-22278x"])
def test_an_unknown_territory_is_not_there(
    read: Read, brittany: SimpleNamespace, name: str
) -> None:
    read("read_territory", 404, id=name)


def test_the_number_of_queries_does_not_grow(
    client: Client, brittany: SimpleNamespace, django_assert_num_queries: object
) -> None:
    for total in (10, 20):
        TerritoryFactory.create_batch(
            10, departement=brittany.departement, region=brittany.region, epci=brittany.epci
        )
        with django_assert_num_queries(3):  # type: ignore[operator]
            address = "/api/v1/territories/?page_size=100&kind=commune&within=departement-22"
            assert len(client.get(address).json()["results"]) == total + 1


def test_vocabularies_give_the_codes_that_filters_take(
    client: Client, read: Read, themes: SimpleNamespace, django_assert_num_queries: object
) -> None:
    TermFactory(code="abandonne", is_active=False)
    found = read("list_terms")["results"]
    assert [term["code"] for term in found] == [
        "mutualisation", "jeunes", "alimentation", "circuits-courts",
    ]  # fmt: skip
    assert found[3]["parent"] == "alimentation"
    assert found[0]["description"] is None
    assert [t["code"] for t in read("list_terms", vocabulary="public")["results"]] == ["jeunes"]
    TermFactory.create_batch(20, parent=themes.domain)
    with django_assert_num_queries(2):  # type: ignore[operator]
        client.get("/api/v1/terms/?page_size=100")
