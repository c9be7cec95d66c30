"""The filters of the innovations: each finds what it says, and refuses what it does not know."""

import datetime
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import QueryDict
from django.utils import timezone

from innovations.licences import Licence
from innovations.models import Innovation
from innovations.search import InnovationSearch
from territories.models import Territory
from tests.api.conftest import Read, publish
from tests.factories import LocationFactory, OrganisationFactory, TerritoryFactory

Titles = Callable[..., list[str]]


@pytest.fixture
def directory(
    brittany: SimpleNamespace, themes: SimpleNamespace, sources: SimpleNamespace
) -> SimpleNamespace:
    """Three innovations that differ in everything."""
    elsewhere = TerritoryFactory(kind=Territory.Kind.DEPARTEMENT, code="11", name="Aude")
    first = publish(
        title="Épiceries solidaires", terms=[themes.sub, themes.public], source=sources.first,
        territory=brittany.commune, nature="sociale", maturity="deployee", started_year=2005,
        organisation=OrganisationFactory(legal_form="association"),
    )  # fmt: skip
    second = publish(
        title="Garage coopératif", terms=[themes.method], source=sources.second,
        territory=elsewhere, nature="publique", maturity="idee", started_year=2018,
        organisation=OrganisationFactory(legal_form="cooperative"),
    )  # fmt: skip
    third = publish(
        Licence.UNKNOWN, title="Jardin partagé", source=sources.second, nature="sociale",
        maturity="", started_year=None, organisation=None,
    )  # fmt: skip
    return SimpleNamespace(first=first, second=second, third=third, elsewhere=elsewhere)


FIRST, SECOND, THIRD = "Épiceries solidaires", "Garage coopératif", "Jardin partagé"


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, [FIRST, SECOND, THIRD]),
        ({"q": "epicerie"}, [FIRST]),
        ({"q": '"epicerie solidaire"'}, [FIRST]),
        ({"q": "reparent -garage"}, [FIRST, THIRD]),
        ({"q": "  "}, [FIRST, SECOND, THIRD]),
        ({"q": "introuvable"}, []),
        ({"theme": "circuits-courts"}, [FIRST]),
        ({"theme": "alimentation"}, [FIRST]),
        ({"public": "jeunes"}, [FIRST]),
        ({"method": "mutualisation"}, [SECOND]),
        ({"theme": "alimentation", "method": "mutualisation"}, []),
        ({"territory": "commune-22278"}, [FIRST]),
        ({"territory": "epci-200069409"}, [FIRST]),
        ({"territory": "departement-22"}, [FIRST]),
        ({"territory": "region-53"}, [FIRST]),
        ({"territory": ["region-53", "departement-11"]}, [FIRST, SECOND]),
        ({"partner": "est"}, [SECOND, THIRD]),
        ({"partner": ["est", "nord"]}, [FIRST, SECOND, THIRD]),
        ({"source": "fiches-nord"}, [FIRST]),
        ({"source": ["fiches-nord", "fiches-est"]}, [FIRST, SECOND, THIRD]),
        ({"nature": "publique"}, [SECOND]),
        ({"maturity": ["deployee", "idee"]}, [FIRST, SECOND]),
        ({"legal_form": "cooperative"}, [SECOND]),
        ({"open_data": "true"}, [FIRST, SECOND]),
        ({"open_data": "false"}, [THIRD]),
        ({"year_min": "2006"}, [SECOND]),
        ({"year_max": "2005"}, [FIRST]),
        ({"year_min": "2005", "year_max": "2018"}, [FIRST, SECOND]),
        ({"q": "reparent", "partner": "est", "open_data": "true"}, [SECOND]),
    ],
    ids=str,
)
def test_a_filter_finds_what_it_says(
    titles: Titles, directory: SimpleNamespace, parameters: dict[str, Any], expected: list[str]
) -> None:
    assert titles(**parameters) == expected


def test_a_territory_merged_leads_to_the_one_of_today(
    titles: Titles, directory: SimpleNamespace, brittany: SimpleNamespace
) -> None:
    TerritoryFactory(code="22900", active=False, successor=brittany.commune)
    assert titles(territory="commune-22900") == [FIRST]


def test_a_record_on_several_places_is_listed_once(
    titles: Titles, directory: SimpleNamespace, brittany: SimpleNamespace
) -> None:
    LocationFactory(innovation=directory.first, territory=directory.elsewhere)
    assert titles(territory=["departement-22", "departement-11"]) == [FIRST, SECOND]


