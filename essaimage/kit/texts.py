"""Texts as passages: paragraphs and lists, from what partners wrote as HTML or as plain text."""

import re
from collections.abc import Iterable
from itertools import groupby

from essaimage.kit.blocks import Entry, Passage
from innovations.telling import plain

# Marks of list items and headings while HTML becomes text; no text may hold them.
ITEM, HEADING = "\x02", "\x03"
MARKS = re.compile(f"[{ITEM}{HEADING}]")
OPENING_ITEM = re.compile(r"<li(?=[\s>])[^>]*>", re.IGNORECASE)
OPENING_HEADING = re.compile(r"<h[1-6](?=[\s>])[^>]*>", re.IGNORECASE)
SPACES = re.compile(r"[ \t\f\v]+")
BULLET = re.compile(r"\s*[-–•*·]\s+(?=\S)")


def from_text(text: str) -> tuple[Passage, ...]:
    """Paragraphs (parted by empty lines, line ends kept) and the lists written with dashes."""
    blocks = re.split(r"\n\s*\n", MARKS.sub("", text).replace("\r\n", "\n").replace("\r", "\n"))
    return tuple(passage for block in blocks for passage in _passages(block.split("\n")))


def from_html(markup: str) -> tuple[Passage, ...]:
    """One passage per block of the markup; lists stay lists."""
    marked = OPENING_ITEM.sub(f"\n{ITEM}", MARKS.sub("", markup))
    marked = OPENING_HEADING.sub(f"\n{HEADING}", marked)
    found: list[Passage] = []
    for style, lines in groupby(plain(marked).split("\n"), key=_style):
        texts = tuple(text for line in lines if (text := MARKS.sub("", line).strip()))
        if style == "ul" and texts:
            found.append(Passage(style, texts))
        else:
            found += [Passage(style, (text,)) for text in texts]
    return tuple(found)


def entry(label: str, text: str, url: str = "") -> Entry:
    return Entry(label, from_text(text), url)


def entries(pairs: Iterable[tuple[str, str]]) -> tuple[Entry, ...]:
    """Those of the (label, text) pairs that say something."""
    return tuple(entry(label, text) for label, text in pairs if text)


def listed(texts: Iterable[str]) -> tuple[Passage, ...]:
    found = tuple(text for text in texts if text)
    return (Passage("ul", found),) if found else ()


def paragraph(text: str) -> tuple[Passage, ...]:
    return (Passage("p", (text,)),) if text else ()


def _style(line: str) -> str:
    return {ITEM: "ul", HEADING: "h"}.get(line[:1], "p")


def _spaced(line: str) -> str:
    """One space where several follow each other; those that no line may break at stay."""
    return SPACES.sub(" ", line).strip()


def _passages(lines: Iterable[str]) -> Iterable[Passage]:
    shown = [line for line in lines if line.strip()]
    for is_list, group in groupby(shown, key=lambda line: bool(BULLET.match(line))):
        texts = [_spaced(BULLET.sub("", line, count=1) if is_list else line) for line in group]
        if is_list:
            yield Passage("ul", tuple(texts))
        else:
            yield Passage("p", ("\n".join(texts),))
