"""Sitemaps (sitemaps.org 0.9): the addresses of a site's pages, and when each last changed."""

import datetime
import gzip
import io
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from carrefour.http import Fetched, Fetcher, FetchError
from partners.connectors.base import SourceError
from partners.connectors.safe_xml import name_of, parse, text_of

MAX_SITEMAPS = 500
MAX_BYTES = 50_000_000
DEPTH = 3
GZIP = b"\x1f\x8b"
USUAL = ("/sitemap.xml", "/sitemap_index.xml", "/wp-sitemap.xml")


@dataclass(frozen=True)
class Entry:
    """A page's address, and when it changed as the sitemap writes it (W3C date, or "")."""

    url: str
    changed: str = ""


class Sitemaps:
    """All that one sitemap, or an index of them, lists of its own site.

    ``problems``: French sentences about the parts that could not be read.
    """

    def __init__(self, fetcher: Fetcher, since: datetime.datetime | None = None) -> None:
        self.fetcher = fetcher
        self.since = since
        self.problems: list[str] = []
        self._read = 0

    def entries(self, url: str, depth: int = DEPTH) -> Iterator[Entry]:
        """The pages, each once. Raises ``FetchError``, ``SourceError`` for the first document."""
        seen: set[str] = set()
        for entry in self._walk(url, depth):
            if entry.url not in seen and _site(entry.url) == _site(url):
                seen.add(entry.url)
                if not self._is_old(entry):
                    yield entry

    def _walk(self, url: str, depth: int) -> Iterator[Entry]:
        self._read += 1
        fetched = self.fetcher.get(url, accept="application/xml, text/plain, */*")
        children, pages = _content(fetched)
        yield from pages
        for child in children:
            if self._is_old(child):
                continue
            if not depth or self._read >= MAX_SITEMAPS:
                self.problems.append("Plan du site trop profond ou trop long : lu en partie.")
                return
            try:
                yield from self._walk(child.url, depth - 1)
            except (FetchError, SourceError) as error:
                self.problems.append(f"Partie du plan du site non lue. {error.message}")

    def _is_old(self, entry: Entry) -> bool:
        """Whether it did not change since the moment asked; unknown dates count as new."""
        if self.since is None or not entry.changed:
            return False
        try:
            changed = datetime.datetime.fromisoformat(entry.changed)
        except ValueError:
            return False
        if len(entry.changed) <= 10:
            return changed.date() < self.since.date()
        return changed.replace(tzinfo=changed.tzinfo or datetime.UTC) < self.since


def found(fetcher: Fetcher, site: str) -> str:
    """Address of the site's sitemap: the one its robots.txt names, else a usual one; or ""."""
    try:
        lines = fetcher.get(urljoin(site, "/robots.txt")).text().splitlines()
    except FetchError:
        lines = []
    named = [x.partition(":")[2].strip() for x in lines if x.lower().startswith("sitemap:")]
    for address in [*named[:3], *(urljoin(site, path) for path in USUAL)]:
        try:
            _content(fetcher.get(address))
        except (FetchError, SourceError):
            continue
        return address
    return ""


def _content(fetched: Fetched) -> tuple[list[Entry], list[Entry]]:
    """(Other sitemaps, pages) that the document lists. Raises ``SourceError`` for anything else."""
    content = _plain(fetched.content)
    text = content.lstrip()[:1]
    if text != b"<":
        lines = content.decode("utf-8", errors="replace").split()
        pages = [Entry(x) for x in lines if x.startswith(("http://", "https://"))]
        if not pages or len(pages) < len(lines):
            raise SourceError("format", "Ce n’est pas un plan de site.")
        return [], pages
    root, _ = parse(content)
    if name_of(root) not in {"sitemapindex", "urlset"}:
        raise SourceError("format", "Ce n’est pas un plan de site.")
    entries = [
        Entry(urljoin(fetched.url, text_of(e.find("{*}loc"))), text_of(e.find("{*}lastmod")))
        for e in root
        if text_of(e.find("{*}loc"))
    ]
    return (entries, []) if name_of(root) == "sitemapindex" else ([], entries)


def _plain(content: bytes) -> bytes:
    if not content.startswith(GZIP):
        return content
    try:
        plain = gzip.GzipFile(fileobj=io.BytesIO(content)).read(MAX_BYTES + 1)
    except (OSError, EOFError) as error:
        raise SourceError("format", "Plan de site compressé illisible.") from error
    if len(plain) > MAX_BYTES:
        raise SourceError("trop-gros", "Le plan du site dépasse 50 Mo une fois décompressé.")
    return plain


def _site(url: str) -> str:
    return (urlsplit(url).netloc or "").lower().removeprefix("www.")
