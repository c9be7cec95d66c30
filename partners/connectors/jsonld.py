"""schema.org: the things that a site's pages describe in JSON-LD, over its sitemap or a list."""

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin

from carrefour.http import Fetched, FetchError
from partners.connectors.base import Connector, RawRow, SourceError
from partners.connectors.list_pages import Item
from partners.connectors.listing import HELP, Listing
from partners.connectors.markup import tree_of
from partners.connectors.pages import is_page
from partners.connectors.provenance import date_of, licence_of
from partners.connectors.structured import main_things, things, told_by


class JsonLdConnector(Connector):
    kind = "jsonld"
    label = "Données schema.org (JSON-LD)"
    explanation = "Un site qui décrit ses fiches en JSON-LD dans ses pages (plan du site ou liste)."
    option_help = {
        **HELP,
        "types": "Types schema.org à garder (liste : Project, Event…) ; le plus parlant sinon.",
    }

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.can_read_since = bool(self.options.get("sitemap"))
        said = self.options.get("types") or []
        self._types = [said] if isinstance(said, str) else [str(t) for t in said]

    def rows(
        self, *, resume: Any = None, since: datetime.datetime | None = None
    ) -> Iterator[RawRow]:
        self._pages = self._empty = self._unreadable = 0
        self._unread: list[str] = []
        given: dict[str, str] = {}
        for item in self._items(resume, since):
            for row in self._rows(item):
                named = _distinct(row, given)
                # A thing told by several pages (an organiser, a place) is one record.
                if named.external_id not in given:
                    given[str(named.external_id)] = _title(row.data)
                    yield named
        self._tell()
        if not given and self._pages and since is None and not resume:
            raise SourceError("vide", "Aucune de ces pages ne décrit de fiche en JSON-LD.")

    def _items(self, resume: Any, since: Any) -> Iterator[Item]:
        if self.options.get("sitemap") or self.options.get("items"):
            return Listing(self).items(resume, since)
        return iter([Item(self.url, None, self.url, "")])

    def _rows(self, item: Item) -> Iterator[RawRow]:
        try:
            fetched = self.fetcher.get(item.url, accept="text/html, application/ld+json")
            if fetched.content.lstrip()[:1] in {b"{", b"["}:
                found, unreadable = _document(fetched)
            else:
                text = fetched.text() if is_page(fetched.content) else ""
                found, unreadable = things(tree_of(text, fetched.url))
        except FetchError as error:
            if item.url == self.url:
                raise
            self._unread.append(error.message)
            self.is_complete = self.is_complete and error.code == "introuvable"
            return
        self._pages += 1
        chosen = main_things(found, self._types)
        self._unreadable += bool(unreadable)
        self._empty += not chosen
        # What cannot be read may be a record that was there yesterday.
        self.is_complete = self.is_complete and not (unreadable and not chosen)
        for rank, thing in enumerate(chosen, start=1):
            place = item.position or fetched.url
            yield self._row(thing, fetched.url, len(chosen) == 1, item, f"{place}, objet {rank}")

    def _row(
        self, thing: dict[str, Any], page: str, is_alone: bool, item: Item, position: str
    ) -> RawRow:
        url = _address(thing.get("url")) or _address(thing.get("mainEntityOfPage"))
        url = urljoin(page, url) if url else page if is_alone else ""
        own = thing.get("@id") or thing.get("identifier")
        own = urljoin(page, str(own)) if isinstance(own, str | int) and own else url
        return RawRow(
            data={k: v for k, v in thing.items() if k != "@id"} | ({"url": url} if url else {}),
            position=item.position if is_alone and item.position else position,
            external_id=own or f"{page} {_title(thing)}",
            url=url,
            licence=licence_of(_address(thing.get("license"))),
            date=date_of(thing.get("dateModified")) or item.changed,
        )

    def _tell(self) -> None:
        if self._unread:
            self.warnings.append(f"Pages non lues : {len(self._unread)}. {self._unread[0]}")
        if self._unreadable:
            self.warnings.append(f"Pages au JSON-LD illisible : {self._unreadable}.")
        if self._empty and self._empty < self._pages:
            self.warnings.append(f"Pages sans fiche en JSON-LD : {self._empty} sur {self._pages}.")


def _document(fetched: Fetched) -> tuple[list[dict[str, Any]], int]:
    """The things of a document that is JSON-LD itself, and whether it was unreadable."""
    try:
        return told_by([fetched.json()]), 0
    except FetchError:
        return [], 1


def _distinct(row: RawRow, given: Mapping[str, str]) -> RawRow:
    """The row, under another identifier when its own is already that of another thing."""
    title = _title(row.data)
    if given.get(str(row.external_id), title) == title:
        return row
    return replace(row, external_id=f"{row.url} {title}".strip())


def _title(thing: Mapping[str, Any]) -> str:
    return str(thing.get("name") or thing.get("headline") or "")


def _address(value: Any) -> str:
    """The address that a property gives, alone, in an object or first of a list; or ""."""
    if isinstance(value, list):
        value = next(iter(value), "")
    if isinstance(value, Mapping):
        value = value.get("@id") or value.get("url") or ""
    return value.strip() if isinstance(value, str) else ""
