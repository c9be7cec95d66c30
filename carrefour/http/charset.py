"""Bytes to text, for pages and files written in France over thirty years."""

import codecs
import re

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What servers call latin-1 is Windows-1252 in practice (WHATWG encoding standard).
LATIN = {"iso-8859-1", "latin-1", "latin1", "us-ascii", "ascii"}
CANDIDATES = ("windows-1252", "mac-roman", "cp850")
FRENCH = frozenset("éèêëàâçùûüôöîïœæÉÈÊÀÂÇÙÔÎŒ«»’“”–—…€° ")
DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?([\w.:-]+)""", re.IGNORECASE)
HEAD = 2048


def decode(content: bytes, declared: str = "") -> str:
    """The text of ``content``; never raises.

    In order: byte order mark, UTF-8 when the bytes are valid UTF-8, the encoding declared by the
    server or in the document's head, else the one of the usual Western encodings that gives the
    most French letters (detectors read short French as Polish or Romanian).
    """
    for mark, name in BOMS:
        if content.startswith(mark):
            return content[len(mark) :].decode(name, errors="replace")
    if (wide := _wide(content)) is not None:
        return wide
    for name in ("utf-8", declared, _in_head(content)):
        if (text := _strict(content, name)) is not None:
            return text
    return max((content.decode(n, errors="replace") for n in CANDIDATES), key=_french)


def _strict(content: bytes, name: str) -> str | None:
    name = name.strip().lower()
    if not name:
        return None
    try:
        return content.decode("windows-1252" if name in LATIN else name)
    except (LookupError, UnicodeDecodeError):
        return None


def _wide(content: bytes) -> str | None:
    """UTF-16 without its mark: every other byte of its ASCII letters is zero."""
    head = content[:HEAD]
    if not head.count(0) or head.count(0) * 4 < len(head):
        return None
    name = "utf-16-le" if head[1::2].count(0) >= head[::2].count(0) else "utf-16-be"
    return _strict(content, name)


def _in_head(content: bytes) -> str:
    found = DECLARED.search(content[:HEAD])
    return found.group(1).decode("ascii", errors="ignore") if found else ""


def _french(text: str) -> int:
    odd = [c for c in text[:200_000] if ord(c) > 127]
    return sum(1 if c in FRENCH else -2 for c in odd)
