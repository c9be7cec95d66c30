"""The places of a search on the map, and its export."""

import csv
import io

import pytest
from django.http import QueryDict
from django.test import Client

from innovations import search_map
from innovations.licences import Licence
from innovations.search import InnovationSearch
from tests.factories import (
    InnovationFactory,
    LocationFactory,
    SourceRecordFactory,
    TerritoryFactory,
)

pytestmark = pytest.mark.django_db


def ask(query: str = "") -> InnovationSearch:
    return InnovationSearch.from_query(QueryDict(query))


def test_every_place_of_a_record_is_a_point() -> None:
    innovation = InnovationFactory(published=True, territory=TerritoryFactory(name="Dinan"))
    region = TerritoryFactory(a_region=True, longitude=-3.0, latitude=48.2)
    LocationFactory(innovation=innovation, territory=region, longitude=None, latitude=None)

    answer = ask().places()

    assert (answer.total, answer.innovations) == (2, 1)
    assert sorted(row[4:] for row in answer.rows) == [["Bretagne", "region"], ["Dinan", "point"]]


def test_the_whole_country_is_no_place() -> None:
    france = TerritoryFactory(kind="pays", code="FR", name="France")
    innovation = InnovationFactory(published=True)
    LocationFactory(innovation=innovation, territory=france, longitude=None, latitude=None)

    assert ask().places().total == 0


def test_beyond_a_number_places_are_counted_in_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        InnovationFactory(published=True, territory=TerritoryFactory())
    InnovationFactory(published=True, territory=TerritoryFactory(longitude=4.85, latitude=45.75))
    monkeypatch.setattr(search_map, "MOST_POINTS", 2)

    answer = ask().places()

    assert answer.is_grid
    assert sorted(row[2] for row in answer.rows) == [1, 3]
    assert sum(row[2] for row in answer.rows) == answer.total


def test_the_frame_of_the_map_narrows_the_points(client: Client) -> None:
    InnovationFactory(published=True, territory=TerritoryFactory())
    InnovationFactory(published=True, territory=TerritoryFactory(longitude=4.85, latitude=45.75))

    answer = client.get("/recherche/points.json", {"cadre": "4,45,5,46", "zoom": "9"}).json()

    assert answer["total"] == 1
    assert answer["columns"] == ["lon", "lat", "fiche", "titre", "lieu", "precision"]


@pytest.mark.parametrize("query", ["cadre=x", "zoom=²", "zoom=999999", "cadre=1,2,3,nan"])
def test_nonsense_is_refused_and_told_by_the_points(client: Client, query: str) -> None:
    answer = client.get(f"/recherche/points.json?{query}")
    assert answer.status_code == 400
    assert answer.json()["message"]


def test_a_word_that_cannot_be_breaks_nothing(client: Client) -> None:
    assert client.get("/recherche/points.json?q=%00").status_code == 200


def rows_of(client: Client, query: str = "") -> list[dict[str, str]]:
    response = client.get(f"/recherche/export.csv?{query}")
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def test_the_export_holds_open_records_of_the_search_only(client: Client) -> None:
    InnovationFactory(published=True, title="Jardin ouvert", cited=SourceRecordFactory())
    InnovationFactory(published=True, title="Jardin fermé", is_reference=True)
    InnovationFactory(published=True, title="Atelier")
    InnovationFactory(title="Jardin non publié")

    [row] = rows_of(client, "q=jardin")

    assert row["titre"] == "Jardin ouvert"
    assert row["licences"] == "etalab-2.0"


def test_a_text_from_a_source_without_open_licence_is_not_exported(client: Client) -> None:
    closed = SourceRecordFactory(licence=Licence.ALL_RIGHTS)
    InnovationFactory(
        published=True,
        title="Titre libre",
        summary="Texte réservé",
        cited=closed,
        origins={"title": "staff", "summary": closed.pk},
    )

    [row] = rows_of(client)

    assert (row["titre"], row["resume"]) == ("Titre libre", "")


def test_a_cell_of_the_export_is_never_a_formula(client: Client) -> None:
    InnovationFactory(published=True, title="=1+1")

    assert rows_of(client)[0]["titre"] == "'=1+1"


def test_the_export_of_nothing_is_a_header(client: Client) -> None:
    assert rows_of(client, "q=introuvable") == []
