"""The words that staff give to a term find the records that have it."""

import pytest
from django.http import QueryDict

from innovations import searchrows, taxonomy_changes
from innovations.index import building
from innovations.index.reading import Index
from innovations.models import Innovation, Term, TermSynonym
from innovations.search import InnovationSearch
from innovations.search_found import BitsFound
from innovations.search_page import SearchPage
from innovations.search_wider import ENOUGH
from tests.factories import InnovationFactory, TermFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def food() -> Term:
    term = TermFactory(code="alimentation", label="Alimentation")
    TermSynonym.objects.create(term=term, label="Circuits courts")
    return term


def ask(text: str, **others: str) -> InnovationSearch:
    query = QueryDict(mutable=True)
    query.update({"q": text, **others})
    return InnovationSearch.from_query(query)


def found(text: str, **others: str) -> list[str]:
    return [innovation.title for innovation in ask(text, **others).results()]


def published(title: str, *terms: Term) -> Innovation:
    return InnovationFactory(published=True, title=title, summary="", description="", terms=terms)


@pytest.mark.parametrize("text", ["circuits courts", "Circuit court", "CIRCUITS-COURTS"])
def test_a_synonym_finds_the_records_of_its_term(food: Term, text: str) -> None:
    published("Épicerie de village", food)
    published("Garage solidaire", TermFactory(code="mobilite"))

    assert found(text) == ["Épicerie de village"]


def test_what_says_it_itself_comes_first(food: Term) -> None:
    published("Épicerie de village", food)
    published("Un marché de circuits courts")

    assert found("circuits courts") == ["Un marché de circuits courts", "Épicerie de village"]


def test_the_label_of_the_term_elsewhere_is_not_the_synonym(food: Term) -> None:
    published("Alimentation électrique")

    assert found("circuits courts") == []


def test_a_phrase_is_searched_as_it_is_written(food: Term) -> None:
    published("Épicerie de village", food)

    assert found('"circuits courts"') == []


def test_a_synonym_counts_at_once_and_no_more_once_it_is_removed(food: Term) -> None:
    published("Épicerie de village", food)
    author = UserFactory()

    taxonomy_changes.reword(food, author=author, synonyms=["Vente directe"])

    assert found("vente directe") == ["Épicerie de village"]
    assert found("circuits courts") == []


def test_a_merged_term_keeps_its_words(food: Term) -> None:
    wider = TermFactory(code="agriculture", label="Agriculture")
    grocery = published("Épicerie de village", food)

    taxonomy_changes.merge(food, wider, author=UserFactory())
    searchrows.refresh([grocery.pk])

    assert found("circuits courts") == ["Épicerie de village"]


def test_a_domaine_is_not_said_by_the_records_of_its_sous_domaines(food: Term) -> None:
    published("Cantine", TermFactory(code="cantines", parent=food))

    assert found("circuits courts") == []
    assert found("", theme="alimentation") == ["Cantine"]


def test_bitmaps_know_synonyms_too(food: Term) -> None:
    for number in range(4):
        published(f"Épicerie {number}", food)
    published("Garage")
    building.update(forced=True, least=2)
    search, index = ask("circuits courts"), Index.read()

    assert index
    assert search.total == BitsFound(search.found.asked, index).total == 4


def test_the_page_tells_what_it_added_to_the_words(food: Term) -> None:
    published("Épicerie de village", food)
    assert SearchPage(ask("circuits courts")).notices == [
        "Aucune fiche ne contient vos mots. Voici celles classées « Alimentation »."
    ]

    published("Un marché de circuits courts")
    assert SearchPage(ask("circuits courts")).notices == [
        "Peu de fiches contiennent vos mots : s’y ajoutent celles classées « Alimentation »."
    ]


def test_words_that_many_records_say_are_not_widened(food: Term) -> None:
    published("Épicerie de village", food)
    for _ in range(ENOUGH):
        published("Vente en circuits courts")

    assert ask("circuits courts").total == ENOUGH
    assert not SearchPage(ask("circuits courts")).notices
