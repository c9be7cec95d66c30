"""What a shape says of the software that wrote a JSON document."""

from collections.abc import Mapping
from typing import Any, ClassVar

from carrefour.http import Fetcher
from partners.connectors.provenance import licence_of

# Where APIs write their paging, beside the list.
HOLDERS = ("links", "_links", "meta", "pagination", "paging", "page", "info", "response")
NEXT = (
    "next", "next_page_url", "nextPageUrl", "next_url", "nextUrl", "nextPage", "next_page",
    "nextLink", "next_rest_url", "@odata.nextLink", "odata.nextLink", "@next", "suivant",
    "hydra:next",
)  # fmt: skip
TOTAL = (
    "total", "total_count", "totalCount", "totalItems", "hydra:totalItems", "total_results",
    "totalResults", "recordsTotal", "numFound", "nhits", "@odata.count", "count",
)  # fmt: skip


class Shape:
    """Any JSON: a list of objects. A subclass is one kind of software.

    ``options`` are those of the JSON connector that suit it (the source's own come first). One
    shape serves one reading: it may keep what a page says for the rows of that page.
    """

    label: ClassVar[str] = "JSON"
    options: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, url: str, fetcher: Fetcher) -> None:
        self.url = url
        self.fetcher = fetcher
        self.licence = ""
        self.warnings: list[str] = []

    @classmethod
    def address(cls, url: str) -> str:
        """The address to read in place of ``url``; "" when the address tells nothing."""
        return ""

    @classmethod
    def recognises(cls, document: Any) -> bool:
        return False

    def open(self, document: Any) -> None:
        """The first page has come. Raises ``SourceError`` when it is an error told as a page."""
        if isinstance(document, Mapping):
            self.licence = licence_of(document.get("licence"), document.get("license"))

    def page(self, document: Any) -> None:
        """A page has come: what its rows will need of it."""

    def row(self, item: Any) -> dict[str, Any]:
        """An item as a row that reads well."""
        return dict(item) if isinstance(item, Mapping) else {"valeur": item}

    def whole(self, total: int | None) -> str:
        """The address of everything at once, when pages cannot reach the ``total``; or ""."""
        return ""

    def goes_on(self, document: Any) -> bool | None:
        """Whether another page follows, when the page says so."""
        return None

    def following(self, document: Any) -> str:
        """The next page's address as the page tells it, absolute or not; "" when it does not."""
        for holder in _holders(document):
            for name in NEXT:
                value = holder.get(name)
                address = value.get("href") if isinstance(value, Mapping) else value
                if isinstance(address, str) and _is_address(address):
                    return address
        return ""

    def total(self, document: Any) -> int | None:
        """How many records the source announces, when the page tells."""
        for holder in _holders(document):
            for name in TOTAL:
                value = holder.get(name)
                if isinstance(value, int) and not isinstance(value, bool):
                    return value
        return None


def _holders(document: Any) -> list[Mapping[str, Any]]:
    if not isinstance(document, Mapping):
        return []
    inner = [document.get(name) for name in (*HOLDERS, "hydra:view", "view")]
    linked = _linked(document.get("links"))
    return [document, *(h for h in inner if isinstance(h, Mapping)), *linked]


def _linked(links: Any) -> list[Mapping[str, Any]]:
    """Links written as a list ({"rel": "next", "href": …}) in the form of the others."""
    if not isinstance(links, list):
        return []
    return [{str(k["rel"]): k.get("href")} for k in links if isinstance(k, Mapping) and "rel" in k]


def _is_address(text: str) -> bool:
    return text.startswith(("http://", "https://", "/", "?"))
