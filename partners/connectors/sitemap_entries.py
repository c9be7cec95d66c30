"""What one sitemap document lists, read as it goes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any
from urllib.parse import urljoin

from lxml import etree

from carrefour.http import Spooled
from partners.connectors.base import SourceError
from partners.connectors.elements import SAFE
from partners.connectors.packed import unpacked
from partners.connectors.safe_xml import name_of, refuse_entities, text_of

MAX_BYTES = 50_000_000
LONGEST_LINE = 10_000
UNREADABLE = "Ce n’est pas un plan de site."


@dataclass(frozen=True)
class Entry:
    """A page's address, and when it changed as the sitemap writes it (W3C date, or "")."""

    url: str
    changed: str = ""


def listed(document: Spooled) -> Iterator[tuple[bool, Entry]]:
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
