"""What a web page says when nobody told where to look: its head, its article, its labels."""

from typing import Any
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser, LexborNode

from carrefour.text import one_line
from partners.connectors.articles import body
from partners.connectors.labels import labels
from partners.connectors.markup import tree_of
from partners.connectors.structured import main_things, things

METAS = {
    "description": "meta[name=description], meta[property='og:description']",
    "image": "meta[property='og:image'], meta[name='twitter:image']",
    "published": "meta[property='article:published_time'], meta[name='DC.date']",
    "updated": "meta[property='article:modified_time']",
    "author": "meta[name=author], meta[property='article:author']",
}
TAGS = "a[rel~=tag], .tags a, .tag a, .post-tags a, .mots_cles a, .field--name-field-tags a"
NOISE = "script, style, template, noscript, nav, form, iframe, button, body > header, body > footer"


def is_page(content: bytes) -> bool:
    """Whether the content can be a web page: neither an image nor a document."""
    return b"\0" not in content[:2000] and not content.startswith((b"%PDF", b"PK\x03\x04"))


def base_of(tree: LexborHTMLParser, url: str) -> str:
    """The address that the page's relative links start from."""
    base = tree.css_first("base[href]")
    return urljoin(url, base.attributes.get("href") or "") if base is not None else url


def described(text: str, url: str) -> dict[str, Any]:
    """title, description, image, author, published, updated, tags, content (HTML), and what its
    labels and its JSON-LD say, under their own names. Empty values are left out.

    Raises ``FetchError`` for a page that cannot be a page.
    """
    tree = tree_of(text, url)
    data: dict[str, Any] = {"title": title(tree)}
    for name, css in METAS.items():
        node = tree.css_first(css)
        data[name] = one_line(node.attributes.get("content") or "") if node is not None else ""
    if data["image"]:
        data["image"] = urljoin(base_of(tree, url), data["image"])
    structured = main_things(things(tree)[0])
    for noise in tree.css(NOISE):
        noise.decompose()
    root = _main(tree)
    data["tags"] = list(dict.fromkeys(_text(a) for a in tree.css(TAGS) if _text(a)))
    data["content"] = body(text)
    for name, values in labels(root).items() if root is not None else ():
        data.setdefault(name, values if len(values) > 1 else values[0])
    if len(structured) == 1:
        data |= {f"schema_{k}": v for k, v in structured[0].items() if not k.startswith("@")}
    return {name: value for name, value in data.items() if value}


def title(tree: LexborHTMLParser) -> str:
    """The page's only heading of first rank, else og:title, else <title>."""
    headings = [h for h in tree.css("h1") if _text(h)]
    if len(headings) == 1:
        return _text(headings[0])
    og = tree.css_first("meta[property='og:title']")
    if og is not None and og.attributes.get("content"):
        return one_line(og.attributes["content"] or "")
    own = headings[0] if headings else tree.css_first("title")
    return _text(own) if own is not None else ""


def _main(tree: LexborHTMLParser) -> LexborNode | None:
    return tree.css_first("main, [role=main]") or tree.body


def _text(node: LexborNode) -> str:
    return one_line(node.text(deep=True, separator=" ") or "")
