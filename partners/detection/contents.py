"""By its first bytes: workbook, archive, XML, JSON, YAML, table or page."""

import csv
import io
import re
import tarfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from itertools import islice
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import yaml
from selectolax.lexbor import LexborHTMLParser

from carrefour.http import Spooled, decode
from partners.connectors.tables import delimiter_of
from partners.detection import jsons, pages, sitemaps, workbooks
from partners.detection.detected import Detected
from partners.detection.probe import Probe

HEAD = 400_000
# Beyond this a document is known by its beginning alone.
WHOLE = 30_000_000
ZIP, GZIP, OLD_WORKBOOK = b"PK\x03\x04", b"\x1f\x8b", b"\xd0\xcf\x11\xe0"
TABLES = (".csv", ".tsv", ".xlsx", ".xls", ".ods")
TEXTS = (".md", ".markdown", ".yml", ".yaml")
OFFICE = ("[Content_Types].xml", "mimetype", "content.xml")
ROOT = re.compile(r"<(?![?!])(?:[\w.-]+:)?([\w.-]+)")
COMMENTS = re.compile(r"<!--.*?-->|<\?.*?\?>|<!DOCTYPE[^>\[]*(?:\[.*?\])?\s*>", re.DOTALL)
FEEDS = {"rss", "feed"}
SITEMAPS = {"urlset", "sitemapindex"}
# A feed that gives but the beginning of its articles.
TEASER = 600
YAML_START = re.compile(
    r"\A(?:#.*\n|\s*\n|---\s*\n)*(?:- )?[\"']?[^\s{\[<,;|][^,;|\t]{0,150}?[\"']?:(?:\s|$)"
)
YAML_BYTES = 3_000_000
# A line that may be a name: it begins by a letter or a figure and ends no sentence, no statement.
NAME = 120
NAMES = re.compile(r"[\"«(]?\s*[^\W_][^<>{}=;\\|]*[^\s<>{}=;:.,\\|]")


def by_content(document: Spooled, probe: Probe) -> list[Detected]:
    """Every way to read the document, or what it leads to, in no order."""
    start = document.head(8)
    if start.startswith(OLD_WORKBOOK):
        return workbooks.recognised(document)
    if start.startswith((ZIP, GZIP)):
        return _zipped(document) if start.startswith(ZIP) else _gzipped(document, probe)
    return _text(document, probe)


def _text(document: Spooled, probe: Probe) -> list[Detected]:
    text = decode(document.head(HEAD), document.charset).lstrip("\ufeff \t\r\n")
    if text.startswith("<"):
        return _marked_up(document, text, probe)
    if text.startswith(("{", "[")):
        return jsons.recognised(document, text, probe)
    return _written(document.url, text, document)


def _zipped(document: Spooled) -> list[Detected]:
    try:
        with zipfile.ZipFile(document.file) as archive:
            names = [i.filename for i in archive.infolist() if not i.is_dir()]
    except (zipfile.BadZipFile, OSError, ValueError):
        return []
    if any(name in OFFICE for name in names):
        return workbooks.recognised(document)
    return _archived(document.url, names)


def _gzipped(document: Spooled, probe: Probe) -> list[Detected]:
    try:
        with tarfile.open(fileobj=document.file, mode="r:gz") as archive:
            names = [m.name for _, m in zip(range(2000), archive, strict=False) if m.isfile()]
    except (tarfile.TarError, OSError, EOFError, ValueError, zlib.error):
        return sitemaps.compressed(document, probe)
    return _archived(document.url, names)


def _archived(url: str, names: Sequence[str]) -> list[Detected]:
    """An archive is read by what most of its files are."""
    texts = [n for n in names if n.lower().endswith(TEXTS) and "readme" not in n.lower()]
    tables = [n for n in names if n.lower().endswith(TABLES) and "__MACOSX" not in n]
    found = []
    if texts:
        found.append(Detected("markdown", url, confidence=0.9 if len(texts) > 1 else 0.6))
    if tables:
        found.append(Detected("spreadsheet", url, confidence=0.9 if len(tables) == 1 else 0.65))
        if len(tables) > 1:
            found[-1].options = {"file": tables[0]}
            found[-1].warnings.append(
                f"L’archive tient {len(tables)} tableaux : le premier est lu, choisissez le bon "
                "dans l’option « file »."
            )
    return found


