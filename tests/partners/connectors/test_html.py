"""Sites without API: lists and pages read by selectors, or as they come; sitemaps."""

import datetime
import gzip
import re
from collections.abc import Callable
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from carrefour.http import Fetcher
from partners.connectors import SourceError, connect
from partners.connectors.selector_proposal import propose_selectors
from tests.partners.connectors.conftest import Read, sample

HTML = "text/html; charset=utf-8"
SITEMAP = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
Serve = Callable[..., str]


def listing(*numbers: int, following: str = "") -> str:
    blocks = "".join(
        f'<li class="fiche"><h2><a href="/p/{n}">Projet {n}</a></h2><i>ville {n}</i></li>'
        for n in numbers
    )
    link = f'<a class="suite" href="{following}">Suite</a>' if following else ""
    return f"<ul>{blocks}</ul>{link}"


@pytest.fixture
def pages(httpserver: HTTPServer) -> dict[str, str | int]:
    """A site: path with its query → HTML, or a status; each record's page unless said otherwise."""
    held: dict[str, str | int] = {}

    def answer(request: Request) -> Response:
        asked = request.full_path.rstrip("?")
        said = held.get(asked)
        if said is None and request.path.startswith("/p/"):
            number = request.path.rpartition("/")[2]
            said = f"<h1>Projet {number}</h1><p class=quoi>Ce que fait le projet {number}.</p>"
        if said is None or isinstance(said, int):
            return Response("", said or 404)
        return Response(said, content_type=HTML)

    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    for pattern in ("/liste", "/autre", "/p/"):
        httpserver.expect_request(re.compile(f"^{pattern}")).respond_with_handler(answer)
    return held


def test_a_list_and_its_pages_are_read_by_selectors(
    httpserver: HTTPServer, pages: dict[str, str | int], read: Read
) -> None:
    pages["/liste"] = listing(1, 2, following="/liste?page=2")
    pages["/liste?page=2"] = listing(3)
    rows = read(
        "html",
        httpserver.url_for("/liste"),
        items="li.fiche",
        next="a.suite",
        fields={"titre": "h1", "texte": {"css": ".quoi", "html": True}},
        item_fields={"ville": "i", "lien": "h2 a@href"},
    )
    assert [r.data["titre"] for r in rows] == ["Projet 1", "Projet 2", "Projet 3"]
    assert rows[0].data == {
        "ville": "ville 1",
        "lien": httpserver.url_for("/p/1"),
        "titre": "Projet 1",
        "texte": "Ce que fait le projet 1.",
        "url": httpserver.url_for("/p/1"),
    }
    assert rows[2].url == rows[2].external_id == httpserver.url_for("/p/3")
    assert rows[2].position == "page 2, rang 1"
    assert read.connector.is_complete  # type: ignore[attr-defined]
    assert read.connector.warnings == []  # type: ignore[attr-defined]


def test_numbered_pages_end_when_nothing_new_comes(
    httpserver: HTTPServer, pages: dict[str, str | int], read: Read
) -> None:
    for number, held in enumerate([(1, 2), (3, 4), (3, 4), (5,)]):
        pages[f"/liste?tri=nom&page={number}" if number else "/liste?tri=nom"] = listing(*held)
    rows = read(
        "html",
        httpserver.url_for("/liste?tri=nom"),
        items=".fiche",
        page_param="page",
        first_page=0,
        fields={"titre": "h1"},
    )
    assert [r.data["titre"] for r in rows] == [f"Projet {n}" for n in (1, 2, 3, 4)]


def test_a_record_without_page_is_its_block(
    httpserver: HTTPServer, pages: dict[str, str | int], read: Read
) -> None:
    pages["/liste"] = pages["/liste?page=2"] = listing(1, 2)
    rows = read(
        "html",
        httpserver.url_for("/liste"),
        items=".fiche",
        link="",
        page_param="page",
        fields={"titre": "h2", "ville": "i"},
    )
    assert [r.data for r in rows] == [
        {"titre": "Projet 1", "ville": "ville 1"},
        {"titre": "Projet 2", "ville": "ville 2"},
    ]
    assert (rows[0].url, rows[0].external_id) == ("", None)


