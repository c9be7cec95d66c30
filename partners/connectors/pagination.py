"""Turning the pages of a JSON API, whatever the way it numbers them."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from carrefour.http import FetchError
from partners.connectors.base import Connector
from partners.connectors.documents import Document, Item, search
from partners.connectors.shapes import Shape, list_path, shape_at, shape_of

MAX_PAGES = 20_000
LINK_NEXT = re.compile(r'<([^>]+)>\s*;[^,]*rel="?next"?', re.IGNORECASE)
TURNING = ("page_param", "offset_param", "cursor_param", "next")
# What servers answer beyond the last page.
BEYOND = {400, 404, 410, 416, 422}
CIRCLE = "La source redonne une page déjà lue : la suite n’est pas lue, aucune fiche n’est retirée."


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
        self.shape = found(url, connector.fetcher) if found else None
        self.options = self._suited(found or Shape)
        params = dict(params) | self._size()
        self.at: dict[str, Any] | None = {"url": url, "params": params, "page": 1, "read": 0}
        if isinstance(resume, Mapping) and {"url", "params", "page", "read"} <= set(resume):
            self.at = dict(resume)
        self.read = int(self.at["read"])
        self.path: str | None = None
        self._seen: list[str] = []

    @property
    def is_turned(self) -> bool:
        """Whether the pages are known to be several before the first is read."""
        return any(self.options.get(name) for name in TURNING)

    def __iter__(self) -> Iterator[Page]:
        """Raises ``FetchError`` or ``SourceError``."""
        while self.at is not None:
            page = self._page(self.at)
            if page is None:
                return
            self.connector.cursor = dict(self.at) if self.is_turned or page.number > 1 else None
            yield page
            self.at["read"] = self.read = self.at["read"] + page.count
            self._turn(page, self.at)
            if self.at is not None and page.number >= MAX_PAGES:
                self.connector.stop_at(MAX_PAGES)
                return

    def _page(self, at: dict[str, Any]) -> Page | None:
        try:
            document = self._ask(at)
        except FetchError as error:
            if at["page"] > 1 and not self.options.get("next") and error.status in BEYOND:
                return None
            raise
        value = document.value
        if self.path is None:
            document = self._opened(document, at)
            value = document.value
        shape = self._shape(document)
        shape.page(value)
        if at["page"] > 1 and self._is_over(value):
            return None
        if self._is_known(document, at["page"]):
            return None
        return Page(document, at["page"], self.path or "")

    def _opened(self, document: Document, at: dict[str, Any]) -> Document:
        """The first page, or everything at once when pages would not reach the end."""
        shape = self._shape(document)
        shape.open(document.value)
        self.options = self._suited(type(shape))
        self.connector.expected = self._total(document.value)
        if at["page"] == 1 and (whole := shape.whole(self.connector.expected)):
            at |= {"url": whole, "params": {}}
            self.options = dict(self.connector.options)
            document = self._ask(at)
        self.path = self._path(document.value)
        return document

    def _shape(self, document: Document) -> Shape:
        if self.shape is None:
            self.shape = shape_of(document.value)(document.url, self.connector.fetcher)
        return self.shape

    def _suited(self, shape: type[Shape]) -> dict[str, Any]:
        """The options in force: the shape's own turning is set aside when the source tells its."""
        told = self.connector.options
        is_told = any(name in told for name in TURNING)
        usual = {n: v for n, v in shape.options.items() if n == "path" or not is_told}
        return {**usual, **told}

    def _ask(self, at: Mapping[str, Any]) -> Document:
        fetcher, url = self.connector.fetcher, str(at["url"])
        # « Not modified » says something of a document that is alone.
        alone = not self.is_turned and set(fetcher.validators) <= {url}
        params = at["params"] | self._position(at)
        spooled = fetcher.open(url, params=params, accept="application/json", conditional=alone)
        return Document(spooled)

    def _path(self, value: Any) -> str:
        told = self.connector.options.get("path")
        if told is not None:
            return str(told)
        usual = str(self.options.get("path") or "")
        found = search(usual, value) if usual else None
        if isinstance(found, list | Mapping):
            return usual
        return list_path(value)

    def _total(self, value: Any) -> int | None:
        told = search(self.options["total"], value) if self.options.get("total") else None
        if isinstance(told, str) and told.isdigit():
            return int(told)
        if isinstance(told, int):
            return told
        return self.shape.total(value) if self.shape and "total" not in self.options else None

    def _is_over(self, value: Any) -> bool:
        """A page after the last, whose list is gone."""
        is_error = isinstance(value, Mapping) and {"error", "errors"} & set(value)
        return not is_error and search(self.path, value) is None

    def _is_known(self, document: Document, number: int) -> bool:
        """Whether that very list was given before: an API that does not turn its pages.

        The last page given again is how some say that there is no more.
        """
        items = search(self.path, document.value) if document.is_whole else None
        if not items:
            return False
        written = json.dumps(items, sort_keys=True, default=str).encode("utf-8", "replace")
        digest = hashlib.sha256(written).hexdigest()
        is_known = digest in self._seen
        if is_known and not (number > 2 and self._is_counted() and digest == self._seen[-1]):
            self.connector.is_complete = False
            self.connector.warnings.append(CIRCLE)
        self._seen.append(digest)
        return is_known

    def _turn(self, page: Page, at: dict[str, Any]) -> None:
        """Set ``at`` to the page that follows; None when there is none."""
        value = page.document.value
        following = self._following(page)
        self.at = {**at, "page": page.number + 1}
        if following:
            self.at |= {"url": following, "params": {}}
        elif token := self._token(value):
            self.at["params"] = at["params"] | {str(self.options["cursor_param"]): token}
        elif not self._is_counted() or not page.count or not self._goes_on(value, self.at["read"]):
            self.at = None
        if self.at is not None:
            self.connector.is_one_document = False

    def _following(self, page: Page) -> str:
        document = page.document
        if link := LINK_NEXT.search(document.headers.get("link", "")):
            return urljoin(document.url, link.group(1))
        if "next" in self.options:
            said = search(self.options["next"], document.value)
        elif self._is_counted() or self.options.get("cursor_param"):
            return ""
        else:
            said = self.shape.following(document.value) if self.shape else ""
        return urljoin(document.url, said) if isinstance(said, str) and said else ""

    def _token(self, value: Any) -> Any:
        if not self.options.get("cursor_param"):
            return None
        token = search(self.options.get("cursor") or "next_cursor", value)
        return token if isinstance(token, str | int) and not isinstance(token, bool) else None

    def _is_counted(self) -> bool:
        return bool(self.options.get("page_param") or self.options.get("offset_param"))

    def _goes_on(self, value: Any, read: int) -> bool:
        said = self.shape.goes_on(value) if self.shape else None
        if said is not None:
            return said
        return self.connector.expected is None or read < self.connector.expected

    def _position(self, at: Mapping[str, Any]) -> dict[str, int]:
        first = self.connector.integer("first_page", 1)
        numbers = {"page_param": first + at["page"] - 1, "offset_param": at["read"]}
        return {str(self.options[n]): v for n, v in numbers.items() if self.options.get(n)}

    def _size(self) -> dict[str, int]:
        if not self.options.get("size_param"):
            return {}
        size = self.connector.integer("size", self.options.get("size", 100))
        return {str(self.options["size_param"]): size}
