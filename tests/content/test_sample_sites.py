"""The sample partner sites: links lead somewhere, formats parse, « exemple » everywhere."""

import csv
import io
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import feedparser
import openpyxl
import pytest
from PIL import Image, ImageChops, ImageStat
from selectolax.lexbor import LexborHTMLParser

from carrefour.demo import illustrations
from innovations.licences import Licence
from partners.connectors import CONNECTORS
from partners.mapping.rules import parse
from partners.models.partner import PartnerKind
from partners.models.source import Frequency
from tests.content.files import BASE, CODES, PARTNERS, SITES, VOCABULARIES

NAMES = sorted(p.name for p in SITES.iterdir() if p.is_dir())
PAGES = sorted(SITES.rglob("*.html"))
TABLE_OF = {"theme": "themes", "public": "publics", "method": "methods"}


def relative(path: Path) -> str:
    return str(path.relative_to(SITES))


def routes(site: str) -> list[dict[str, Any]]:
    text = (SITES / site / "site.toml").read_text(encoding="utf-8")
    return list(tomllib.loads(text)["routes"])


def answers(site: str, address: str) -> bool:
    """Whether the site serves that path (query included): a route, a file or a folder's index."""
    parts = urlsplit(address)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    for route in routes(site):
        wanted = route.get("query", {})
        if route["path"].rstrip("/") == parts.path.rstrip("/") and wanted.items() <= query.items():
            return True
    path = SITES / site / parts.path.lstrip("/")
    return path.is_file() or (path / "index.html").is_file()


def texts(site: str) -> Iterator[tuple[Path, str]]:
    for path in sorted((SITES / site).rglob("*")):
        if path.suffix in {".json", ".xml", ".html"}:
            yield path, path.read_text(encoding="utf-8")
        elif path.suffix == ".csv":
            yield path, path.read_text(encoding="windows-1252")


def test_each_partner_has_its_site() -> None:
    assert sorted(p["site"] for p in PARTNERS) == NAMES


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_a_page_is_marked_and_its_links_lead_somewhere(page: Path) -> None:
    tree = LexborHTMLParser(page.read_text(encoding="utf-8"))
    html, title, footer = tree.css_first("html"), tree.css_first("title"), tree.css_first("footer")
    assert html is not None
    assert html.attributes["lang"] == "fr"
    assert title is not None
    assert "(exemple)" in title.text()
    assert footer is not None
    assert footer.text().strip().startswith("Site d’exemple — données tirées des sources publiques")
    assert len(tree.css("h1")) == 1
    for node in tree.css("a[href], link[href]"):
        address = node.attributes["href"] or ""
        if address.startswith((BASE, "http")):
            continue
        target = (page.parent / urlsplit(address).path).resolve()
        site = page.relative_to(SITES).parts[0]
        assert (
            target.is_file() or (target / "index.html").is_file() or answers(site, f"/{address}")
        ), address


@pytest.mark.parametrize("site", NAMES)
def test_routes_lead_to_files(site: str) -> None:
    assert [r["file"] for r in routes(site) if not (SITES / site / r["file"]).is_file()] == []


@pytest.mark.parametrize("site", NAMES)
def test_absolute_links_are_served_by_the_site(site: str) -> None:
    lost = set()
    for path, text in texts(site):
        for address in re.findall(rf"{BASE}([^\s\"'<>;]*)", text):
            plain = address.split("#")[0].replace("&amp;", "&")
            # A term of a WordPress taxonomy or one post: links of the API that nothing follows.
            if re.search(r"/wp/v2/\w+/(\d+|project)$|[?]p(ost(_type)?)?=", plain) or not plain:
                continue
            if not answers(site, plain):
                lost.add((relative(path), plain))
    assert lost == set()


@pytest.mark.parametrize("site", NAMES)
def test_feeds_parse(site: str) -> None:
    for path in (SITES / site).rglob("*.xml"):
        ElementTree.parse(path)
        feed = feedparser.parse(path.read_bytes())
        assert feed.version in {"rss20", "atom10"}
        with_text = [bool(entry.get("content")) for entry in feed.entries]
        assert any(with_text)
        assert not all(with_text)


