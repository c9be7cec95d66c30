"""HTML safe to show: few tags, no script, no address but of the web."""

import html
import re

import nh3

from carrefour.text import one_line

TAG = re.compile(r"<(?:/?[a-zA-Z][^<>]*|!--.*?--)>", re.DOTALL)
ENTITY = re.compile(r"&(?:[a-zA-Z]{2,10}|#\d{1,6}|#x[0-9a-fA-F]{1,5});")
TAGS = {"p", "br", "ul", "ol", "li", "strong", "em", "b", "i", "a", "blockquote", "h3", "h4"}
ATTRIBUTES = {"a": {"href", "title"}}
SCHEMES = {"http", "https", "mailto"}
HEADINGS = re.compile(r"<(/?)h[12456](?=[\s>])", re.IGNORECASE)
EMPTY_PARAGRAPH = re.compile(r"<p>(?:\s|&nbsp;|<br>)*</p>")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f​﻿]")


class Safe(str):
    """A text that ``clean`` or ``safe_html`` made: they give it back as it is."""

    __slots__ = ()


def clean(markup: str) -> str:
    """The markup with our few tags only; what is clean already comes out as it was."""
    return markup if isinstance(markup, Safe) else Safe(_cleaned(markup))


def safe_html(text: str) -> str:
    """Safe HTML of few tags, from HTML or from plain text (paragraphs and line ends kept)."""
    if isinstance(text, Safe):
        return text
    text = CONTROL.sub("", text)
    has_tags = TAG.search(text)
    if not has_tags and ENTITY.search(text):
        text = html.unescape(text)
        has_tags = TAG.search(text)
    if not has_tags:
        return Safe(_from_plain(text))
    text = HEADINGS.sub(r"<\1h3", text)
    return Safe(EMPTY_PARAGRAPH.sub("", _cleaned(text)).strip())


def _cleaned(markup: str) -> str:
    return nh3.clean(
        markup,
        tags=TAGS,
        attributes=ATTRIBUTES,
        link_rel="nofollow noopener",
        url_schemes=SCHEMES,
    )


def _from_plain(text: str) -> str:
    blocks = (b.strip() for b in re.split(r"\n\s*\n", text.replace("\r\n", "\n")))
    lines = (
        "<br>".join(html.escape(one_line(x), quote=False) for x in b.split("\n"))
        for b in blocks
        if b
    )
    return "".join(f"<p>{line}</p>" for line in lines)
