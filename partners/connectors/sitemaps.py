"""Sitemaps (sitemaps.org 0.9): the addresses of a site's pages, and when each last changed."""

import datetime
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from carrefour.french import grouped
from carrefour.http import Fetcher, FetchError
from partners.connectors.base import SourceError
from partners.connectors.sitemap_entries import Entry, listed

MAX_SITEMAPS = 500
# What one index may list (sitemaps.org).
MAX_LISTED = 50_000
# More pages than any harvest has time for.
MAX_ADDRESSES = 500_000
DEPTH = 3
USUAL = ("/sitemap.xml", "/sitemap_index.xml", "/wp-sitemap.xml")


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
                    f"Le plan du site tient plus de {grouped(MAX_ADDRESSES)} adresses : lu en "
                    "partie."
                )
                return
            seen.add(mark)
            if not self._is_old(entry):
                yield entry

    def _walk(self, url: str, depth: int) -> Iterator[Entry]:
        self._read += 1
        children: list[Entry] = []
        with self.fetcher.open(url, accept="application/xml, text/plain, */*") as document:
            for is_sitemap, entry in listed(document):
                if not is_sitemap:
                    yield entry
                elif len(children) < MAX_LISTED:
                    children.append(entry)
        for child in children:
            if self._is_old(child):
                continue
            if not depth or self._read >= MAX_SITEMAPS:
                self.problems.append("Plan du site trop profond ou trop long : lu en partie.")
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
                next(listed(document), None)
        except (FetchError, SourceError):
            continue
        return address
    return ""


def _site(url: str) -> str:
    return (urlsplit(url).netloc or "").lower().removeprefix("www.")
