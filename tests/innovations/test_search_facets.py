"""Counts of the facets: exact, and blind to their own choice only."""

import random

import pytest
from django.http import QueryDict

from innovations import searchrows
from innovations.models import EconomicModel, GrantDependence, Resource, Vocabulary
from innovations.search import InnovationSearch
from innovations.search_data import Figures
from innovations.search_facets import FACETS
from innovations.search_page import SearchPage
from tests.factories import (
    InnovationFactory,
    SourceRecordFactory,
    TermFactory,
    TerritoryFactory,
)

pytestmark = pytest.mark.django_db


def ask(query: str = "") -> InnovationSearch:
    return InnovationSearch.from_query(QueryDict(query))


def test_a_facet_ignores_its_own_choice_and_keeps_the_others() -> None:
    work, culture = TermFactory(code="emploi"), TermFactory(code="culture")
    InnovationFactory(published=True, terms=[work], nature="sociale")
    InnovationFactory(published=True, terms=[culture], nature="publique")
    InnovationFactory(published=True, terms=[culture], nature="sociale")

    facets = ask("theme=emploi&nature=sociale").facets

    assert facets["theme"] == {"emploi": 1, "culture": 1}
    assert facets["nature"] == {"sociale": 1}


def test_counts_are_those_that_choosing_the_value_gives() -> None:
    """On a random corpus: for every value, its count is the size of the search it leads to."""
    rank = random.Random(7)
    terms = [TermFactory(code=f"t{n}") for n in range(4)]
    publics = [TermFactory(vocabulary=Vocabulary.PUBLIC, code=f"p{n}") for n in range(3)]
    records = [SourceRecordFactory() for _ in range(3)]
    for _ in range(30):
        InnovationFactory(
            published=True,
            terms=rank.sample(terms, 2) + rank.sample(publics, 1),
            nature=rank.choice(["sociale", "publique", ""]),
            maturity=rank.choice(["idee", "deployee"]),
            cited=rank.choice(records),
        )
    search = ask("theme=t1&theme=t2&nature=sociale&public=p0")

    for facet in FACETS:
        for code, count in search.facets.get(facet.name, {}).items():
            alone = ask(search.query_string(**{facet.name: [code]}))
            assert alone.total == count, (facet.name, code)


def test_a_chosen_value_that_finds_nothing_stays_visible() -> None:
    TermFactory(code="emploi")
    InnovationFactory(published=True)

    [group] = [g for g in SearchPage(ask("theme=emploi")).groups if g.name == "theme"]

    assert [(o.code, o.count, o.is_chosen) for o in group.options] == [("emploi", 0, True)]


def test_sub_themes_show_under_a_chosen_theme_only() -> None:
    work = TermFactory(code="emploi")
    InnovationFactory(published=True, terms=[TermFactory(code="insertion", parent=work)])

    def children(query: str) -> list[str]:
        [group] = [g for g in SearchPage(ask(query)).groups if g.name == "theme"]
        return [child.code for option in group.options for child in option.children]

    assert children("") == []
    assert children("theme=emploi") == ["insertion"]
    assert children("theme=insertion") == ["insertion"]


def test_a_filter_in_force_gives_the_address_without_it() -> None:
    TermFactory(code="emploi")

    page = SearchPage(ask("q=jardin&theme=emploi&annee_min=2010"))

    assert [(f.label, f.url) for f in page.active] == [
        ("« jardin »", "/recherche/?theme=emploi&annee_min=2010"),
        ("Emploi", "/recherche/?q=jardin&annee_min=2010"),
        ("À partir de 2010", "/recherche/?q=jardin&theme=emploi"),
    ]


def test_charts_count_the_results_and_lead_to_them() -> None:
    departement = TerritoryFactory(a_departement=True)
    commune = TerritoryFactory(code="22278", departement=departement)
    InnovationFactory(published=True, territory=commune, started_year=2014)
    InnovationFactory(published=True, territory=commune, started_year=None)

    search = ask("vue=donnees")
    found = {table.name: table for table in Figures(search, SearchPage(search)).tables}

    [bar] = found["departement"].bars
    assert (bar.count, bar.share) == (2, "100.0%")
    assert bar.url == "/recherche/?territoire=departement-22&vue=donnees"
    assert [(b.label, b.count) for b in found["annee"].bars] == [("2014", 1)]
    assert found["annee"].notes == ["Non renseigné\u00a0: 1 fiche (50\xa0%)."]


def test_what_a_project_lives_on_can_be_chosen() -> None:
    living = InnovationFactory(published=True, is_commun=True)
    InnovationFactory(published=True)
    EconomicModel.objects.create(
        innovation=living,
        resources=[{"kind": Resource.values[0], "share": 60}, {"kind": Resource.values[1]}],
    )
    searchrows.refresh([living.pk])

    search = ask(f"ressource={Resource.values[1]}&commun=oui")

    assert [i.pk for i in search.results()] == [living.pk]
    assert search.facets["ressource"] == {Resource.values[0]: 1, Resource.values[1]: 1}


def test_how_much_a_project_depends_on_grants_can_be_chosen() -> None:
    free, helped = InnovationFactory(published=True), InnovationFactory(published=True)
    EconomicModel.objects.create(innovation=free, grant_dependence=GrantDependence.NONE)
    EconomicModel.objects.create(innovation=helped, grant_dependence=GrantDependence.HIGH)
    searchrows.refresh([free.pk, helped.pk])

    search = ask("dependance=forte")
    page = SearchPage(search)

    assert search.notices == ()
    assert [i.pk for i in search.results()] == [helped.pk]
    assert search.facets["dependance"] == {"aucune": 1, "forte": 1}
    assert [chip.label for chip in page.active] == ["Dépendance aux subventions\u00a0: forte"]
    assert "dependance" in {table.name for table in Figures(search, page).tables}
