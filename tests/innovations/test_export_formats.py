"""What is taken away of a search, read back as those who take it do."""

import csv
import io
import json
from collections.abc import Iterable

import openpyxl
import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from innovations import export, export_json, views
from innovations.export_formats import FORMATS
from innovations.licences import Licence
from innovations.models import Innovation
from tests.factories import (
    InnovationFactory,
    LocationFactory,
    OrganisationFactory,
    SourceRecordFactory,
    TermFactory,
    TerritoryFactory,
)

pytestmark = pytest.mark.django_db
FORMULA = '=HYPERLINK("https://exemple.org";"clic")'
NASTY = 'Guillemets « " », <balise> & \x01 ;\nligne\\suite'


@pytest.fixture(autouse=True)
def nobody_has_asked_yet() -> None:
    cache.clear()


@pytest.fixture
def garden() -> Innovation:
    commune = TerritoryFactory(name="Dinan", longitude=-2.05, latitude=48.45)
    work = TermFactory(code="emploi", label="Emploi")
    return InnovationFactory(
        published=True,
        title=FORMULA,
        summary=NASTY,
        started_year=2014,
        territory=commune,
        terms=[work],
        organisation=OrganisationFactory(name="Le bourg"),
        cited=SourceRecordFactory(),
    )


def taken(client: Client, name: str, query: str = "") -> bytes:
    response = client.get(f"/recherche/export.{name}?{query}")
    assert response.status_code == 200
    return b"".join(response.streaming_content)  # type: ignore[attr-defined]


def sheet(content: bytes) -> list[dict[str, object]]:
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def test_a_workbook_holds_texts_as_they_are_and_numbers_as_numbers(
    client: Client, garden: Innovation
) -> None:
    content = taken(client, "xlsx")

    [row] = sheet(content)
    assert row["titre"] == FORMULA
    assert row["resume"] == NASTY.replace("\x01", "")
    assert (row["annee_demarrage"], row["themes"]) == (2014.0, "Emploi")
    assert (row["longitude"], row["licences"]) == (-2.05, "etalab-2.0")
    cells = openpyxl.load_workbook(io.BytesIO(content)).active
    assert cells["B2"].value == FORMULA
    assert cells["B2"].data_type == "s"


@pytest.mark.parametrize("name", ["csv", "xlsx", "json", "ndjson"])
def test_a_text_longer_than_a_cell_does_not_stop_a_file(client: Client, name: str) -> None:
    InnovationFactory(published=True, title="Long", summary="mot " * 50_000)
    InnovationFactory(published=True, title="Suivante")

    content = taken(client, name)

    assert "Suivante" in (str(sheet(content)) if name == "xlsx" else content.decode())


def test_json_has_the_names_and_values_of_the_api(client: Client, garden: Innovation) -> None:
    [record] = json.loads(taken(client, "json"))

    of_api = client.get(f"/api/v1/innovations/{garden.slug}/").json()
    same = (
        "slug", "url", "title", "summary", "nature", "maturity", "reach", "started_year",
        "website", "organisation", "themes", "publics", "methods",
    )  # fmt: skip
    shown = {name: record[name] for name in same}
    expected = {name: of_api[name] for name in same}
    expected["organisation"] = {
        k: of_api["organisation"][k] for k in ("slug", "name", "legal_form")
    }
    assert shown == expected
    [place], [expected_place] = record["locations"], of_api["locations"]
    assert place["territory"].items() <= expected_place["territory"].items()
    assert record["sources"][0]["licence"] == of_api["sources"][0]["licence"]["code"]
    assert record["sources"][0]["partner"] == of_api["sources"][0]["partner"]


def test_lines_are_one_record_each(client: Client, garden: Innovation) -> None:
    InnovationFactory(published=True, title="Atelier")

    lines = taken(client, "ndjson").decode().splitlines()

    assert [json.loads(line)["title"] for line in lines] == [FORMULA, "Atelier"]


