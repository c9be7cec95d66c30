"""The figures of a search: what is known, what is not, and the file of each table."""

import csv
import io

import pytest
from django.http import QueryDict
from django.test import Client

from innovations.search import InnovationSearch
from innovations.search_data import ORDER, Bar, Figures, Table, percent
from innovations.search_page import SearchPage
from tests.factories import InnovationFactory, TermFactory, TerritoryFactory

pytestmark = pytest.mark.django_db


def figures(query: str = "vue=donnees") -> Figures:
    search = InnovationSearch.from_query(QueryDict(query))
    return Figures(search, SearchPage(search))


def rows_of(client: Client, query: str) -> list[list[str]]:
    response = client.get(f"/recherche/?{query}")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.reader(io.StringIO(text), delimiter=";"))


def test_a_table_says_of_how_many_nothing_is_known() -> None:
    work, culture = TermFactory(code="emploi"), TermFactory(code="culture")
    InnovationFactory(published=True, terms=[work, culture])
    InnovationFactory(published=True)

    table = figures().table("theme")

    assert {bar.code: bar.count for bar in table.bars} == {"emploi": 1, "culture": 1}
    assert table.unknown == 1
    assert table.notes == ["Non renseigné : 1 fiche (50\xa0%)."]


def test_years_are_columns_and_old_ones_are_left_to_the_table() -> None:
    for year in (1901, 2010, 2012, 2012):
        InnovationFactory(published=True, started_year=year)

    table = figures().table("annee")

    assert [(bar.label, column.x) for bar, column in table.columns] == [
        ("2010", "92.75%"),
        ("2012", "97.75%"),
    ]
    assert table.chart.columns[1].height == 2 * table.chart.columns[0].height
    assert [label for _, label in table.chart.marks] == ["0", "1", "2"]
    assert "1 année plus ancienne" in table.notes[0]


def test_few_more_than_the_first_are_drawn_too() -> None:
    bars = tuple(Bar(str(n), str(n), 1, "") for n in range(19))

    assert len(Table("theme", bars[:18], 18, 0, "").first) == 18
    assert len(Table("theme", bars, 19, 0, "").first) == 15


@pytest.mark.parametrize(
    ("part", "said"),
    [(1, "moins de 1"), (12, "1"), (988, "99"), (999, "plus de 99"), (1000, "100")],
)
def test_a_share_is_all_or_none_only_when_it_is(part: int, said: str) -> None:
    assert percent(part, 1000) == f"{said}\xa0%"


def test_a_region_is_not_followed_by_what_looks_like_a_departement() -> None:
    region = TerritoryFactory(a_region=True, code="52", name="Pays de la Loire")
    InnovationFactory(published=True, territory=TerritoryFactory(region=region))

    (bar,) = figures().table("region").bars

    assert (bar.label, bar.code) == ("Pays de la Loire", "region-52")


def test_every_bar_leads_to_the_records_that_it_counts(client: Client) -> None:
    departement = TerritoryFactory(a_departement=True, region=TerritoryFactory(a_region=True))
    InnovationFactory(
        published=True,
        terms=[TermFactory(code="emploi"), TermFactory(vocabulary="public", code="jeunes")],
        territory=TerritoryFactory(departement=departement, region=departement.region),
        nature="sociale",
        maturity="deployee",
        started_year=2014,
        reach="commune",
        is_commun=True,
    )
    InnovationFactory(published=True, started_year=None, nature="publique")

    found = {t.name: t for t in figures().tables}

    for name in ("theme", "public", "region", "departement", "annee", "nature", "commun", "portee"):
        bar = next(bar for bar in found[name].bars if bar.code != "publique")
        query = bar.url.partition("?")[2]
        assert InnovationSearch.from_query(QueryDict(query)).total == bar.count == 1, name


@pytest.mark.parametrize("name", ORDER)
def test_each_table_is_a_file(client: Client, name: str) -> None:
    InnovationFactory(published=True, started_year=2014, nature="sociale")

    rows = rows_of(client, f"vue=donnees&tableau={name}")

    assert rows[0][1:] == ["Code", "Fiches", "Part des fiches (%)"]
    assert rows[-1][0] == "Non renseigné"


def test_a_table_of_nothing_is_a_file_too(client: Client) -> None:
    assert len(rows_of(client, "q=introuvable&tableau=theme")) == 2


def test_an_unknown_table_is_told_on_the_page(client: Client) -> None:
    page = client.get("/recherche/?vue=donnees&tableau=inconnu")

    assert "n’est pas une valeur connue pour" in page.content.decode()
