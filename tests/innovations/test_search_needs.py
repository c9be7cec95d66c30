"""A need told in one's own words is looked for in those of the field too."""

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from innovations.search import InnovationSearch
from innovations.search_needs import is_told
from innovations.search_page import SearchPage
from innovations.search_wider import ENOUGH
from tests.factories import InnovationFactory

pytestmark = pytest.mark.django_db


def ask(text: str) -> InnovationSearch:
    query = QueryDict(mutable=True)
    query["q"] = text
    return InnovationSearch.from_query(query)


def found(text: str) -> list[str]:
    return [innovation.title for innovation in ask(text).results()]


def publish(*titles: str) -> None:
    for title in titles:
        InnovationFactory(published=True, title=title, summary="", description="")


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("je ne sais pas me servir d’un ordinateur", "Ateliers de médiation numérique"),
        ("je n’arrive pas à payer mes factures", "Lutter contre la précarité énergétique"),
        ("qui peut garder mes enfants tôt le matin", "Garde d’enfants en horaires décalés"),
        ("ma mère perd la mémoire", "Une maison pour les proches aidants"),
        ("nous voudrions acheter des légumes du coin", "Circuits courts au marché"),
        ("comment sortir de prison et travailler", "Réinsertion par le maraîchage"),
    ],
)
def test_what_the_field_calls_a_need_answers_it(text: str, title: str) -> None:
    publish(title, "Un festival de cirque")

    assert found(text) == [title]


def test_it_goes_one_way_and_only_for_a_need_that_is_told() -> None:
    publish("Ateliers de médiation numérique", "Un ordinateur pour la mairie")

    assert found("médiation numérique") == ["Ateliers de médiation numérique"]
    assert found("ordinateur") == ["Un ordinateur pour la mairie"]
    assert not is_told("mon ordinateur")


def test_it_is_told_however_many_hold_the_very_words() -> None:
    publish(*[f"Ordinateur {n}" for n in range(ENOUGH)], "Médiation numérique")
    page = SearchPage(ask("je ne sais pas me servir d’un ordinateur"))

    assert page.search.total == ENOUGH + 1
    assert page.widened.startswith("Aux fiches qui contiennent vos mots s’ajoutent celles")
    assert "« médiation numérique »" in page.widened


def test_it_is_told_when_only_some_of_the_words_are_there() -> None:
    publish("Garde d’enfants", "Le matin du monde")
    page = SearchPage(ask("qui peut garder mes enfants le matin"))

    assert found("qui peut garder mes enfants le matin")[0] == "Garde d’enfants"
    assert page.widened == ""
    assert "« garde d’enfants »" in page.relaxed


def test_what_is_quoted_is_taken_as_written() -> None:
    publish("Médiation numérique", "Un ordinateur")

    assert found('je cherche un "ordinateur"') == ["Un ordinateur"]


def test_the_list_is_read_once() -> None:
    publish("Médiation numérique")
    _ = ask("je ne sais pas me servir d’un ordinateur").total
    with CaptureQueriesContext(connection) as queries:
        _ = ask("je ne sais pas me servir d’un ordinateur").total

    assert not any("écrivain" in str(query["sql"]) for query in queries)
