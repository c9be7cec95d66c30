"""Open-data catalogues: the resource of a dataset that is followed."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from carrefour.http import Fetcher
from partners.connectors import SourceError, connect
from tests.partners.connectors.conftest import Read, sample

Serve = Callable[..., str]
CSV = "id;nom\n1;Atelier {year}\n2;Jardin {year}\n"


@pytest.fixture
def site(httpserver: HTTPServer, serve: Serve) -> str:
    """The files that both catalogues list."""
    for year in (2023, 2024):
        serve(f"/{year}.csv", CSV.format(year=year), "text/csv")
    serve("/extrait.csv", CSV.format(year="extrait"))
    serve("/2024.json", json.dumps([{"id": 1, "nom": "Atelier en JSON"}]))
    feature = {"type": "Feature", "properties": {"nom": "Sur la carte"}, "geometry": None}
    serve("/carte", json.dumps({"type": "FeatureCollection", "features": [feature]}))
    return httpserver.url_for("").rstrip("/")


@pytest.fixture
def udata(httpserver: HTTPServer, site: str, serve: Serve) -> str:
    document = sample("udata-dataset.json").decode().replace("{site}", site)
    serve("/api/1/datasets/ateliers/", document)
    return httpserver.url_for("/fr/datasets/ateliers/")


@pytest.fixture
def ckan(httpserver: HTTPServer, site: str) -> str:
    document = sample("ckan-package.json").decode().replace("{site}", site)
    httpserver.expect_request(
        "/donnees/api/3/action/package_show", query_string={"id": "ateliers"}
    ).respond_with_data(document)
    return httpserver.url_for("/donnees/fr/dataset/ateliers")


def names(rows: list[Any]) -> list[str]:
    return [row.data["nom"] for row in rows]


def test_the_newest_main_resource_of_a_udata_dataset_is_followed(udata: str, read: Read) -> None:
    rows = read("udata", udata)
    assert names(rows) == ["Atelier 2024", "Jardin 2024"]
    assert {r.licence for r in rows} == {"etalab-2.0"}
    assert rows[1].position == "ligne 3"
    connector = read.connector  # type: ignore[attr-defined]
    assert (connector.expected, connector.is_complete) == (2, True)
    assert connector.several_rows_per_record


@pytest.mark.parametrize(
    ("options", "first"),
    [
        ({"resource": "r-2023"}, "Atelier 2023"),
        ({"resource": "Ateliers 2024 (JSON)"}, "Atelier en JSON"),
        ({"resource": "r-autre", "reading": {"delimiter": ";"}}, "Atelier extrait"),
    ],
)
def test_a_resource_may_be_named(
    udata: str, read: Read, options: dict[str, Any], first: str
) -> None:
    assert names(read("udata", udata, **options))[0] == first


def test_the_address_may_name_the_resource(udata: str, read: Read) -> None:
    assert names(read("udata", f"{udata}#/resources/r-2023"))[0] == "Atelier 2023"


def test_a_ckan_dataset(ckan: str, read: Read) -> None:
    rows = read("ckan", ckan)
    assert names(rows) == ["Atelier 2024", "Jardin 2024"]
    assert rows[0].licence == "odbl-1.0"
    assert names(read("ckan", f"{ckan}/resource/k-geo")) == ["Sur la carte"]


def test_the_datasets_of_a_ckan_organisation(httpserver: HTTPServer, site: str, read: Read) -> None:
    package = json.loads(sample("ckan-package.json").decode().replace("{site}", site))["result"]
    other = {**package, "title": "Autres", "resources": [
        {"id": "x", "name": "x", "format": "csv", "url": f"{site}/2023.csv"}]}  # fmt: skip
    path = "/api/3/action/package_search"
    for start, results in (("0", [package]), ("1", [other]), ("2", [])):
        httpserver.expect_request(
            path, query_string={"fq": 'organization:"ville"', "rows": "50", "start": start}
        ).respond_with_json({"success": True, "result": {"count": 2, "results": results}})
    rows = read("ckan", httpserver.url_for("/organization/ville"))
    assert names(rows) == ["Atelier 2024", "Jardin 2024", "Atelier 2023", "Jardin 2023"]
    assert rows[2].data["jeu de données"] == "Autres"
    assert rows[2].position == "Autres, ligne 2"


def test_the_datasets_of_a_udata_organisation(
    httpserver: HTTPServer, site: str, read: Read
) -> None:
    dataset = json.loads(sample("udata-dataset.json").decode().replace("{site}", site))
    path = "/api/1/organizations/ville/datasets/"
    following = httpserver.url_for(f"{path}?page=2")
    httpserver.expect_request(path, query_string="page_size=50").respond_with_json(
        {"data": [dataset], "next_page": following}
    )
    httpserver.expect_request(path, query_string="page=2").respond_with_json(
        {"data": [{**dataset, "title": "Autres"}], "next_page": None}
    )
    rows = read("udata", httpserver.url_for("/organizations/ville/"))
    assert len(rows) == 4
    assert {r.data["jeu de données"] for r in rows} == {"Ateliers de réparation", "Autres"}


@pytest.mark.parametrize(
    ("kind", "path", "document", "options", "said"),
    [
        ("udata", "/autre", {}, {}, "page d’un jeu de données"),
        ("udata", "/datasets/x", [], {}, "ne répond pas comme udata"),
        ("udata", "/datasets/x", {"title": "T", "resources": []}, {}, "Formats : aucun"),
        ("udata", "/datasets/x", {"title": "T", "resources": [{"format": "pdf"}]}, {},
         "Formats : pdf"),
        ("udata", "/datasets/x", {"title": "T", "resources": [{"format": "csv"}]},
         {"resource": "absente"}, "« absente » est absente"),
        ("udata", "/datasets/x", {"title": "T", "resources": [{"format": "csv"}]},
         {"reading": {"inconnue": 1}}, "inconnue"),
        ("ckan", "/dataset/x", {"success": False}, {}, "ne répond pas comme CKAN"),
        ("ckan", "/organization/x", {"success": True, "result": {"count": 0}}, {},
         "Aucun jeu de données"),
    ],
    ids=["no-dataset", "no-udata", "no-resource", "no-format", "absent", "option", "no-ckan",
         "empty-organisation"],
)  # fmt: skip
def test_what_cannot_be_followed_is_told(  # noqa: PLR0917
    httpserver: HTTPServer,
    fetcher: Fetcher,
    kind: str,
    path: str,
    document: Any,
    options: dict[str, Any],
    said: str,
) -> None:
    for api in ("/api/1/datasets/x/", "/api/3/action/package_show", "/api/3/action/package_search"):
        httpserver.expect_request(api).respond_with_json(document)
    with pytest.raises(SourceError, match=said):
        list(connect(kind, httpserver.url_for(path), options, fetcher).rows())
