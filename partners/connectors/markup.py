"""HTML from strangers as a tree, unless it was made to keep the parser busy."""

import re

from selectolax.lexbor import LexborHTMLParser

from carrefour.http import FetchError

# Deeper than any page that people read; the parser's time grows with the square of the depth.
DEEPEST = 5000
# Every tag but those that never nest: void, closed by the next of their kind, or a drawing's.
# « <\/b> » is how scripts write the end of the tags that they hold as text.
NESTING = re.compile(
    r"<(\\?/)?(?!(?:p|li|dt|dd|br|hr|img|input|meta|link|source|option|tr|td|th|tbody|thead|col"
    r"|wbr|area|base|embed|param|track|path|circle|rect|use|line|polygon|polyline|ellipse|stop)\b)"
    r"[a-zA-Z]",
    re.IGNORECASE,
)


def tree_of(text: str, url: str) -> LexborHTMLParser:
    """The page's tree. Raises ``FetchError`` (contenu) when its elements nest without end."""
    depth = 0
    for tag in NESTING.finditer(text):
        depth = max(0, depth - 1) if tag.group(1) else depth + 1
        if depth > DEEPEST:
            raise FetchError(
                "contenu", f"Page illisible, ses éléments s’imbriquent sans fin : {url}", url=url
            )
    return LexborHTMLParser(text)