def _marked_up(document: Spooled, text: str, probe: Probe) -> list[Detected]:
    """HTML, or XML by the name of its root."""
    root = ROOT.search(COMMENTS.sub("", text[:20_000]))
    name = root.group(1).lower() if root else ""
    if name == "oai-pmh":
        return [Detected("oaipmh", _without(document.url, "verb"), confidence=0.97)]
    if name in FEEDS or (name == "rdf" and "purl.org/rss" in text[:5000]):
        return [feed(document.url, document.bytes())]
    if name in SITEMAPS:
        return sitemaps.listed(document.url, text, probe)
    is_xml = text.startswith("<?xml") or "xmlns" in text[:2000]
    if name == "html" or "<html" in text[:5000].lower() or not (is_xml or _is_xml(text, name)):
        return pages.discovered(document.url, text, probe)
    return [Detected("xml", document.url, confidence=0.85)]


def _is_xml(text: str, name: str) -> bool:
    """Without a declaration: one element repeats, and none is of HTML's."""
    names = Counter(n.lower() for n in ROOT.findall(text[:50_000]))
    return not {"div", "body", "p", "span", "head", "a"} & set(names) and len(names) > 1


def _without(url: str, *names: str) -> str:
    """The address without the query parameters of an OAI-PMH question."""
    parts = urlsplit(url)
    gone = {*names, "metadataPrefix", "resumptionToken", "identifier"}
    query = urlencode([(k, v) for k, v in parse_qsl(parts.query) if k not in gone])
    return urlunsplit((*parts[:3], query, ""))


def feed(url: str, content: bytes) -> Detected:
    """A feed, with the full articles when most of its items are but their beginning."""
    import feedparser

    entries = feedparser.parse(content, sanitize_html=False).entries
    found = Detected("feed", url, confidence=0.95 if entries else 0.6)
    bodies = [
        next((c.get("value", "") for c in e.get("content", [])), "") or e.get("summary", "")
        for e in entries
        if e.get("link")
    ]
    # Several items on one page: it is no article of theirs.
    pages_told = {e.link for e in entries if e.get("link")}
    if bodies and len(pages_told) > 0.8 * len(bodies):
        short = sum(len(LexborHTMLParser(b).text() if b else "") < TEASER for b in bodies)
        if short > 0.5 * len(bodies):
            found.options = {"full_article": True}
    return found


def _written(url: str, text: str, document: Spooled) -> list[Detected]:
    if _is_yaml(text, document):
        return [Detected("markdown", url, confidence=0.85)]
    widths = _widths(text[:50_000])
    usual, count = widths.most_common(1)[0] if widths else (0, 0)
    if usual < 2 or widths.total() < 2:
        return _one_column(url, text)
    return [Detected("spreadsheet", url, confidence=0.95 if count > 0.6 * widths.total() else 0.75)]


def _one_column(url: str, text: str) -> list[Detected]:
    """A list of names, one a line; prose, code and logs are none."""
    lines = [line.strip() for line in text.splitlines()]
    said = [line for line in lines if line]
    is_list = len(said) > 3 and len(said) >= 0.9 * len(lines) and len(set(said)) > 0.9 * len(said)
    names = sum(len(line) <= NAME and NAMES.fullmatch(line) is not None for line in said)
    if not is_list or names < 0.95 * len(said):
        return []
    told = "Une seule colonne : chaque ligne est lue comme le titre d’une fiche."
    return [Detected("spreadsheet", url, confidence=0.4, warnings=[told])]


def _widths(text: str) -> Counter[int]:
    """How many cells the first rows have."""
    lines = io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", ""))
    reader = csv.reader(lines, delimiter=delimiter_of(text))
    widths: Counter[int] = Counter()
    # The text may be cut in the midst of a cell.
    with suppress(csv.Error):
        for cells in islice(reader, 40):
            widths[len(cells)] += any(cells)
    return +widths


def _is_yaml(text: str, document: Spooled) -> bool:
    """A front matter, or a list (or a map) of several objects."""
    if not YAML_START.match(text) or document.size > YAML_BYTES:
        return False
    try:
        loader = yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader
        said = next(iter(yaml.load_all(decode(document.bytes()), Loader=loader)), None)
    except (yaml.YAMLError, RecursionError, ValueError):
        # The body of a Markdown page is no YAML: its front matter alone is.
        return text.startswith("---\n") and "\n---" in text[4:]
    items = (
        said if isinstance(said, list) else list(said.values()) if isinstance(said, dict) else []
    )
    if text.startswith("---\n") and isinstance(said, dict) and "\n---" in text[4:]:
        return True
    return len(items) > 1 and sum(isinstance(i, dict) for i in items) > 0.5 * len(items)