def test_several_lists_give_each_record_once(
    httpserver: HTTPServer, pages: dict[str, str | int], read: Read
) -> None:
    pages["/liste"], pages["/autre"] = listing(1, 2), listing(2, 3)
    rows = read(
        "html",
        httpserver.url_for("/liste"),
        items=".fiche",
        starts=[httpserver.url_for("/autre")],
        fields={"titre": "h1"},
    )
    assert [r.data["titre"] for r in rows] == ["Projet 1", "Projet 2", "Projet 3"]


def test_without_fields_a_page_is_read_as_it_comes(serve: Serve, read: Read) -> None:
    serve("/initiatives/1", sample("page-fiche.html"), HTML)
    url = serve("/initiatives", sample("page-liste.html"), HTML)
    (row,) = read("html", url, items=".carte-1")
    assert row.data["title"] == "Atelier de réparation"
    assert row.data["description"] == "Des habitants réparent ensemble leurs objets."
    assert row.data["image"].endswith("/photos/1.jpg")
    assert row.data["tags"] == ["Réemploi", "Lien social"]
    assert (
        row.data["content"].startswith("<p>Chaque samedi") or "Chaque samedi" in row.data["content"]
    )
    assert row.data["Commune"] == "Nantes"
    assert row.data["Publics"] == ["Familles", "Jeunes"]
    assert row.data["Année"] == "2019"
    assert row.data["Porteur du projet"] == "Association de quartier"
    assert row.data["Domaine"] == "Économie circulaire"
    assert row.data["Téléphone"] == "sur demande"
    assert row.data["schema_headline"] == "Atelier de réparation"
    assert row.date == "2024-02-01T10:00:00+01:00"


def test_a_field_may_be_an_attribute_several_values_or_what_follows_a_label(
    serve: Serve, read: Read
) -> None:
    serve("/initiatives/1", sample("page-fiche.html"), HTML)
    url = serve("/initiatives", sample("page-liste.html"), HTML)
    (row,) = read(
        "html",
        url,
        items=".carte-1",
        fields={
            "mots": {"css": ".tags a", "all": True},
            "site": "strong:lexbor-contains('Site') + a@href",
            "porteur": {"label": "porteur du projet"},
            "vide": ".absent",
        },
    )
    assert row.data["mots"] == ["Réemploi", "Lien social"]
    assert row.data["site"] == "https://atelier.exemple.fr/"
    assert row.data["porteur"] == "Association de quartier"
    assert "vide" not in row.data
    assert "« vide »" in read.connector.warnings[0]  # type: ignore[attr-defined]


def test_a_page_that_cannot_be_read_is_told_and_forbids_withdrawal(
    httpserver: HTTPServer, pages: dict[str, str | int], read: Read
) -> None:
    pages["/liste"], pages["/p/2"] = listing(1, 2, 3), 404
    options: dict[str, Any] = {"items": ".fiche", "fields": {"titre": "h1"}}
    assert len(read("html", httpserver.url_for("/liste"), **options)) == 2
    assert read.connector.is_complete  # type: ignore[attr-defined]
    assert "n’a pas pu être lue" in read.connector.warnings[0]  # type: ignore[attr-defined]
    pages["/p/2"] = 500
    assert len(read("html", httpserver.url_for("/liste"), **options)) == 2
    assert not read.connector.is_complete  # type: ignore[attr-defined]


