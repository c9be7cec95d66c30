"""HTML from strangers as a tree, unless it was made to keep the parser busy."""

import re

from selectolax.lexbor import LexborHTMLParser

from carrefour.http import FetchError

# Deeper than any page that people read; the parser's time grows with the square of the depth.
DEEPEST = 2000
# Every tag but those that never nest in themselves: void, or closed by the next of their kind.
NESTING = re.compile(
    r"<(/?)(?!(?:p|li|dt|dd|br|hr|img|input|meta|link|source|option|tr|td|th|tbody|thead|col|wbr"
    r"|area|base|embed|param|track)\b)[a-zA-Z][^\s/>]*[^>]{0,2000}?(/?)>"
)


def tree_of(text: str, url: str) -> LexborHTMLParser:
    """The page's tree. Raises ``FetchError`` (contenu) when its elements nest without end."""
    depth = 0
    for tag in NESTING.finditer(text):
        if tag.group(1):
            depth = max(0, depth - 1)
        elif not tag.group(2):
            depth += 1
        if depth > DEEPEST:
            raise FetchError(
                "contenu", f"Page illisible, ses éléments s’imbriquent sans fin : {url}", url=url
            )
    return LexborHTMLParser(text)