def test_what_changed_since_a_date(titles: Titles, directory: SimpleNamespace) -> None:
    old = timezone.now() - datetime.timedelta(days=30)
    Innovation.objects.exclude(pk=directory.second.pk).update(updated_at=old)
    yesterday = timezone.now() - datetime.timedelta(days=1)
    for written in (
        yesterday.isoformat(),
        yesterday.strftime("%Y-%m-%d"),
        yesterday.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    ):
        assert titles(updated_since=written) == [SECOND]
    assert titles(updated_since="2001-01-01") == [FIRST, SECOND, THIRD]


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"theme": "inconnu"}, "invalid_choice"),
        ({"theme": "jeunes"}, "invalid_choice"),
        ({"public": ["jeunes", "inconnu"]}, "invalid_choice"),
        ({"method": "a\0b"}, "invalid"),
        ({"q": "a\0b"}, "invalid"),
        ({"q": "a" * 201}, "max_length"),
        ({"territory": "commune-99999"}, "invalid_choice"),
        ({"territory": "22"}, "invalid_choice"),
        ({"territory": ["region-53"] * 21}, "too_many"),
        ({"partner": "inconnu"}, "invalid_choice"),
        ({"source": "inconnue"}, "invalid_choice"),
        ({"nature": "autre"}, "invalid_choice"),
        ({"maturity": ["idee", "autre"]}, "invalid_choice"),
        ({"open_data": "oui"}, "invalid_choice"),
        ({"year_min": "deux mille"}, "invalid"),
        ({"year_min": "99999999999999999999"}, "max_value"),
        ({"year_max": "1500"}, "min_value"),
        ({"updated_since": "hier"}, "invalid"),
        ({"updated_since": "2026-02-30"}, "invalid"),
        ({"ordering": "hasard"}, "invalid_choice"),
        ({"ordering": "relevance"}, "invalid"),
        ({"page_size": "0"}, "invalid"),
        ({"page_size": "101"}, "invalid"),
        ({"page_size": "beaucoup"}, "invalid"),
        ({"page_size": ["10", "20"]}, "repeated_parameter"),
        ({"q": ["un", "deux"]}, "repeated_parameter"),
        ({"cursor": "n'importe quoi"}, "invalid_cursor"),
        ({"format": "xml"}, "unknown_parameter"),
        ({"themes": "alimentation"}, "unknown_parameter"),
    ],
    ids=str,
)
def test_a_wrong_value_is_refused_by_name(
    read: Read, directory: SimpleNamespace, parameters: dict[str, Any], code: str
) -> None:
    found = read("list_innovations", 400, **parameters)
    (error,) = found["errors"]
    assert error["code"] == code
    assert error["field"] == next(iter(parameters))
    assert error["message"][0].isupper()


def test_every_error_is_told_at_once(read: Read) -> None:
    found = read("list_innovations", 400, nature="x", year_min="y", open_data="z")
    assert {error["field"] for error in found["errors"]} == {"nature", "year_min", "open_data"}


def test_an_unknown_parameter_gets_a_hint(read: Read) -> None:
    (error,) = read("list_innovations", 400, themes="alimentation")["errors"]
    assert "Vouliez-vous dire « theme » ?" in error["message"]
    assert "updated_since" in error["message"]


def test_one_item_takes_no_parameter(read: Read) -> None:
    publish(slug="atelier")
    (error,) = read("read_innovation", 400, slug="atelier", q="mot")["errors"]
    assert (error["code"], error["field"]) == ("unknown_parameter", "q")


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("q=reparent", "q=reparent"),
        ("theme=alimentation", "theme=alimentation"),
        ("method=mutualisation&nature=publique", "methode=mutualisation&nature=publique"),
        ("territory=region-53", "territoire=region-53"),
        ("partner=est&year_min=2006", "partenaire=est&annee_min=2006"),
        ("legal_form=association&maturity=deployee", "forme=association&maturite=deployee"),
    ],
)
def test_the_api_finds_what_the_search_page_finds(
    read: Read, directory: SimpleNamespace, ours: str, theirs: str
) -> None:
    query = QueryDict(ours)
    found = read("list_innovations", **dict(query.lists()))["results"]
    search = InnovationSearch.from_query(QueryDict(theirs))
    assert not search.notices
    assert {each["slug"] for each in found} == {each.slug for each in search.innovations()}
    assert found
