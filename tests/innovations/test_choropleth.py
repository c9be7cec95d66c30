"""The map of results by département: counts, rates, classes, legend and table."""

import pytest
from django.http import QueryDict
from django.test import Client

from innovations.choropleth import Choropleth, between, quantiles
from innovations.search import InnovationSearch
from territories import svg
from territories.models import Territory
from tests.factories import InnovationFactory, TerritoryFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def brittany() -> dict[str, Territory]:
    """Three innovations in the Côtes-d’Armor, one in the Lozère, one in the whole région."""
    large = TerritoryFactory(
        kind="departement", code="22", name="Côtes-d’Armor", population=600_000
    )
    small = TerritoryFactory(kind="departement", code="48", name="Lozère", population=76_000)
    for _ in range(3):
        InnovationFactory(published=True, territory=TerritoryFactory(departement=large))
    InnovationFactory(published=True, territory=TerritoryFactory(departement=small))
    InnovationFactory(published=True, territory=TerritoryFactory(a_region=True))
    return {"22": large, "48": small}


def ask(query: str = "") -> Choropleth:
    return Choropleth(InnovationSearch.from_query(QueryDict(query)))


@pytest.mark.parametrize(
    ("values", "bounds"),
    [([], []), ([3], [3]), ([1, 1, 1, 9], [1, 9]), (list(range(1, 11)), [2, 4, 6, 8, 10])],
)
def test_classes_hold_as_many_values_and_equal_ones_stay_together(
    values: list[float], bounds: list[float]
) -> None:
    assert quantiles(values, 5) == bounds


def test_records_are_counted_and_what_lies_elsewhere_is_told(brittany: object) -> None:
    drawn = ask()

    told = {s.departement.code: (s.told, s.shade) for s in drawn.shaded}
    assert told["22"] == ("Côtes-d’Armor : 3 fiches", 5)
    assert told["48"] == ("Lozère : 1 fiche", 1)
    assert told["974"] == ("La Réunion : aucune fiche", 0)
    assert drawn.legend == [(0, "Aucune fiche"), (1, "1"), (5, "3")]
    assert drawn.elsewhere.startswith("1 fiche sans département connu")


def test_per_inhabitant_the_small_one_comes_first(brittany: object) -> None:
    drawn = ask("vue=carte&mesure=habitants")

    assert [row.code for row in drawn.rows[:2]] == ["48", "22"]
    assert [row.told_rate for row in drawn.rows[:2]] == ["1,32", "0,50"]
    told = {s.departement.code: s.told for s in drawn.shaded}
    assert told["48"] == "Lozère : 1,32 pour 100 000 habitants"


def test_each_departement_leads_to_the_search_in_it(brittany: object) -> None:
    first = ask("q=atelier&vue=carte").rows[0]

    assert first.url == "/recherche/?q=atelier&territoire=departement-22&vue=carte"


def test_the_table_is_sorted_as_asked_and_says_so(brittany: object) -> None:
    drawn = ask("vue=carte&ordre=nom")

    assert [row.code for row in drawn.rows[:3]] == ["01", "02", "03"]
    assert [(h.label, h.sort) for h in drawn.headings if h.sort] == [("Département", "ascending")]


def test_measure_and_order_come_back_in_addresses() -> None:
    query = "vue=carte&mesure=habitants&ordre=taux&tableau=theme"

    assert InnovationSearch.from_query(QueryDict(query)).query_string() == query


def test_an_unknown_measure_is_told() -> None:
    notices = InnovationSearch.from_query(QueryDict("mesure=x&ordre=y&tableau=z")).notices

    assert len(notices) == 3


def test_numbers_are_written_in_french() -> None:
    assert between(0.5, 12.34) == "0,50 à 12,3"
    assert between(1200.0, 1200.0) == "1\u202f200"


def test_the_page_draws_it_without_scripts(client: Client, brittany: object) -> None:
    page = client.get("/recherche/?vue=carte&mesure=habitants").content.decode()

    assert 'aria-label="Lozère : 1,32 pour 100 000 habitants"' in page
    assert 'aria-sort="descending"' in page
    assert page.count("data-departement=") == 107


def test_the_middle_of_each_departement_is_inside_its_box() -> None:
    left, top, right, bottom = 0, 0, 1000, 1060
    middles = svg.centres()

    assert len(middles) == len(svg.departement_paths())
    for key, (x, y) in middles.items():
        assert left < x < right, key
        assert top < y < bottom, key
    # As on any map: Brest lies west of Strasbourg, Lille north of Perpignan.
    assert middles["departement-29"][0] < middles["departement-67"][0]
    assert middles["departement-59"][1] < middles["departement-66"][1]
    for frame in svg.frames():
        key = next(k for k in middles if k.endswith(f"-{frame['code']}"))
        x, y = middles[key]
        assert frame["x"] <= x <= frame["x"] + frame["width"], key
        assert frame["y"] <= y <= frame["y"] + frame["height"], key
