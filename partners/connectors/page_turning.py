"""How the pages of a JSON API follow each other: by number, offset, token, or a told address."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

from partners.connectors.base import Connector
from partners.connectors.documents import Document, search
from partners.connectors.shapes import Shape, list_path, shape_of

LINK_NEXT = re.compile(r'<([^>]+)>\s*;[^,]*rel="?next"?', re.IGNORECASE)
TURNING = ("page_param", "offset_param", "cursor_param", "next")
At = dict[str, Any]


class Turning:
    """What leads from a page to the next. ``options``: those in force, ``shape``: that of the
    document once it is known; ``At`` is a place: {url, params, page, read}."""

    def __init__(self, connector: Connector, shape: Shape | None) -> None:
        self.connector = connector
        self.shape = shape
        self.options: dict[str, Any] = {}
        self.suit(type(shape) if shape else Shape)

    @property
    def is_told(self) -> bool:
        """Whether some option says how pages are turned."""
        return any(self.options.get(name) for name in TURNING)

    @property
    def is_counted(self) -> bool:
        """Whether pages are asked for by their number or their offset."""
        return bool(self.options.get("page_param") or self.options.get("offset_param"))

    @property
    def is_followed(self) -> bool:
        """Whether the source's options say where a page tells the next one's address."""
        return bool(self.options.get("next"))

    def suit(self, shape: type[Shape]) -> None:
        """The shape's own turning is set aside when the source tells its."""
        told = self.connector.options
        is_told = any(name in told for name in TURNING)
        usual = {n: v for n, v in shape.options.items() if n == "path" or not is_told}
        self.options = {**usual, **told}

    def read_whole(self) -> None:
        """Everything comes at once: only what the source told counts."""
        self.options = dict(self.connector.options)

    def shape_of(self, document: Document) -> Shape:
        if self.shape is None:
            self.shape = shape_of(document.value)(document.url, self.connector.fetcher)
        return self.shape

    def size(self) -> dict[str, int]:
        """The parameter that asks for pages of some size."""
        if not self.options.get("size_param"):
            return {}
        size = self.connector.integer("size", self.options.get("size", 100))
        return {str(self.options["size_param"]): size}

    def position(self, at: Mapping[str, Any]) -> dict[str, int]:
        """The parameters that ask for that page."""
        first = self.connector.integer("first_page", 1)
        numbers = {"page_param": first + at["page"] - 1, "offset_param": at["read"]}
        return {str(self.options[n]): v for n, v in numbers.items() if self.options.get(n)}

    def path(self, value: Any) -> str:
        """Where the items are in a page."""
        told = self.connector.options.get("path")
        if told is not None:
            return str(told)
        usual = str(self.options.get("path") or "")
        found = search(usual, value) if usual else None
        if isinstance(found, list | Mapping):
            return usual
        return list_path(value)

    def total(self, value: Any) -> int | None:
        """How many records the source announces."""
        told = search(self.options["total"], value) if self.options.get("total") else None
        if isinstance(told, str) and told.isdigit():
            return int(told)
        if isinstance(told, int):
            return told
        return self.shape.total(value) if self.shape and "total" not in self.options else None

    def after(self, document: Document, at: At, count: int) -> At | None:
        """The place after a page that gave ``count`` items; None when there is none."""
        value = document.value
        then = {**at, "page": at["page"] + 1}
        if following := self._following(document):
            return then | {"url": following, "params": {}}
        if token := self._token(value):
            return then | {"params": at["params"] | {str(self.options["cursor_param"]): token}}
        if self.is_counted and count and self._goes_on(value, at["read"]):
            return then
        return None

    def _following(self, document: Document) -> str:
        if link := LINK_NEXT.search(document.headers.get("link", "")):
            return urljoin(document.url, link.group(1))
        if "next" in self.options:
            said = search(self.options["next"], document.value)
        elif self.is_counted or self.options.get("cursor_param"):
            return ""
        else:
            said = self.shape.following(document.value) if self.shape else ""
        return urljoin(document.url, said) if isinstance(said, str) and said else ""

    def _token(self, value: Any) -> Any:
        if not self.options.get("cursor_param"):
            return None
        token = search(self.options.get("cursor") or "next_cursor", value)
        return token if isinstance(token, str | int) and not isinstance(token, bool) else None

    def _goes_on(self, value: Any, read: int) -> bool:
        said = self.shape.goes_on(value) if self.shape else None
        if said is not None:
            return said
        return self.connector.expected is None or read < self.connector.expected
