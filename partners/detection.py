"""What an address leads to, told by its content: which connector reads it, with which options."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from carrefour.http import Fetched, Fetcher
from partners.connectors import CONNECTORS, SourceError
from partners.connectors.shapes import list_path, step
from partners.connectors.spreadsheet import WORKBOOKS
from partners.connectors.tables import delimiter_of, parse

FEED_MARKS = ("<rss", "<feed", "<rdf:rdf")
FEED_TYPES = ("application/rss+xml", "application/atom+xml")
WORDPRESS_LINK = "https://api.w.org/"
NEXT_NAMES = ("next", "next_page", "nextPage", "next_url", "suivant")
TOTAL_NAMES = ("total", "count", "total_count", "nhits", "totalCount")
TEASER = 600
# WordPress content types that hold no record.
NOT_RECORDS = ("attachment", "nav_menu_item", "wp_", "elementor", "page", "custom_css", "oembed")


@dataclass
class Detected:
    """The connector for an address, the address to give it, and how sure that is (0 to 1)."""

    connector: str
    url: str
    options: dict[str, Any] = field(default_factory=dict)
    confidence: float = 0.9
    warnings: list[str] = field(default_factory=list)


def detect(url: str, fetcher: Fetcher, connector: str = "") -> Detected:
    """What is at ``url``; ``connector`` imposes the kind, its options are still looked for.

    Raises ``FetchError``, or ``SourceError`` when nothing here can be read.
    """
    if connector and connector not in CONNECTORS:
        raise SourceError("connecteur", f"Connecteur inconnu : « {connector} ».")
    fetched = fetcher.get(url)
    found = _by_content(fetched, fetcher)
    if connector and (found is None or found.connector != connector):
        return Detected(connector, url, confidence=0.7)
    if found is None:
        raise SourceError(
            "format",
            "Ni tableur, ni JSON, ni flux, ni site WordPress reconnu à cette adresse.",
        )
    return found


def _by_content(fetched: Fetched, fetcher: Fetcher) -> Detected | None:
    if fetched.content.startswith(WORKBOOKS):
        return Detected("spreadsheet", fetched.url, confidence=0.95)
    text = fetched.text().lstrip()
    head = text[:1000].lower()
    if any(mark in head for mark in FEED_MARKS):
        return _feed(fetched)
    if text.startswith(("{", "[")):
        return _json(fetched, text)
    if "<html" in head or "<!doctype html" in head:
        return _page(fetched, text, fetcher)
    return _table(fetched.url, text)


def _feed(fetched: Fetched) -> Detected:
    import feedparser

    feed = feedparser.parse(fetched.content, sanitize_html=False)
    lengths = [
        len(next((c.get("value", "") for c in e.get("content", [])), "") or e.get("summary", ""))
        for e in feed.entries
    ]
    teased = bool(lengths) and min(lengths) < TEASER
    return Detected("feed", fetched.url, {"full_article": True} if teased else {}, 0.95)


def _json(fetched: Fetched, text: str) -> Detected | None:
    try:
        document = json.loads(text)
    except ValueError:
        return None
    if _is_wordpress_index(document):
        return Detected("wordpress", fetched.url, confidence=0.8)
    if "/wp-json/wp/v2/" in fetched.url:
        return Detected("wordpress", fetched.url, confidence=0.95)
    path = list_path(document)
    items = document
    for name in path.split(".") if path else []:
        items = items.get(name.strip('"')) if isinstance(items, Mapping) else None
    if not isinstance(items, list):
        return None
    options: dict[str, Any] = {"path": path} if path else {}
    options |= _paging(document, fetched.url)
    return Detected("json", fetched.url, options, 0.9 if items else 0.5)


def _paging(document: Any, url: str) -> dict[str, Any]:
    """How the API turns its pages, when the first one tells."""
    if not isinstance(document, Mapping):
        return {}
    found: dict[str, Any] = {}
    for prefix, holder in [("", document), *_holders(document)]:
        for name in NEXT_NAMES:
            if isinstance(holder.get(name), str) and "next" not in found:
                found["next"] = f"{prefix}{step(name)}"
        for name in TOTAL_NAMES:
            if isinstance(holder.get(name), int) and "total" not in found:
                found["total"] = f"{prefix}{step(name)}"
    query = parse_qs(urlsplit(url).query)
    if "next" not in found and "total" in found and "page" in query:
        found["page_param"] = "page"
    return found


def _holders(document: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    return [(f"{step(n)}.", v) for n, v in document.items() if isinstance(v, Mapping)]


def _is_wordpress_index(document: Any) -> bool:
    return isinstance(document, Mapping) and "wp/v2" in (document.get("namespaces") or [])


def _page(fetched: Fetched, text: str, fetcher: Fetcher) -> Detected | None:
    """A web page: its WordPress API if it names one, else its feed."""
    tree = LexborHTMLParser(text)
    api = tree.css_first(f'link[rel="{WORDPRESS_LINK}"]')
    if api is not None:
        root = urljoin(fetched.url, api.attributes.get("href") or "")
        return Detected("wordpress", root, confidence=0.8)
    for link in tree.css('link[rel="alternate"]'):
        if link.attributes.get("type") in FEED_TYPES and link.attributes.get("href"):
            address = urljoin(fetched.url, link.attributes["href"] or "")
            found = _feed(fetcher.get(address))
            found.confidence = 0.7
            found.warnings.append(f"Cette page annonce un flux, lu à sa place : {address}")
            return found
    return None


def _table(url: str, text: str) -> Detected | None:
    delimiter = delimiter_of(text)
    widths = [len(cells) for _, cells in parse(text[:50_000], delimiter)][:30]
    if len(widths) < 2 or max(widths) < 2:
        return None
    return Detected("spreadsheet", url, confidence=0.9)
