"""The text of an article in the midst of its page."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import trafilatura
from selectolax.lexbor import LexborHTMLParser, LexborNode

from carrefour.http import Fetcher

# Where software names the text itself: exact, with its lists, titles and pictures.
NAMED = (
    "[itemprop=articleBody]",
    ".entry-content",
    ".post-content",
    ".article-texte",
    "article .texte",
    ".field--name-body",
    ".field-name-body",
    ".e-content",
    ".texte",
)
# Where the text is among other things: taken when nothing better is found.
VAGUE = ("article", "main", "[role=main]", "#content", "#contenu")
NOISE = "script, style, nav, header, footer, aside, form, iframe, noscript, button, template"
# Shorter than this is a caption or a date, no text of an article.
SHORT = 40


def body(page: str, selector: str = "", base: str = "") -> str:
    """HTML of the article of ``page``, its links absolute when ``base`` is its address; or "".

    At ``selector``; else where the page names its text; else what trafilatura takes for it (it
    leaves menus and neighbours that « main » holds, where the page names nothing); else at a
    usual place. Not made safe: the mapping does that.
    """
    tree = LexborHTMLParser(page)
    for noise in tree.css(NOISE):
        noise.decompose()
    if selector:
        return _at(tree, selector, base)
    named = next((found for place in NAMED if (found := _at(tree, place, base))), "")
    if len(named) >= SHORT:
        return named
    read = _extracted(page, base)
    if len(read) >= SHORT:
        return read
    return named or next((found for place in VAGUE if (found := _at(tree, place, base))), "")


def _at(tree: Any, place: str, base: str) -> str:
    node = tree.css_first(place)
    if node is None:
        return ""
    if base:
        _make_absolute(node, base)
    return str(node.inner_html or "").strip()


def _make_absolute(node: LexborNode, base: str) -> None:
    for name in ("href", "src"):
        for element in node.css(f"[{name}]"):
            element.attrs[name] = urljoin(base, element.attributes.get(name) or "")


def _extracted(page: str, base: str) -> str:
    found = trafilatura.extract(
        page,
        url=base or None,
        output_format="html",
        include_links=True,
        include_images=True,
        include_comments=False,
    )
    tree = LexborHTMLParser(str(found or ""))
    return str(tree.body.inner_html or "").strip() if tree.body is not None else ""


@dataclass(frozen=True)
class Article:
    """A page's text as HTML, and the picture that it shows when it is shared; both may be ""."""

    text: str
    picture: str


def read(fetcher: Fetcher, link: str, selector: str = "") -> Article:
    """The article at ``link``. Raises ``FetchError``."""
    fetched = fetcher.get(link, accept="text/html")
    page = fetched.text()
    tree = LexborHTMLParser(page)
    shown = ""
    for place in ('meta[property="og:image"]', 'meta[name="twitter:image"]'):
        node = tree.css_first(place)
        shown = shown or (node.attributes.get("content") or "" if node is not None else "")
    return Article(
        text=body(page, selector, fetched.url),
        picture=urljoin(fetched.url, shown) if shown else "",
    )
