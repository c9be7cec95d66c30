"""The text of an article in the midst of its page."""

from selectolax.lexbor import LexborHTMLParser

# From the most telling to the vaguest; the first that is found is taken.
USUAL = (
    "[itemprop=articleBody]",
    ".entry-content",
    "article .texte",
    "article",
    ".texte",
    "main",
    "#content",
    "#contenu",
)
NOISE = "script, style, nav, header, footer, aside, form, iframe, noscript, button"


def body(page: str, selector: str = "") -> str:
    """HTML of the article of ``page``: at ``selector``, else at a usual place; "" when absent."""
    tree = LexborHTMLParser(page)
    for noise in tree.css(NOISE):
        noise.decompose()
    for candidate in [selector] if selector else USUAL:
        node = tree.css_first(candidate)
        if node is not None:
            return str(node.inner_html or node.html or "").strip()
    return ""