def words(site: str) -> Iterator[tuple[str, str]]:
    """(kind, word) that the site's records carry, read from the files as they are served."""
    folder = SITES / site
    for path in folder.rglob("*.xml"):
        for entry in feedparser.parse(path.read_bytes()).entries:
            yield from (("theme", tag.term) for tag in entry.get("tags", []))
    for path in folder.glob("api/*.json"):
        for entity in json.loads(path.read_text(encoding="utf-8"))["entities"]:
            yield from (("theme", tag) for tag in entity["tags"])
    for kind, taxonomy in (("theme", "thematique"), ("public", "public")):
        path = folder / f"wp-json/wp/v2/{taxonomy}.json"
        if path.is_file():
            terms = json.loads(path.read_text(encoding="utf-8"))
            yield from ((kind, term["name"]) for term in terms)
    yield from _words_of_tables(folder)


def _words_of_tables(folder: Path) -> Iterator[tuple[str, str]]:
    for path in folder.glob("*.csv"):
        text = path.read_text(encoding="windows-1252")
        for row in csv.DictReader(io.StringIO(text), delimiter=";"):
            yield from (("theme", row["Thématique"]), ("public", row["Public"]))
    columns = {4: "theme", 5: "public", 6: "method"}
    for path in folder.glob("*.xlsx"):
        sheet = openpyxl.load_workbook(path)["Projets suivis"]
        for cells in sheet.iter_rows(min_row=5, values_only=True):
            for index, kind in columns.items():
                yield from ((kind, word.strip()) for word in str(cells[index] or "").split(";"))


@pytest.mark.parametrize("partner", PARTNERS, ids=lambda p: str(p["slug"]))
def test_every_word_of_a_partner_is_decided(partner: dict[str, Any]) -> None:
    for source in partner["sources"]:
        with (VOCABULARIES / source["vocabulary"]).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        decided = {(row["kind"], row["value"]) for row in rows}
        assert len(decided) == len(rows)
        used = {(kind, word) for kind, word in words(partner["site"]) if word}
        assert used == decided
        for row in rows:
            codes = [code for code in row["terms"].split("|") if code]
            assert set(codes) <= CODES[TABLE_OF[row["kind"]]], row
            assert codes or row["note"], row


@pytest.mark.parametrize("partner", PARTNERS, ids=lambda p: str(p["slug"]))
def test_a_partner_uses_known_values(partner: dict[str, Any]) -> None:
    assert partner["kind"] in PartnerKind.values
    for source in partner["sources"]:
        assert source["licence"] in Licence.values
        assert source["frequency"] in Frequency.values
        assert answers(partner["site"], source["path"])
        assert set(source.get("options", {})) <= set(CONNECTORS[source["connector"]].option_help)
        assert {"title", "external_id"} <= {rule.target for rule in parse(source["mapping"])}


def test_the_sources_show_every_case() -> None:
    sources = [source for partner in PARTNERS for source in partner["sources"]]
    assert {s["connector"] for s in sources} == {"wordpress", "feed", "json", "spreadsheet"}
    assert {s["publishes_directly"] for s in sources} == {True, False}
    assert {Licence(s["licence"]).is_open for s in sources} == {True, False}


def test_the_table_holds_records_to_refuse_and_to_complete() -> None:
    text = (SITES / "reseaux-exemple" / "projets.csv").read_text(encoding="windows-1252")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert [r["N° fiche"] for r in rows if not r["Intitulé"]] == ["R-099"]
    assert [r["N° fiche"] for r in rows if r["Intitulé"] and not r["Présentation"]] == [
        "R-008",
        "R-098",
    ]
    assert len({r["N° fiche"] for r in rows}) < len(rows)


def test_the_pictures_are_those_that_the_script_draws_small_and_clean(tmp_path: Path) -> None:
    drawn = {path.relative_to(tmp_path): path for path in illustrations.draw(tmp_path)}
    kept = {path.relative_to(SITES): path for path in SITES.rglob("*.webp")}
    assert drawn.keys() == kept.keys()
    for name, path in kept.items():
        assert path.stat().st_size <= 20_000, name
        with Image.open(path) as picture, Image.open(drawn[name]) as again:
            assert (picture.format, picture.size, picture.getexif()) == ("WEBP", (960, 540), {})
            # Another version of the encoder may write other bytes, not another drawing.
            difference = ImageChops.difference(picture.convert("RGB"), again.convert("RGB"))
            assert max(ImageStat.Stat(difference).mean) < 2
