"""The selectors of a list, told from one of its pages: the blocks that come back with a link."""

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from urllib.parse import urldefrag, urljoin

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from carrefour.text import one_line
from partners.connectors.markup import tree_of

OUTSIDE = {"nav", "header", "footer", "aside", "form", "menu"}
OUTSIDE_NAMES = re.compile(
    r"\b(?:nav|navbar|menu|breadcrumb|footer|header|pager|pagination|share|social|sidebar|cookie)",
    re.IGNORECASE,
)
FEWEST = 3
HEADINGS = "h2, h3, h4, h5"
TITLE_LINKS = ("h2 a", "h3 a", "h4 a", "h5 a")
NEXT = (
    "a[rel~=next]", "link[rel~=next]", "li.next a", "a.next", ".pager-next a",
    ".pager__item--next a", ".pagination-next a", ".nav-previous a", "a[title*='suivant' i]",
    "a[aria-label*='suivant' i]", "a[aria-label*='next' i]", 'a:lexbor-contains("suivant" i)',
    'a:lexbor-contains("›")',
)  # fmt: skip
# A class that a page gives to one block only (post-123, first, odd) says nothing of the others.
OWN_CLASS = re.compile(r"\d|^(?:first|last|odd|even|active|current|sticky)$|[^\w-]")


def propose_selectors(html: str, url: str = "") -> dict[str, Any]:
    """Options of the html connector (items, link, next, item_fields for a table that has titles)
    for a page that is a list; {} otherwise.

    Blocks are brothers of the same kind; those whose links and texts differ most and say most
    are the list. Raises ``FetchError`` for a page that cannot be a page.
    """
    tree = tree_of(html, url)
    groups: dict[tuple[Any, ...], list[LexborNode]] = defaultdict(list)
    for node in tree.css("body li, body article, body div, body section, body tr, body a"):
        parent = node.parent
        if parent is not None:
            groups[(parent.mem_id, node.tag, _common_class(node))].append(node)
    usable = [g for g in groups.values() if len(g) >= FEWEST and not _is_outside(g[0])]
    best = max(usable, key=lambda g: _score(g, url), default=None)
    if best is None or _score(best, url) <= 0:
        return {}
    options: dict[str, Any] = {"items": _selector(tree, best), "link": _link(best, url)}
    if fields := _columns(best[0]):
        options["item_fields"] = fields
    following = next((css for css in NEXT if _leads_on(tree, css, url)), "")
    return options | ({"next": following} if following else {})


def _score(blocks: Sequence[LexborNode], url: str) -> float:
    """How much the blocks look like records: distinct, with links, headings and sentences."""
    texts = [one_line(b.text(deep=True, separator=" ") or "") for b in blocks]
    links = [_first_link(b, url) for b in blocks]
    distinct = len({x for x in links if x})
    headed = sum(1 for b in blocks if b.css_first(HEADINGS) is not None)
    if len(set(texts)) < len(texts) * 0.8 or max(distinct, headed) < len(blocks) * 0.7:
        return 0
    length = sum(min(len(t), 600) for t in texts) / len(texts)
    if length < 25:
        return 0
    # A menu or a page's own sections are few or short; a list is many, each with a title.
    return (
        min(len(blocks), 40)
        * length**0.5
        * (1 + headed / len(blocks))
        * (1 + distinct / len(blocks))
    )


def _first_link(block: LexborNode, url: str) -> str:
    link = block if block.tag in {"a", "link"} else block.css_first("a[href]")
    written = (link.attributes.get("href") or "").strip() if link is not None else ""
    if not written or written.startswith(("#", "mailto:", "tel:", "javascript:")):
        return ""
    return urldefrag(urljoin(url, written)).url


def _link(blocks: Sequence[LexborNode], url: str) -> str:
    """Selector of the link to the record's page; "" when blocks are the records themselves."""
    if not any(_first_link(b, url) for b in blocks):
        return ""
    for css in TITLE_LINKS:
        if sum(1 for b in blocks if b.css_first(css) is not None) >= len(blocks) * 0.7:
            return css
    return "a"


def _columns(block: LexborNode) -> dict[str, str]:
    """Title of each column → selector of its cell, for a row of a table that has titles."""
    table: LexborNode | None = block if block.tag == "tr" else None
    while table is not None and table.tag != "table":
        table = table.parent
    first = table.css_first("tr") if table is not None else None
    titles = [one_line(cell.text(deep=True) or "") for cell in first.css("th")] if first else []
    if len(titles) < 2 or len(set(titles)) < len(titles):
        return {}
    cell = "td:nth-child({0}), th:nth-child({0})".format
    return {title: cell(rank) for rank, title in enumerate(titles, start=1) if title}


def _selector(tree: LexborHTMLParser, blocks: Sequence[LexborNode]) -> str:
    """The shortest selector that finds these blocks and no others."""
    block, path = blocks[0], ""
    for _ in range(4):
        path = f"{_step(block)} > {path}" if path else _step(block)
        if len(_found(tree, path)) <= len(blocks) or block.parent is None:
            break
        block = block.parent
    return path


def _step(node: LexborNode) -> str:
    identity = (node.attributes.get("id") or "").strip()
    if re.fullmatch(r"[A-Za-z][\w-]*", identity) and not re.search(r"\d", identity):
        return f"#{identity}"
    name = _common_class(node)
    return f"{node.tag}.{name}" if name else str(node.tag)


def _common_class(node: LexborNode) -> str:
    """The first class that is not the node's own."""
    names = (node.attributes.get("class") or "").split()
    return next((n for n in names if not OWN_CLASS.search(n)), "")


def _is_outside(node: LexborNode | None) -> bool:
    """Whether the node stands in a menu, a header, a footer…"""
    while node is not None and node.tag not in {"body", "main", "article", "html"}:
        names = f"{node.attributes.get('class') or ''} {node.attributes.get('id') or ''}"
        if node.tag in OUTSIDE or OUTSIDE_NAMES.search(names):
            return True
        node = node.parent
    return False


def _leads_on(tree: LexborHTMLParser, css: str, url: str) -> bool:
    address = next((_first_link(node, url) for node in _found(tree, css)), "")
    return bool(address) and address != url


def _found(tree: LexborHTMLParser, css: str) -> list[LexborNode]:
    try:
        return tree.css(css)
    except SelectolaxError:
        return []
