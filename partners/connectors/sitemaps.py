"""Sitemaps (sitemaps.org 0.9): the addresses of a site's pages, and when each last changed."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any
from urllib.parse import urljoin, urlsplit

from lxml import etree

from carrefour.http import Fetcher, FetchError, Spooled
from partners.connectors.base import SourceError
from partners.connectors.elements import SAFE
from partners.connectors.packed import unpacked
from partners.connectors.safe_xml import name_of, refuse_entities, text_of

MAX_SITEMAPS = 500
# What one index may list (sitemaps.org).
MAX_LISTED = 50_000
MAX_BYTES = 50_000_000
# More pages than any harvest has time for.
MAX_ADDRESSES = 500_000
LONGEST_LINE = 10_000
DEPTH = 3
UNREADABLE = "Ce n’est pas un plan de site."
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
        # Eight bytes each in place of the addresses.
        seen: set[int] = set()
        for entry in self._walk(url, depth):
            mark = hash(entry.url)
            if mark in seen or _site(entry.url) != _site(url):
                continue
            if len(seen) >= MAX_ADDRESSES:
                self.problems.append(
                    f"Le plan du site tient plus de {MAX_ADDRESSES} adresses : lu en partie."
                )
                return
            seen.add(mark)
            if not self._is_old(entry):
                yield entry

    def _walk(self, url: str, depth: int) -> Iterator[Entry]:
        self._read += 1
        children: list[Entry] = []
        with self.fetcher.open(url, accept="application/xml, text/plain, */*") as document:
            for is_sitemap, entry in _listed(document):
                if not is_sitemap:
                    yield entry
                elif len(children) < MAX_LISTED:
                    children.append(entry)
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
            with fetcher.open(address) as document:
                next(_listed(document), None)
        except (FetchError, SourceError):
            continue
        return address
    return ""


def _listed(document: Spooled) -> Iterator[tuple[bool, Entry]]:
    """(Whether it is another sitemap, entry) as the document lists them.

    Raises ``SourceError`` for anything but a sitemap, before the first entry.
    """
    with unpacked(document.file) as file:
        if file.seek(0, 2) > MAX_BYTES:
            raise SourceError("trop-gros", "Le plan du site dépasse 50 Mo une fois décompressé.")
        file.seek(0)
        is_xml = file.read(1000).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
        file.seek(0)
        if is_xml:
            yield from _elements(file, document.url)
        else:
            yield from ((False, entry) for entry in _lines(file))


def _elements(file: IO[bytes], url: str) -> Iterator[tuple[bool, Entry]]:
    """One entry at a time: the tree of a whole sitemap would fill the memory."""
    kind, entry = "", None
    try:
        for event, element in etree.iterparse(file, ("start", "end"), recover=True, **SAFE):
            kind = kind or _kind_of(element)
            parent = element.getparent()
            if event == "start" or parent is None or parent.getparent() is not None:
                continue
            if address := text_of(element.find("{*}loc")):
                entry = Entry(urljoin(url, address), text_of(element.find("{*}lastmod")))
                yield kind == "sitemapindex", entry
            element.clear()
            while element.getprevious() is not None:
                del parent[0]
    except etree.XMLSyntaxError as error:
        if entry is None:
            raise SourceError("format", UNREADABLE) from error


def _kind_of(root: Any) -> str:
    """« urlset » or « sitemapindex ». Raises ``SourceError`` for any other document."""
    refuse_entities(root)
    if (kind := name_of(root)) not in {"sitemapindex", "urlset"}:
        raise SourceError("format", UNREADABLE)
    return kind


def _lines(file: IO[bytes]) -> Iterator[Entry]:
    is_empty = True
    while line := file.readline(LONGEST_LINE):
        for word in line.decode("utf-8-sig", errors="replace").split():
            if not word.startswith(("http://", "https://")):
                raise SourceError("format", UNREADABLE)
            is_empty = False
            yield Entry(word)
    if is_empty:
        raise SourceError("format", UNREADABLE)


def _site(url: str) -> str:
    return (urlsplit(url).netloc or "").lower().removeprefix("www.")