def test_geojson_gives_a_point_per_place(client: Client, garden: Innovation) -> None:
    region = TerritoryFactory(a_region=True, longitude=-3.0, latitude=48.2)
    LocationFactory(innovation=garden, territory=region, longitude=None, latitude=None)
    InnovationFactory(published=True, title="Sans lieu")

    collection = json.loads(taken(client, "geojson"))

    assert collection["type"] == "FeatureCollection"
    points = {f["properties"]["place"]: f for f in collection["features"]}
    assert points["Bretagne"]["geometry"] == {"type": "Point", "coordinates": [-3.0, 48.2]}
    assert points["Bretagne"]["properties"]["precision"] == "region"
    assert points["Dinan"]["properties"]["sources"][0]["licence"] == "etalab-2.0"


@pytest.mark.parametrize("name", FORMATS)
def test_references_are_left_out_and_closed_texts_too(client: Client, name: str) -> None:
    closed = SourceRecordFactory(licence=Licence.ALL_RIGHTS)
    origins = {"title": "staff", "summary": closed.pk}
    InnovationFactory(
        published=True, title="Ouvert", summary="Réservé", cited=closed, origins=origins,
        territory=TerritoryFactory(),
    )  # fmt: skip
    InnovationFactory(published=True, title="Fermé", is_reference=True)

    content = taken(client, name)
    text = str(sheet(content)) if name == "xlsx" else content.decode()

    assert "Ouvert" in text
    assert "Réservé" not in text
    assert "Fermé" not in text


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_is_still_a_file_that_opens(client: Client, name: str) -> None:
    content = taken(client, name, "q=introuvable")

    assert {
        "csv": lambda: list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))[1:],
        "xlsx": lambda: sheet(content),
        "json": lambda: json.loads(content),
        "ndjson": lambda: content.splitlines(),
        "geojson": lambda: json.loads(content)["features"],
    }[name]() == []


@pytest.mark.parametrize("name", FORMATS)
def test_batches_follow_each_other_in_order(
    client: Client, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "BATCH", 2)
    for number in range(5):
        InnovationFactory(published=True, slug=f"fiche-{number}", territory=TerritoryFactory())

    with CaptureQueriesContext(connection) as captured:
        content = taken(client, name)

    text = str(sheet(content)) if name == "xlsx" else content.decode()
    found = [text.index(f"fiche-{number}") for number in range(5)]
    assert found == sorted(found)
    assert len(captured) <= 12


def test_a_file_says_its_date_and_is_no_page(client: Client) -> None:
    response = client.get("/recherche/export.geojson?q=jardin")

    assert response["Content-Type"] == "application/geo+json"
    assert response["Content-Disposition"].startswith('attachment; filename="innovations-20')
    assert response["X-Robots-Tag"] == "noindex"


def test_an_unknown_format_is_not_found(client: Client) -> None:
    assert client.get("/recherche/export.pdf").status_code == 404


def test_too_many_files_in_an_hour_are_refused_in_plain_words(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "EXPORTS_PER_HOUR", 1)
    taken(client, "json")

    response = client.get("/recherche/export.csv")

    assert response.status_code == 429
    assert "réessayez plus tard" in response.content.decode()


@pytest.mark.parametrize("write", [export.csv, export_json.array, FORMATS["xlsx"].write])
def test_a_stop_leaves_nothing_running(write: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "BATCH", 1)
    monkeypatch.setattr(export, "CHUNK", 1)
    for number in range(3):
        InnovationFactory(published=True, title=f"Fiche {number}")
    parts = write(Innovation.objects.all())  # type: ignore[operator]
    next(parts)

    parts.close()

    assert Innovation.objects.count() == 3
    assert list(_running()) == []


def _running() -> Iterable[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT query FROM pg_stat_activity WHERE datname = current_database() "
            "AND state = 'active' AND query LIKE 'COPY%'"
        )
        return [query for (query,) in cursor.fetchall()]
