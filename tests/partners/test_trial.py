"""Trying an address: the whole contract, and nothing written."""

import json
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from carrefour.http import Fetcher
from partners.connectors import connect
from partners.models import Run, Source, SourceRecord
from partners.trial import FEW, GIVEN, MOST, READ_AHEAD, SAMPLE, sampled, try_address, try_rows
from tests.factories import SourceFactory
from tests.partners.conftest import MAPPING, Site, row

pytestmark = pytest.mark.django_db
TEXT = "Des habitants du quartier réparent ensemble les objets du quotidien et les partagent. "


def api(httpserver: HTTPServer, items: list[dict[str, Any]], size: int) -> str:
    """An API of ``size`` items per page; its address."""

    def answer(request: Request) -> Response:
        page = request.args.get("page", 1, int)
        shown = items[(page - 1) * size : page * size]
        return Response(json.dumps({"total": len(items), "page": page, "items": shown}))

    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request("/api").respond_with_handler(answer)
    return httpserver.url_for("/api")


def item(number: int, **changed: Any) -> dict[str, Any]:
    return {"id": number, "titre": f"Projet {number}", "texte": TEXT * 2 + str(number)} | changed


def test_a_report_tells_all_that_a_source_needs(site: Site, terms: None) -> None:
    site.rows = [row(n, texte=TEXT * 2 + str(n)) for n in range(6)]
    report = try_address(site.url)
    said = report.to_json()
    assert said["counts"]["seen"] == 6
    assert (said["connector"], said["url"], said["problem"]) == ("spreadsheet", site.url, "")
    assert said["mapping"]["title"]["path"] == "titre"
    again = try_address(said["url"], connector=said["connector"], mapping=said["rules"])
    assert again.preview == report.preview
    assert not Source.objects.exists()
    assert not Run.objects.exists()


def test_what_the_format_gives_needs_no_column(httpserver: HTTPServer) -> None:
    feed = "".join(
        f"<item><title>Projet {n}</title><guid>g{n}</guid><link>http://exemple.fr/{n}</link>"
        f"<description>{TEXT * 12}{n}</description></item>"
        for n in range(4)
    )
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request("/f").respond_with_data(f"<rss><channel>{feed}</channel></rss>")
    report = try_address(httpserver.url_for("/f"))
    paths = {target: said["path"] for target, said in report.mapping.items()}
    assert GIVEN in (paths["external_id"], paths["url"]) or paths["url"] == "link"
    assert len({p["external_id"] for p in report.preview}) == 4


def test_a_big_api_is_read_up_to_a_bound_that_is_told(httpserver: HTTPServer) -> None:
    url = api(httpserver, [item(n) for n in range(MOST + 60)], 200)
    report = try_address(url)
    assert report.counts["seen"] == MOST
    assert any("Essai arrêté" in w for w in report.warnings)
    report = try_address(url, limit=30)
    assert report.counts["seen"] == 30
    assert not any("Essai arrêté" in w for w in report.warnings)


def test_rows_of_one_project_are_gathered_in_an_api_too(httpserver: HTTPServer) -> None:
    towns = ["Nantes", "Paris", "Lyon"]
    items = [item(n // 3, id=f"p{n // 3}", ville=towns[n % 3]) for n in range(30)]
    report = try_address(api(httpserver, items, 7))
    assert report.options["group_by"] == "id"
    assert (report.counts["seen"], report.counts["created"]) == (30, 10)
    assert report.counts["rejected"] == 0


def test_the_sample_of_a_document_goes_beyond_its_first_rows(site: Site) -> None:
    site.rows = [row(n) for n in range(READ_AHEAD + 100)]
    with Fetcher() as fetcher:
        connector = connect("spreadsheet", site.url, {}, fetcher)
        rows = connector.rows()
        sample, begun = sampled(connector, rows)
        assert len(sample) == SAMPLE
        assert int(sample[-1].data["id"][1:]) > READ_AHEAD - 100
        assert sum(1 for _ in begun.rows()) == READ_AHEAD + 100


def test_a_site_read_page_by_page_is_only_sampled(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    cards = "".join(
        f"<li><h3><a href='/p/{n}'>Projet numéro {n}</a></h3><p>{TEXT}{n}</p></li>"
        for n in range(FEW + 15)
    )
    page = f"<!doctype html><html><body><main><ul>{cards}</ul></main>"
    httpserver.expect_request("/projets").respond_with_data(page)
    for n in range(FEW + 15):
        article = f"<!doctype html><html><main><h1>Projet numéro {n}</h1><p>{TEXT * 4}{n}</main>"
        httpserver.expect_request(f"/p/{n}").respond_with_data(article)
    report = try_address(httpserver.url_for("/projets"))
    assert report.problem == ""
    assert (report.connector, report.counts["seen"]) == ("html", FEW)
    assert len(httpserver.log) < FEW + 12


def test_a_closed_site_says_that_it_wants_credentials(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request("/api").respond_with_data("", status=401)
    report = try_address(httpserver.url_for("/api"))
    assert report.to_json()["needs_access"] is True
    assert "protégée" in report.problem
    assert report.exit_status == 2


def test_rows_already_read_are_tried_without_any_request(db: None) -> None:
    from partners.connectors import RawRow

    source: Source = SourceFactory(mapping=MAPPING, url="https://injoignable.exemple.fr/f.csv")
    rows = [RawRow(row(n), f"ligne {n}") for n in (1, 2)] + [RawRow(row(3, titre=""), "ligne 3")]
    report = try_rows(source, rows)
    assert (report.counts["seen"], report.counts["rejected"]) == (3, 1)
    assert [p["external_id"] for p in report.preview] == ["p1", "p2"]
    assert not SourceRecord.objects.exists()
