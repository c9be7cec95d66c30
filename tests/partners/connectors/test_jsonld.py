"""schema.org things told in JSON-LD by a site's pages."""

import datetime
import json
from collections.abc import Callable
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from carrefour.http import Fetcher
from partners.connectors import SourceError, connect
from tests.partners.connectors.conftest import Read, sample

Serve = Callable[..., str]
HTML = "text/html; charset=utf-8"


def page(*things: Any) -> str:
    scripts = (
        f'<script type="application/ld+json">{t if isinstance(t, str) else json.dumps(t)}</script>'
        for t in things
    )
    return f"<html><head>{''.join(scripts)}</head><body><h1>Page</h1></body></html>"


def sitemap(server: HTTPServer, serve: Serve, dates: dict[str, str]) -> str:
    entries = "".join(
        f"<url><loc>{server.url_for(path)}</loc><lastmod>{date}</lastmod></url>"
        for path, date in dates.items()
    )
    return serve("/sitemap.xml", f"<urlset>{entries}</urlset>")


def test_the_main_thing_of_a_page_is_its_record(serve: Serve, read: Read) -> None:
    url = serve("/p/1", sample("page-jsonld.html"), HTML)
    (row,) = read("jsonld", url)
    assert row.data["name"] == "Atelier de réparation"
    assert row.data["location"]["address"]["addressLocality"] == "Nantes"
    assert row.data["funder"]["name"] == "L’association"
    assert (row.url, row.external_id) == (url, url)
    assert row.licence == "cc-by-sa-4.0"
    assert row.date == "2024-02-01T10:00:00+01:00"


@pytest.mark.parametrize(
    ("things", "names"),
    [
        ([[{"@type": "Event", "name": "A"}, {"@type": "Event", "name": "B"}]], ["A", "B"]),
        ([{"@type": "ItemList", "itemListElement": [
            {"@type": "ListItem", "item": {"@type": "Place", "name": "A", "url": "/a"}},
            {"@type": "ListItem", "item": {"@type": "Place", "name": "B", "url": "/b"}},
        ]}], ["A", "B"]),
        ([{"@type": "WebPage", "mainEntity": {"@type": "https://schema.org/Product", "name": "A"}}],
         ["A"]),
        (['{"@type": "Event", "name": "A", "description": "sur\ndeux lignes",}'], ["A"]),
        (['{&quot;@type&quot;: &quot;Event&quot;, &quot;name&quot;: &quot;A&quot;}'], ["A"]),
        (['<!-- {"@type": "Event", "name": "A"} -->'], ["A"]),
        ([[{"@type": "Event", "@id": "#e", "name": name} for name in "AB"]], ["A", "B"]),
    ],
    ids=[
        "an-array", "an-item-list", "a-main-entity", "line-end-and-comma", "escaped", "commented",
        "one-number-for-two-things",
    ],
)  # fmt: skip
def test_things_however_they_are_written(
    serve: Serve, read: Read, things: list[Any], names: list[str]
) -> None:
    rows = read("jsonld", serve("/p", page(*things), HTML))
    assert [r.data["name"] for r in rows] == names
    assert len({r.external_id for r in rows}) == len(rows)


def test_the_types_asked_for_are_all_kept(serve: Serve, read: Read) -> None:
    url = serve("/p/1", sample("page-jsonld.html"), HTML)
    rows = read("jsonld", url, types=["Organization", "Place"])
    assert [r.data["name"] for r in rows] == ["L’association", "La halle"]


def test_the_pages_of_a_sitemap_and_what_they_lack(
    httpserver: HTTPServer, serve: Serve, read: Read
) -> None:
    url = sitemap(httpserver, serve, {"/p/1": "", "/p/2": "", "/equipe": "", "/absent": ""})
    organiser = {"@type": "Organization", "@id": "https://exemple.fr/#nous", "name": "Nous"}
    serve("/p/1", page({"@type": "Project", "name": "A", "publisher": organiser}), HTML)
    serve("/p/2", page({"@type": "Project", "name": "B"}, organiser), HTML)
    serve("/equipe", "<h1>Notre équipe</h1>", HTML)
    httpserver.expect_request("/absent").respond_with_data("", status=404)
    rows = read("jsonld", url, sitemap=True)
    assert [r.data["name"] for r in rows] == ["A", "B"]
    assert rows[0].external_id == httpserver.url_for("/p/1")
    warnings = " ".join(read.connector.warnings)  # type: ignore[attr-defined]
    assert "Pages non lues : 1." in warnings
    assert "Pages sans fiche en JSON-LD : 1 sur 3." in warnings
    assert read.connector.is_complete  # type: ignore[attr-defined]


def test_a_thing_told_on_every_page_is_one_record(
    httpserver: HTTPServer, serve: Serve, read: Read
) -> None:
    url = sitemap(httpserver, serve, {"/p/1": "", "/p/2": ""})
    place = {"@type": "Place", "@id": "https://exemple.fr/#halle", "name": "La halle"}
    serve("/p/1", page(place), HTML)
    serve("/p/2", page(place), HTML)
    assert [r.data["name"] for r in read("jsonld", url, sitemap=True)] == ["La halle"]


def test_an_unreadable_block_forbids_withdrawal(
    httpserver: HTTPServer, serve: Serve, read: Read
) -> None:
    url = sitemap(httpserver, serve, {"/p/1": "", "/p/2": ""})
    serve("/p/1", page({"@type": "Project", "name": "A"}), HTML)
    serve("/p/2", page('{"@type": "Project", "name": "B'), HTML)
    assert len(read("jsonld", url, sitemap=True)) == 1
    assert not read.connector.is_complete  # type: ignore[attr-defined]
    assert "illisible : 1" in " ".join(read.connector.warnings)  # type: ignore[attr-defined]


def test_only_the_pages_that_changed_are_read(
    httpserver: HTTPServer, serve: Serve, fetcher: Fetcher
) -> None:
    url = sitemap(httpserver, serve, {"/p/1": "2024-01-01", "/p/2": "2024-05-01"})
    serve("/p/2", page({"@type": "Project", "name": "B"}), HTML)
    connector = connect("jsonld", url, {"sitemap": True}, fetcher)
    since = datetime.datetime(2024, 3, 1, tzinfo=datetime.UTC)
    assert connector.can_read_since
    assert [r.data["name"] for r in connector.rows(since=since)] == ["B"]
    assert connector.warnings == []


def test_a_list_leads_to_the_pages(serve: Serve, read: Read) -> None:
    serve("/p/1", page({"@type": "Project", "name": "A"}), HTML)
    url = serve("/liste", "<ul><li class=f><a href='/p/1'>A</a></li></ul>", HTML)
    assert [r.data["name"] for r in read("jsonld", url, items=".f")] == ["A"]


def test_pages_without_json_ld_are_told(serve: Serve, read: Read) -> None:
    with pytest.raises(SourceError, match="Aucune de ces pages"):
        read("jsonld", serve("/p", "<h1>Bonjour</h1>", HTML))


def test_a_document_that_is_json_ld_itself(serve: Callable[..., str], read: Read) -> None:
    graph = [{"@type": "Project", "@id": f"/p/{n}", "name": f"Projet {n}"} for n in range(3)]
    document = json.dumps({"@context": "https://schema.org", "@graph": graph})
    assert [r.data["name"] for r in read("jsonld", serve("/d", document))] == [
        "Projet 0", "Projet 1", "Projet 2",
    ]  # fmt: skip
