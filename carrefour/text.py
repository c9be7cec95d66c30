"""Text as the whole house compares it: one key for labels, names and titles."""

import re
import unicodedata

LIGATURES = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ß": "ss"})
NOT_WORD = re.compile(r"[^0-9a-z]+")
SPACES = re.compile(r"\s+")


def key(text: str) -> str:
    """Lower-case ASCII words, one space between: « L'Économie  sociale » → « l economie sociale ».

    Two labels that a reader would call the same have the same key; used for vocabularies, sorting
    and look-ups. An empty or symbol-only text gives "".
    """
    plain = unicodedata.normalize("NFKD", text.translate(LIGATURES))
    ascii_only = "".join(c for c in plain if not unicodedata.combining(c))
    return NOT_WORD.sub(" ", ascii_only.lower()).strip()


def typographic(text: str) -> str:
    """The text with the apostrophe that French is printed with: « Côtes-d’Armor »."""
    return text.replace("'", "’")


def primary_key(text: str) -> int | None:
    """The number of a row as an address or a form writes it; None when it cannot be one."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= 18
    return int(text) if is_number else None


def one_line(text: str) -> str:
    """The text with every run of white space (no-break and line ends included) as one space."""
    return SPACES.sub(" ", text).strip()


def excerpt(text: str, length: int) -> str:
    """At most ``length`` characters, cut between words and ended by « … » when shortened."""
    text = one_line(text)
    if len(text) <= length:
        return text
    return text[: length - 1].rsplit(" ", 1)[0].rstrip(" ,;:.") + "…"