def test_the_sample_page_tells_that_a_selector_no_longer_finds(
    httpserver: HTTPServer, pages: dict[str, str | int], fetcher: Fetcher
) -> None:
    pages["/liste"] = listing(1)
    fields = {"titre": "h1", "texte": ".quoi", "absent": ".rien"}
    url, options = httpserver.url_for("/liste"), {"items": ".fiche", "fields": fields}
    kept = connect("html", url, options, fetcher).sample_of(httpserver.url_for("/p/1"))  # type: ignore[attr-defined]
    assert kept["values"] == {"titre": "Projet 1", "texte": "Ce que fait le projet 1."}
    same = connect("html", url, {**options, "sample": kept}, fetcher)
    assert len(list(same.rows())) == 1
    assert same.is_complete
    pages["/p/1"] = "<h1>Projet 1</h1><p class=autrement>Ce que fait le projet 1.</p>"
    changed = connect("html", url, {**options, "sample": kept}, fetcher)
    list(changed.rows())
    assert not changed.is_complete
    assert "ne donne plus « texte »" in changed.warnings[0]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "items"),
        ({"items": ".absent"}, "ne trouve aucune fiche"),
        ({"items": "li[["}, "Sélecteur CSS illisible"),
        ({"items": ".fiche", "fields": {"titre": 3}}, "attend un sélecteur"),
        ({"items": ".fiche", "fields": {"titre": "h1 >>> a"}}, "Sélecteur CSS illisible"),
        ({"sitemap": True}, "plan"),
        ({"items": ".fiche", "match": "("}, "expression régulière"),
    ],
    ids=lambda v: str(v)[:30],
)
def test_what_cannot_be_read_is_told(
    httpserver: HTTPServer,
    pages: dict[str, str | int],
    read: Read,
    options: dict[str, Any],
    said: str,
) -> None:
    pages["/liste"] = listing(1)
    for path in ("/sitemap.xml", "/sitemap_index.xml", "/wp-sitemap.xml"):
        httpserver.expect_request(path).respond_with_data("", status=404)
    with pytest.raises(SourceError, match=said):
        read("html", httpserver.url_for("/liste"), **options)


def test_an_interrupted_list_goes_on_from_its_page(
    httpserver: HTTPServer, pages: dict[str, str | int], fetcher: Fetcher
) -> None:
    pages["/liste"] = listing(1, 2, following="/liste?page=2")
    pages["/liste?page=2"] = listing(3, 4)
    options = {"items": ".fiche", "next": ".suite", "fields": {"titre": "h1"}}
    url = httpserver.url_for("/liste")
    first = connect("html", url, options, fetcher)
    rows = first.rows()
    assert [next(rows).data["titre"] for _ in range(3)] == ["Projet 1", "Projet 2", "Projet 3"]
    again = connect("html", url, options, fetcher)
    assert [r.data["titre"] for r in again.rows(resume=first.cursor)] == ["Projet 3", "Projet 4"]


def entry(url: str, changed: str = "") -> str:
    return f"<url><loc>{url}</loc><lastmod>{changed}</lastmod></url>"


def test_the_pages_of_a_sitemap_index_gz_included(
    httpserver: HTTPServer, pages: dict[str, str | int], serve: Serve, read: Read
) -> None:
    first = SITEMAP + "".join(entry(httpserver.url_for(f"/p/{n}")) for n in (1, 2)) + "</urlset>"
    second = httpserver.url_for("/p/3") + "\n" + httpserver.url_for("/equipe") + "\n"
    children = [
        serve("/a.xml.gz", gzip.compress(first.encode()), "application/gzip"),
        serve("/b.txt", second, "text/plain"),
        httpserver.url_for("/absent.xml"),
    ]
    httpserver.expect_request("/absent.xml").respond_with_data("", status=404)
    index = "".join(f"<sitemap><loc>{c}</loc></sitemap>" for c in children)
    url = serve("/sitemap.xml", f"<sitemapindex>{index}</sitemapindex>")
    rows = read("html", url, sitemap=True, match="/p/", fields={"titre": "h1"})
    assert [r.data["titre"] for r in rows] == ["Projet 1", "Projet 2", "Projet 3"]
    assert not read.connector.is_complete  # type: ignore[attr-defined]
    assert "Partie du plan du site non lue" in read.connector.warnings[0]  # type: ignore[attr-defined]


