"""The values of facets as the page offers them: hierarchical, cut, formatted, told in chips."""

import pytest
from django.http import QueryDict
from django.test import Client

from innovations.search import InnovationSearch
from innovations.search_options import Group, Option
from innovations.search_page import SearchPage
from tests.factories import InnovationFactory, TermFactory, TerritoryFactory

pytestmark = pytest.mark.django_db


def page(query: str = "") -> SearchPage:
    return SearchPage(InnovationSearch.from_query(QueryDict(query)))


def group(name: str, query: str = "") -> Group:
    return next(g for g in page(query).groups if g.name == name)


@pytest.fixture
def brittany() -> None:
    region = TerritoryFactory(a_region=True)
    for code, name in (("22", "Côtes-d’Armor"), ("29", "Finistère")):
        departement = TerritoryFactory(kind="departement", code=code, name=name, region=region)
        commune = TerritoryFactory(code=f"{code}001", departement=departement, region=region)
        InnovationFactory(published=True, territory=commune)
    overseas = TerritoryFactory(kind="collectivite", code="987", name="Polynésie française")
    InnovationFactory(published=True, territory=overseas)


@pytest.mark.usefixtures("brittany")
@pytest.mark.parametrize("query", ["zone=region-53", "zone=departement-22"])
def test_a_region_that_is_used_unfolds_its_departements(query: str) -> None:
    first, second = group("zone", query).options

    assert (first.label, second.label) == ("Bretagne", "Polynésie française")
    assert [(c.label, c.count) for c in first.children] == [("Côtes-d’Armor", 1), ("Finistère", 1)]


@pytest.mark.usefixtures("brittany")
def test_regions_alone_are_seen_at_first() -> None:
    assert [(o.code, o.count, o.children) for o in group("zone").options] == [
        ("region-53", 2, ()),
        ("collectivite-987", 1, ()),
    ]


def test_a_long_list_is_cut_but_never_what_is_chosen(client: Client) -> None:
    terms = [TermFactory(code=f"theme-{n:02}", label=f"Thème {n:02}") for n in range(15)]
    InnovationFactory(published=True, terms=terms)
    found = group("theme", "theme=theme-14")

    assert len(found.options) == 11
    assert found.options[-1].code == "theme-14"
    assert found.more_label == "Voir les 4 autres"
    answer = client.get("/recherche/?theme=theme-14").content.decode()
    assert answer.count('name="theme"') == 15
    assert '<details class="carrefour-more" id="autres-theme">' in answer


def test_a_list_a_little_too_long_is_seen_whole() -> None:
    terms = [TermFactory(code=f"theme-{n:02}") for n in range(12)]
    InnovationFactory(published=True, terms=terms)

    assert (len(group("theme").options), group("theme").more) == (12, ())


def test_counts_are_written_as_the_french_do() -> None:
    assert Option("x", "X", 1234, is_chosen=False).shown_count == "1\u202f234"


def test_a_chip_says_what_it_is_of() -> None:
    InnovationFactory(published=True, is_commun=True, reach="region")
    told = [chip.label for chip in page("commun=oui&portee=region").active]

    assert told == ["Portée\u00a0: régionale", "Commun\u00a0: oui"]
