"""A site map: its pages tell schema.org objects, or are plain articles."""

import gzip
import io
import re
import zlib
from urllib.parse import urlsplit

from carrefour.http import Spooled
from partners.detection.detected import Detected
from partners.detection.probe import Probe

LOCATION = re.compile(r"<(?:\w+:)?loc>\s*(?:<!\[CDATA\[)?\s*([^<\]\s]+)")
JSON_LD = re.compile(r"""<script[^>]+type=["']?application/ld\+json""", re.IGNORECASE)
# Objects that every page of a site carries, whatever it is about.
DECOR = re.compile(
    r'"@type"\s*:\s*"(WebSite|WebPage|BreadcrumbList|SearchAction|ImageObject|Person|ListItem'
    r'|SiteNavigationElement|EntryPoint|ReadAction|CollectionPage)"'
)
TYPE = re.compile(r'"@type"\s*:\s*(?:"|\[)')
# Pages that are no record: the home page, legal notices…
HOUSE = re.compile(r"(mentions|legal|contact|plan-du-site|sitemap|cookies|confidential|accueil)")
BYTES = 20_000_000
LOOKED_AT = 3


def listed(url: str, text: str, probe: Probe) -> list[Detected]:
    """What the pages of this site map can be read as."""
    pages = locations(url, text)
    maps = [p for p in pages if urlsplit(p).path.lower().endswith((".xml", ".xml.gz"))]
    if maps and len(maps) > 0.5 * len(pages):
        inner = probe.get(maps[len(maps) // 2])
        pages = locations(maps[0], _unpacked(inner.content)) if inner else []
    found = [Detected("html", url, {"sitemap": True}, 0.6)]
    # The middle of a site map is seldom its house pages.
    middle = [p for p in pages if urlsplit(p).path.strip("/") and not HOUSE.search(p.lower())]
    for page in _spread(middle):
        answer = probe.get(page)
        if answer and tells_objects(answer.text()):
            found.append(Detected("jsonld", url, {"sitemap": True}, 0.88))
            break
    return found


def compressed(document: Spooled, probe: Probe) -> list[Detected]:
    """A gzipped document that is no archive: a site map, most often."""
    text = _unpacked(document.bytes() if document.size < BYTES else document.head(BYTES))
    if "<urlset" in text[:2000] or "<sitemapindex" in text[:2000]:
        return listed(document.url, text, probe)
    return [Detected("spreadsheet", document.url, confidence=0.5)] if text else []


def tells_objects(page: str) -> bool:
    """Whether the page carries a schema.org object that is about something."""
    if not JSON_LD.search(page):
        return False
    return len(TYPE.findall(page)) > len(DECOR.findall(page))


def locations(url: str, text: str) -> list[str]:
    """The addresses of the site map that are on its own site."""
    host = urlsplit(url).netloc
    told = (found.replace("&amp;", "&") for found in LOCATION.findall(text))
    return [found for found in told if urlsplit(found).netloc == host]


def _spread(pages: list[str]) -> list[str]:
    count = min(LOOKED_AT, len(pages))
    return [pages[(2 * n + 1) * len(pages) // (2 * count)] for n in range(count)]


def _unpacked(content: bytes) -> str:
    if not content.startswith(b"\x1f\x8b"):
        return content[:BYTES].decode("utf-8", "replace")
    try:
        with gzip.open(io.BytesIO(content)) as file:
            return file.read(BYTES).decode("utf-8", "replace")
    except (OSError, EOFError, zlib.error):
        return ""