def test_only_the_pages_that_changed_are_read(
    httpserver: HTTPServer, pages: dict[str, str | int], serve: Serve, fetcher: Fetcher
) -> None:
    dates = {1: "2024-01-01", 2: "2024-03-05T10:00:00+01:00", 3: "", 4: "2024-03-01T08:00:00Z"}
    entries = "".join(entry(httpserver.url_for(f"/p/{n}"), d) for n, d in dates.items())
    url = serve("/sitemap.xml", f"{SITEMAP}{entries}</urlset>")
    connector = connect("html", url, {"sitemap": True, "fields": {"titre": "h1"}}, fetcher)
    assert connector.can_read_since
    since = datetime.datetime(2024, 3, 2, tzinfo=datetime.UTC)
    rows = list(connector.rows(since=since))
    assert [r.data["titre"] for r in rows] == ["Projet 2", "Projet 3"]
    assert rows[0].date == "2024-03-05T10:00:00+01:00"


def test_a_sitemap_leads_to_no_other_site(
    serve: Serve, httpserver: HTTPServer, read: Read, pages: dict[str, str | int]
) -> None:
    entries = entry("https://ailleurs.exemple.fr/p/1") + entry(httpserver.url_for("/p/1"))
    url = serve("/sitemap.xml", f"{SITEMAP}{entries}</urlset>")
    assert len(read("html", url, sitemap=True, fields={"titre": "h1"})) == 1


def test_the_sitemap_is_found_from_the_sites_robots_txt(
    httpserver: HTTPServer, serve: Serve, read: Read
) -> None:
    httpserver.clear()
    plan = httpserver.url_for("/plan.xml")
    serve("/robots.txt", f"User-agent: *\nDisallow:\nSitemap: {plan}\n", "text/plain")
    serve("/plan.xml", f"{SITEMAP}{entry(httpserver.url_for('/p/1'))}</urlset>")
    serve("/p/1", "<h1>Projet 1</h1>", HTML)
    rows = read("html", httpserver.url_for("/"), sitemap=True, fields={"titre": "h1"})
    assert [r.data["titre"] for r in rows] == ["Projet 1"]


def test_the_selectors_of_a_list_are_proposed() -> None:
    page = sample("page-liste.html").decode()
    assert propose_selectors(page, "https://exemple.fr/initiatives") == {
        "items": "div.carte",
        "link": "h3 a",
        "next": ".pager-next a",
    }


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("<table>" + "".join(
            f"<tr><td>Projet {n} du quartier</td><td><a href='/p/{n}'>voir la fiche {n}</a></td>"
            "</tr>" for n in range(6)) + "</table>", {"items": "tr", "link": "a"}),
        ("<table><tr><th>Projet</th><th>Ville</th></tr>" + "".join(
            f"<tr><td><a href='/p/{n}'>Projet {n} du quartier</a></td><td>Nantes {n}</td></tr>"
            for n in range(6)) + "</table>", {
                "items": "tr", "link": "a", "item_fields": {
                    "Projet": "td:nth-child(1), th:nth-child(1)",
                    "Ville": "td:nth-child(2), th:nth-child(2)"}}),
        ("<section id=grille>" + "".join(
            f"<a href='/p/{n}'><h3>Projet {n}</h3><p>Ce que fait le projet numéro {n}</p></a>"
            for n in range(6)) + "</section>", {"items": "a", "link": "a"}),
        ("<main>" + "".join(
            f"<article><h2>Projet {n}</h2><p>Ce que fait le projet numéro {n}.</p></article>"
            for n in range(6)) + "</main>", {"items": "article", "link": ""}),
        ("<p>Rien ici qu’un texte.</p>", {}),
    ],
    ids=["a-table", "a-table-with-titles", "whole-cards", "records-without-page", "no-list"],
)  # fmt: skip
def test_the_selectors_of_other_lists(page: str, said: dict[str, str]) -> None:
    assert propose_selectors(f"<body>{page}</body>", "https://exemple.fr/") == said
