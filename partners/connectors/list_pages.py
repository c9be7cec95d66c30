"""The pages of one list: their blocks, the link of each, and the page after."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urldefrag, urlencode, urljoin, urlsplit, urlunsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from carrefour.french import counted
from carrefour.http import FetchError
from partners.connectors.base import Connector, SourceError
from partners.connectors.markup import tree_of
from partners.connectors.pages import base_of, is_page
from partners.connectors.selectors import check, select

MAX_PAGES = 1000
TITLE_LINK = "h1 a, h2 a, h3 a, h4 a, h5 a"


@dataclass(frozen=True)
class Item:
    """One record's place: its page ("" when it has none), its block in the list, its date."""

    url: str
    node: LexborNode | None
    base: str
    position: str
    changed: str = ""


class ListPages:
    """Reads lists by a connector's options; an item met in one is not given again by another."""

    def __init__(self, connector: Connector) -> None:
        self.connector = connector
        self.options = connector.options
        self.css = {n: check(str(self.options.get(n) or "")) for n in ("items", "link", "next")}
        self._seen: set[str] = set()

    def items(self, start: str, rank: int, resume: dict[str, Any]) -> Iterator[Item]:
        """The items of the list that begins at ``start``, the ``rank``-th of the source.

        Raises ``FetchError``, ``SourceError``.
        """
        url, number = str(resume.get("url") or start), int(resume.get("page", 1))
        visited: set[str] = set()
        while url not in visited:
            visited.add(url)
            read = self._page(url, number)
            if read is None:
                return
            self.connector.cursor = {"start": rank, "url": url, "page": number}
            blocks = {_identity(i): i for i in self._blocks(*read, number)}
            if not blocks and not self.options.get("page_param"):
                self.connector.is_complete = False
                self.connector.warnings.append(f"Une page de la liste est vide : {url}")
            new = [i for identity, i in blocks.items() if identity not in self._seen]
            self._seen.update(blocks)
            yield from new
            number += 1
            url = self._following(start, number, *read)
            if not new or not url:
                return
            if number > MAX_PAGES:
                self.connector.is_complete = False
                self.connector.warnings.append(
                    f"Lecture arrêtée après {counted(MAX_PAGES, 'page')}."
                )
                return

    def _page(self, url: str, number: int) -> tuple[LexborHTMLParser, str] | None:
        """The page and the address its links start from; None beyond the last page."""
        try:
            fetched = self.connector.fetcher.get(url, accept="text/html")
        except FetchError as error:
            # Beyond the last numbered page most sites answer 404; a link to it is another matter.
            if number > 1 and self.options.get("page_param") and error.code == "introuvable":
                return None
            raise
        if not is_page(fetched.content):
            raise SourceError("format", f"Ce n’est pas une page web : {url}")
        tree = tree_of(fetched.text(), fetched.url)
        return tree, base_of(tree, fetched.url)

    def _blocks(self, tree: LexborHTMLParser, base: str, number: int) -> Iterator[Item]:
        blocks = select(tree.root, self.css["items"]) if self.css["items"] else []
        if number == 1 and self.css["items"] and not blocks:
            raise SourceError(
                "selecteur",
                f"Le sélecteur « {self.css['items']} » ne trouve aucune fiche dans la page : elle "
                "a sans doute changé.",
            )
        for place, block in enumerate(blocks, start=1):
            yield Item(self._link(block, base), block, base, f"page {number}, rang {place}")

    def _link(self, block: LexborNode, base: str) -> str:
        """Address of the block's page; "" when the blocks have none or this one does not."""
        if "link" in self.options and not self.css["link"]:
            return ""
        if block.tag == "a":
            return _address([block], base)
        if self.css["link"]:
            return _address(select(block, self.css["link"]), base)
        return _address([*select(block, TITLE_LINK), *select(block, "a[href]")], base)

    def _following(self, start: str, number: int, tree: LexborHTMLParser, base: str) -> str:
        """Address of page ``number`` of the list, from 2 on; "" when there is none."""
        param = str(self.options.get("page_param") or "")
        if param:
            parts = urlsplit(start)
            kept = [p for p in parse_qsl(parts.query, keep_blank_values=True) if p[0] != param]
            shown = self.connector.integer("first_page", 1) + number - 1
            return urlunsplit(parts._replace(query=urlencode([*kept, (param, shown)])))
        return _address(select(tree.root, self.css["next"]) if self.css["next"] else [], base)


def _address(nodes: list[LexborNode], base: str) -> str:
    """Where the first of the nodes, or the first link inside it, leads; "" when nowhere."""
    node = next(iter(nodes), None)
    if node is not None and node.tag not in {"a", "link"}:
        node = node.css_first("a[href]")
    written = (node.attributes.get("href") or "").strip() if node is not None else ""
    url = urldefrag(urljoin(base, written)).url if written else ""
    return url if url.startswith(("http://", "https://")) else ""


def _identity(item: Item) -> str:
    if item.url or item.node is None:
        return item.url
    return str(hash(item.node.text(deep=True)))
