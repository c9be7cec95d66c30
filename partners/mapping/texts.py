"""Plain text from what partners write: tags and entities resolved, white space made single."""

import html
import re

import nh3

from carrefour.html import CONTROL, ENTITY, TAG
from carrefour.text import one_line

BLOCK_END = re.compile(r"<br\s*/?>|</(?:p|div|li|h[1-6]|tr|blockquote|ul|ol)\s*>", re.IGNORECASE)
BLANK_LINE = re.compile(r"\n\s*\n")


def plain(text: str) -> str:
    """One line of text: tags and entities resolved, white space made single."""
    if "<" not in text and "&" not in text:
        return one_line(CONTROL.sub("", text))
    return one_line(paragraphs(text))


def paragraphs(text: str) -> str:
    """Text without tags, its paragraphs separated by an empty line."""
    text = CONTROL.sub("", text)
    if TAG.search(text):
        text = nh3.clean(BLOCK_END.sub("\n\n", text), tags=set(), attributes={})
    if ENTITY.search(text):
        # Twice: feeds often escape what was escaped already.
        text = html.unescape(html.unescape(text))
    blocks = (one_line(block) for block in BLANK_LINE.split(text.replace("\r\n", "\n")))
    return "\n\n".join(block for block in blocks if block)
