"""Texts made safe and clean: HTML for descriptions, plain text elsewhere."""

import html
import re

import nh3

from carrefour.text import one_line

TAG = re.compile(r"<(?:/?[a-zA-Z][^<>]*|!--.*?--)>", re.DOTALL)
ENTITY = re.compile(r"&(?:[a-zA-Z]{2,10}|#\d{1,6}|#x[0-9a-fA-F]{1,5});")
BLOCK_END = re.compile(r"<br\s*/?>|</(?:p|div|li|h[1-6]|tr|blockquote|ul|ol)\s*>", re.IGNORECASE)
TAGS = {"p", "br", "ul", "ol", "li", "strong", "em", "b", "i", "a", "blockquote", "h3", "h4"}
ATTRIBUTES = {"a": {"href", "title"}}
HEADINGS = re.compile(r"<(/?)h[12456](?=[\s>])", re.IGNORECASE)
EMPTY_PARAGRAPH = re.compile(r"<p>(?:\s|&nbsp;|<br>)*</p>")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f​﻿]")


def plain(text: str) -> str:
    """One line of text: tags and entities resolved, white space made single."""
    return one_line(paragraphs(text))


def paragraphs(text: str) -> str:
    """Text without tags, its paragraphs separated by an empty line."""
    text = CONTROL.sub("", text)
    if TAG.search(text):
        text = nh3.clean(BLOCK_END.sub("\n\n", text), tags=set(), attributes={})
    if ENTITY.search(text):
        # Twice: feeds often escape what was escaped already.
        text = html.unescape(html.unescape(text))
    blocks = (one_line(block) for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n")))
    return "\n\n".join(block for block in blocks if block)


def safe_html(text: str) -> str:
    """Safe HTML of few tags, from HTML or from plain text (paragraphs and line ends kept)."""
    text = CONTROL.sub("", text)
    if not TAG.search(text) and ENTITY.search(text):
        text = html.unescape(text)
    if not TAG.search(text):
        return _from_plain(text)
    text = HEADINGS.sub(r"<\1h3", text)
    cleaned = nh3.clean(
        text,
        tags=TAGS,
        attributes=ATTRIBUTES,
        link_rel="nofollow noopener",
        url_schemes={"http", "https", "mailto"},
    )
    return EMPTY_PARAGRAPH.sub("", cleaned).strip()


def _from_plain(text: str) -> str:
    blocks = (b.strip() for b in re.split(r"\n\s*\n", text.replace("\r\n", "\n")))
    lines = (
        "<br>".join(html.escape(one_line(x), quote=False) for x in b.split("\n"))
        for b in blocks
        if b
    )
    return "".join(f"<p>{line}</p>" for line in lines)
