"""What an address leads to, told by its content alone."""

import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from carrefour.http import Fetcher
from partners.connectors import SourceError
from partners.detection import detect
from partners.detection.probe import REQUESTS
from partners.trial import try_address
from tests.partners.connectors.conftest import sample
from tests.partners.connectors.test_spreadsheet import workbook

At = Callable[..., str]


@pytest.fixture
def fetcher(httpserver: HTTPServer) -> Iterator[Fetcher]:
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    with Fetcher(allow_hosts=[httpserver.host]) as fetcher:
        yield fetcher


@pytest.fixture
def at(httpserver: HTTPServer) -> At:
    """Serve a content at a path, whatever its query; the address."""

    def serve(content: bytes | str, path: str = "/x", kind: str = "") -> str:
        def answer(request: Request) -> Response:
            response = Response(content)
            del response.headers["Content-Type"]
            return response if not kind else Response(content, content_type=kind)

        httpserver.expect_request(path).respond_with_handler(answer)
        return httpserver.url_for(path)

    return serve


def zipped(**files: str) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return output.getvalue()


def tarball(*names: str) -> bytes:
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w:gz") as archive:
        for name in names:
            content = b"---\ntitle: Fiche\n---\nTexte\n"
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return output.getvalue()


ITEMS = [{"id": 1, "nom": "a"}, {"id": 2, "nom": "b"}]
PAGE_MD = "---\ntitle: Fiche\n---\nTexte\n"
YAML_LIST = "- titre: Atelier\n  ville: Nantes\n- titre: Jardin\n  ville: Paris\n"
YAML_MAP = "atelier:\n  titre: Atelier\n  ville: Nantes\njardin:\n  titre: Jardin\n  ville: Paris\n"
OAI = (
    '<?xml version="1.0"?>\n<!-- entrepôt -->\n<OAI-PMH '
    'xmlns="http://www.openarchives.org/OAI/2.0/"><error code="badVerb"/></OAI-PMH>'
)
XML = "<liste><fiche><nom>a</nom></fiche><fiche><nom>b</nom></fiche></liste>"
RDF = (
    '<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    'xmlns="http://purl.org/rss/1.0/"><item rdf:about="http://exemple.fr/1"><title>a</title>'
    "<link>http://exemple.fr/1</link></item></rdf:RDF>"
)
RESOURCE = {"id": "7a", "url": "http://exemple.fr/f.csv", "format": "csv", "title": "f"}
LINES = "\n".join(json.dumps(i) for i in ITEMS)
CASES: dict[str, tuple[Any, str]] = {
    "csv": (sample("spreadsheet.csv"), "spreadsheet"),
    "tsv": ("id\ttitre\n1\tÉpicerie\n", "spreadsheet"),
    "csv in windows-1252": ("id;titre\n1;Épicerie\n".encode("cp1252"), "spreadsheet"),
    "workbook": (workbook(("a", [["id", "titre"], [1, "x"]])), "spreadsheet"),
    "csv in a zip": (zipped(fiches_dot_csv="id;titre\n1;a\n"), "spreadsheet"),
    "markdown in a zip": (zipped(a__x_dot_md=PAGE_MD, a__y_dot_md=PAGE_MD), "markdown"),
    "markdown in a tarball": (tarball("a/x.md", "a/y.md", "a/README.md"), "markdown"),
    "yaml list": (YAML_LIST, "markdown"),
    "yaml map": (YAML_MAP, "markdown"),
    "one markdown page": (PAGE_MD, "markdown"),
    "spip feed": (sample("feed-spip.xml"), "feed"),
    "rss 1.0": (RDF, "feed"),
    "json feed": (
        json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": ITEMS}),
        "feed",
    ),
    "oai-pmh": (OAI, "oaipmh"),
    "xml": (XML, "xml"),
    "geojson": (sample("geojson.json"), "json"),
    "json list": (json.dumps(ITEMS), "json"),
    "json lines": (LINES, "json"),
    "json by identifier": (json.dumps({"a1": ITEMS[0], "a2": ITEMS[1]}), "json"),
    "wordpress index": (json.dumps({"name": "x", "namespaces": ["wp/v2"]}), "wordpress"),
    "udata data set": (
        json.dumps({"id": "5e", "page": "http://exemple.fr/", "resources": [RESOURCE]}),
        "udata",
    ),
    "ckan data set": (
        json.dumps({"success": True, "result": {"id": "5e", "resources": [RESOURCE]}}),
        "ckan",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_content_tells(at: At, fetcher: Fetcher, case: str) -> None:
    content, connector = CASES[case]
    found = detect(at(content), fetcher)
    assert found.connector == connector
    assert found.confidence >= 0.6


PAGES: dict[str, tuple[Any, dict[str, Any]]] = {
    "an address in an envelope": (
        {"meta": {"total": 2, "next": "/x?page=2"}, "entities": ITEMS},
        {"path": "entities", "next": "meta.next", "total": "meta.total"},
    ),
    "an address, none today": (
        {"count": 2, "next": None, "previous": None, "results": ITEMS},
        {"path": "results", "next": "next", "total": "count"},
    ),
    "a HAL link": (
        {"_links": {"next": {"href": "/x?p=2"}}, "items": ITEMS},
        {"path": "items", "next": "_links.next.href"},
    ),
    "page numbers": (
        {"page": 1, "total": 90, "items": ITEMS},
        {"path": "items", "total": "total", "page_param": "page"},
    ),
    "ranks": (
        {"offset": 0, "limit": 2, "count": 90, "items": ITEMS},
        {"path": "items", "total": "count", "offset_param": "offset", "size_param": "limit",
         "size": 2},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", PAGES)
def test_an_answer_tells_how_it_goes_on(at: At, fetcher: Fetcher, case: str) -> None:
    document, options = PAGES[case]
    found = detect(at(json.dumps(document)), fetcher)
    assert (found.connector, found.options) == ("json", options)


def test_a_full_page_is_asked_for_its_following_one(
    httpserver: HTTPServer, fetcher: Fetcher
) -> None:
    def answer(request: Request) -> Response:
        start = 20 * (request.args.get("page", 1, int) - 1)
        return Response(json.dumps([{"id": n, "nom": "a"} for n in range(start, start + 20)]))

    httpserver.expect_request("/api").respond_with_handler(answer)
    assert detect(httpserver.url_for("/api"), fetcher).options == {"page_param": "page"}


def test_pages_that_are_all_the_same_are_one(at: At, fetcher: Fetcher) -> None:
    found = detect(at(json.dumps([{"id": n} for n in range(20)])), fetcher)
    assert found.options == {}


def test_a_page_leads_to_its_feed_or_to_its_api(at: At, fetcher: Fetcher) -> None:
    feed = at(sample("feed-spip.xml"), "/backend", "text/xml")
    page = '<!doctype html><html><link rel="alternate" type="application/rss+xml" href="/backend">'
    found = detect(at(page, "/page", "text/html"), fetcher)
    assert (found.connector, found.url) == ("feed", feed)
    assert found.warnings
    types = {"post": {"rest_base": "posts"}, "projet": {"rest_base": "projets"}}
    at(json.dumps(types), "/wp-json/wp/v2/types")
    page = '<!doctype html><html><link rel="https://api.w.org/" href="/wp-json/">' + page
    found = detect(at(page, "/blog", "text/html"), fetcher)
    assert (found.connector, found.options) == ("wordpress", {"type": "projets"})
    others = [(other.connector, other.options) for other in found.alternatives]
    assert others == [("feed", {"full_article": True}), ("wordpress", {})]


def test_the_page_of_a_data_set_leads_to_its_catalogue(at: At, fetcher: Fetcher) -> None:
    told = at(json.dumps({"id": "5e", "resources": [RESOURCE]}), "/api/1/datasets/fiches/")
    page = at("<!doctype html><html><p>Fiches", "/fr/datasets/fiches/", "text/html")
    found = detect(page, fetcher)
    assert (found.connector, found.url) == ("udata", told)


def test_a_site_is_read_by_its_list_or_by_its_site_map(
    httpserver: HTTPServer, at: At, fetcher: Fetcher
) -> None:
    cards = "".join(
        f"<li><h3><a href='/p/{n}'>Projet numéro {n}</a></h3><p>Des habitants réparent ensemble "
        f"les objets du quotidien, {n}.</p></li>"
        for n in range(8)
    )
    page = at(f"<!doctype html><html><body><main><ul>{cards}</ul></main>", "/projets")
    found = detect(page, fetcher)
    assert found.connector == "html"
    assert "items" in found.options
    thing = {"@context": "https://schema.org", "@type": "Project", "name": "a"}
    script = f'<script type="application/ld+json">{json.dumps(thing)}</script>'
    urls = "".join(f"<url><loc>{at(f'<html>{script}', f'/q/{n}')}</loc></url>" for n in range(5))
    site_map = at(f'<?xml version="1.0"?><urlset xmlns="x">{urls}</urlset>', "/plan.xml")
    found = detect(site_map, fetcher)
    assert (found.connector, found.options) == ("jsonld", {"sitemap": True})
    assert found.alternatives[0].connector == "html"


def test_a_compressed_site_map_is_one(at: At, fetcher: Fetcher) -> None:
    page = at("<html><article>Texte", "/p/1")
    text = f'<?xml version="1.0"?><urlset xmlns="x"><url><loc>{page}</loc></url></urlset>'
    found = detect(at(gzip.compress(text.encode()), "/plan.gz"), fetcher)
    assert (found.connector, found.options) == ("html", {"sitemap": True})


@pytest.mark.parametrize("connector", ["", "jsonld"])
def test_a_compressed_site_map_that_is_damaged_is_told_and_raises_nothing(
    at: At, connector: str
) -> None:
    urls = "".join(f"<url><loc>http://exemple.fr/{n}</loc></url>" for n in range(500))
    damaged = bytearray(gzip.compress(f"<urlset>{urls}</urlset>".encode()))
    damaged[60:90] = b"\xff" * 30
    report = try_address(at(bytes(damaged), "/plan.xml.gz"), connector=connector)
    assert report.problem


def test_the_sheet_that_says_most_is_read(at: At, fetcher: Fetcher) -> None:
    notes: list[list[object]] = [["clé", "valeur"], ["a", "b"], ["c", "d"], ["e", "f"]]
    places: list[list[object]] = [["nom", "texte"]]
    places += [[f"Lieu {n}", "Un lieu où l’on répare " * 5] for n in range(9)]
    found = detect(at(workbook(("Notice", notes), ("Lieux", places))), fetcher)
    assert found.options == {"sheet": "Lieux"}
    assert [a.options for a in found.alternatives] == [{"sheet": "Notice"}]
    assert any("« Lieux »" in w for w in found.warnings)


def test_a_site_that_refuses_us_says_that_it_wants_credentials(
    httpserver: HTTPServer, fetcher: Fetcher
) -> None:
    httpserver.expect_request("/wp-json/wp/v2/projets").respond_with_data("", status=401)
    found = detect(httpserver.url_for("/wp-json/wp/v2/projets"), fetcher)
    assert found.needs_access
    assert found.connector == "wordpress"
    assert "protégée" in found.warnings[0]


def test_few_questions_are_put(httpserver: HTTPServer, at: At, fetcher: Fetcher) -> None:
    links = "".join(
        f'<link rel="alternate" type="application/rss+xml" href="/f{n}">' for n in range(30)
    )
    page = at(f"<!doctype html><html>{links}<a href='/wp-content/x'>gogocarto</a>", "/page")
    with pytest.raises(SourceError):
        detect(page, fetcher)
    asked = [entry for entry in fetcher.journal if not entry["url"].endswith("/robots.txt")]
    assert 2 < len(asked) <= REQUESTS + 1


def test_what_cannot_be_read_is_told(at: At, fetcher: Fetcher) -> None:
    contents: list[bytes | str] = [
        "Bonjour.", "<!doctype html><html><p>Rien", "{}", b"\x89PNG", "", b"%PDF-1.7", b"PK\x03\x04"
    ]  # fmt: skip
    for number, content in enumerate(contents):
        told = "le document est vide" if content == "" else "reconnu|format|enregistrez"
        with pytest.raises(SourceError, match=told):
            detect(at(content, f"/{number}"), fetcher)


@pytest.mark.django_db
def test_a_list_of_names_one_a_line(at: At, fetcher: Fetcher) -> None:
    names = ["Initiatives", "Atelier vélo", "Café des parents", "L’épicerie", "Toit partagé"]
    found = detect(at("\n".join(names)), fetcher)
    assert (found.connector, found.confidence) == ("spreadsheet", 0.4)
    report = try_address(found.url)
    assert (report.counts["seen"], report.mapping["title"]["path"]) == (4, "Initiatives")


@pytest.mark.parametrize(
    "text",
    [
        "Bonjour.\nVoici le compte rendu.\nIl est long.\nÀ bientôt.\n",
        "import os\nx = 1\nif x:\n    print(x)\nelse:\n    pass\n",
        "Atelier\n\nUn texte\n\nUn autre\n\nLa fin\n",
    ],
)
def test_prose_and_code_are_no_list_of_names(at: At, fetcher: Fetcher, text: str) -> None:
    with pytest.raises(SourceError, match="reconnu"):
        detect(at(text), fetcher)


def test_a_connector_may_be_imposed(at: At, fetcher: Fetcher) -> None:
    assert detect(at("Bonjour."), fetcher, "feed").connector == "feed"
