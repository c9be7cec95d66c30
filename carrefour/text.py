"""Text as the whole house compares it: one key for labels, names and titles."""

import re
import unicodedata

LIGATURES = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ß": "ss"})
NOT_WORD = re.compile(r"[^0-9a-z]+")


def key(text: str) -> str:
    """Lower-case ASCII words, one space between: « L'Économie  sociale » → « l economie sociale ».

    Two labels that a reader would call the same have the same key; used for vocabularies, sorting
    and look-ups. An empty or symbol-only text gives "".
    """
    spelt = text.translate(QUICK)
    return " ".join(spelt.split()) if spelt.isascii() else _decomposed(text)


def _decomposed(text: str) -> str:
    """The key of any text, by Unicode's decomposition of its characters."""
    plain = unicodedata.normalize("NFKD", text.translate(LIGATURES))
    ascii_only = "".join(c for c in plain if not unicodedata.combining(c))
    return NOT_WORD.sub(" ", ascii_only.lower()).strip()


# The same answer by one table, ten times faster, for the characters that French is written with;
# left out are the letters that decomposition takes apart into two words.
TWO_WORDS = {0x13F, 0x140, 0x149}
USUAL = {*range(0x180)} | {0x2013, 0x2014, 0x2018, 0x2019, 0x201C, 0x201D, 0x2026, 0x202F, 0x20AC}
QUICK = {code: _decomposed(chr(code)) or " " for code in USUAL - TWO_WORDS}


def typographic(text: str) -> str:
    """The text with the apostrophe that French is printed with: « Côtes-d’Armor »."""
    return text.replace("'", "’")


def primary_key(text: str) -> int | None:
    """The number of a row as an address or a form writes it; None when it cannot be one."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= 18
    return int(text) if is_number else None


def whole_number(text: str, least: int, most: int) -> int | None:
    """The number that an address writes, from ``least`` to ``most``; None for anything else."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= 9
    return int(text) if is_number and least <= int(text) <= most else None


def ascii_digits(text: str) -> str:
    """The digits of any script as 0 to 9, character for character: « ٣٠ km » → « 30 km »."""
    if text.isascii():
        return text
    return "".join(c if (n := unicodedata.digit(c, None)) is None else str(n) for c in text)


def one_line(text: str) -> str:
    """The text with every run of white space (no-break and line ends included) as one space."""
    return " ".join(text.split())


def well_formed(text: str) -> str:
    """The text as any database takes it: without null characters nor halves of characters."""
    return text.replace("\x00", " ").encode("utf-8", "replace").decode()


def excerpt(text: str, length: int) -> str:
    """At most ``length`` characters, cut between words and ended by « … » when shortened."""
    text = one_line(text)
    if len(text) <= length:
        return text
    return text[: length - 1].rsplit(" ", 1)[0].rstrip(" ,;:.") + "…"
