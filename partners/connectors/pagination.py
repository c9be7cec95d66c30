"""Turning the pages of a JSON API, whatever the way it numbers them."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from carrefour.http import FetchError
from partners.connectors.base import Connector
from partners.connectors.documents import Document, Item, search
from partners.connectors.page_turning import At, Turning
from partners.connectors.shapes import Shape, shape_at

MAX_PAGES = 20_000
# What servers answer beyond the last page.
BEYOND = {400, 404, 410, 416, 422}
CIRCLE = "La source redonne une page déjà lue : la suite n’est pas lue, aucune fiche n’est retirée."


@dataclass
class Page:
    """One page: its document, its number from 1, how many items it gave once they were read."""

    document: Document
    number: int
    path: str
    count: int = 0

    def items(self) -> Iterator[Item]:
        for item in self.document.items(self.path):
            self.count += 1
            yield item


class Pages:
    """The pages of a source, one after the other.

    ``at`` is where the next one is: {url, params, page, read}, what a reading resumes from.
    """

    def __init__(self, connector: Connector, params: Mapping[str, Any], resume: Any = None) -> None:
        self.connector = connector
        found = shape_at(connector.url)
        url = found.address(connector.url) if found else connector.url
        self.turning = Turning(connector, found(url, connector.fetcher) if found else None)
        params = dict(params) | self.turning.size()
        self.at: At | None = {"url": url, "params": params, "page": 1, "read": 0}
        if isinstance(resume, Mapping) and {"url", "params", "page", "read"} <= set(resume):
            self.at = dict(resume)
        self.read = int(self.at["read"])
        self.path: str | None = None
        self._seen: list[str] = []

    @property
    def shape(self) -> Shape | None:
        return self.turning.shape

    @property
    def is_turned(self) -> bool:
        """Whether the pages are known to be several before the first is read."""
        return self.turning.is_told

    def __iter__(self) -> Iterator[Page]:
        """Raises ``FetchError`` or ``SourceError``."""
        while self.at is not None:
            page = self._page(self.at)
            if page is None:
                return
            self.connector.cursor = dict(self.at) if self.is_turned or page.number > 1 else None
            yield page
            self.at["read"] = self.read = self.at["read"] + page.count
            self.at = self.turning.after(page.document, self.at, page.count)
            if self.at is None:
                return
            self.connector.is_one_document = False
            if page.number >= MAX_PAGES:
                self.connector.stop_at(MAX_PAGES)
                return

    def _page(self, at: At) -> Page | None:
        try:
            document = self._ask(at)
        except FetchError as error:
            if at["page"] > 1 and not self.turning.is_followed and error.status in BEYOND:
                return None
            raise
        value = document.value
        if self.path is None:
            document = self._opened(document, at)
            value = document.value
        self.turning.shape_of(document).page(value)
        if at["page"] > 1 and self._is_over(value):
            return None
        if self._is_known(document, at["page"]):
            return None
        return Page(document, at["page"], self.path or "")

    def _opened(self, document: Document, at: At) -> Document:
        """The first page, or everything at once when pages would not reach the end."""
        shape = self.turning.shape_of(document)
        shape.open(document.value)
        self.turning.suit(type(shape))
        self.connector.expected = self.turning.total(document.value)
        if at["page"] == 1 and (whole := shape.whole(self.connector.expected)):
            at |= {"url": whole, "params": {}}
            self.turning.read_whole()
            document = self._ask(at)
        self.path = self.turning.path(document.value)
        return document

    def _ask(self, at: At) -> Document:
        fetcher, url = self.connector.fetcher, str(at["url"])
        # « Not modified » says something of a document that is alone.
        alone = not self.is_turned and set(fetcher.validators) <= {url}
        params = at["params"] | self.turning.position(at)
        spooled = fetcher.open(url, params=params, accept="application/json", conditional=alone)
        return Document(spooled)

    def _is_over(self, value: Any) -> bool:
        """A page after the last, whose list is gone."""
        is_error = isinstance(value, Mapping) and {"error", "errors"} & set(value)
        return not is_error and search(self.path or "", value) is None

    def _is_known(self, document: Document, number: int) -> bool:
        """Whether that very list was given before: an API that does not turn its pages.

        The last page given again is how some say that there is no more.
        """
        items = search(self.path or "", document.value) if document.is_whole else None
        if not items:
            return False
        written = json.dumps(items, sort_keys=True, default=str).encode("utf-8", "replace")
        digest = hashlib.sha256(written).hexdigest()
        is_known = digest in self._seen
        if is_known and not (number > 2 and self.turning.is_counted and digest == self._seen[-1]):
            self.connector.is_complete = False
            self.connector.warnings.append(CIRCLE)
        self._seen.append(digest)
        return is_known
