"""What of a visitor's words may be counted: nothing that may name or reach a person. Pure."""

import re
from pathlib import Path

from carrefour.personal_patterns import EMAIL, IBAN, NIR, PHONE, STREET
from carrefour.text import key, one_line

SHORTEST, LONGEST = 3, 100
# A postcode or a year; more figures are a number of something or of someone.
MOST_DIGITS = 5
PATTERNS = (EMAIL, IBAN, NIR, PHONE, re.compile(STREET, re.IGNORECASE))
ADDRESS = re.compile(r"@|arobase|\[at\]|\(at\)|https?:|www\.", re.IGNORECASE)
CIVILITY = re.compile(
    r"\b(?:m|mr|mme|mlle|monsieur|madame|mademoiselle|maitre|docteur|dr|professeur|pr) [a-z]{2,}"
)
# Common first names, but those that are as well a word, a month or a place of the field.
FIRST_NAMES = frozenset((Path(__file__).parent / "data" / "prenoms.txt").read_text().split())
FRIENDLY = re.compile(r"[^\w ’'\-]")


def countable(text: str) -> tuple[str, str] | None:
    """(what is compared, what is shown) of a text that may be counted, else None.

    The whole text is left out, not a part of it: what is beside a name tells of the person too.
    """
    written = one_line(text)
    compared = key(written)
    if not SHORTEST <= len(compared) <= LONGEST:
        return None
    if sum(c.isdigit() for c in written) > MOST_DIGITS or ADDRESS.search(written):
        return None
    if any(pattern.search(written) for pattern in PATTERNS) or names_someone(compared):
        return None
    shown = one_line(FRIENDLY.sub(" ", written.lower()))
    return compared, shown if key(shown) == compared else compared


def names_someone(compared: str) -> bool:
    """Whether a text, as ``key`` writes it, holds a civility and a name, or a first name with a
    word beside it: « jean dupont ». « Saint-Jean » and « rue Jean-Jaurès » fall too: rather lose a
    count than keep a person."""
    if CIVILITY.search(compared):
        return True
    words = compared.split()
    return len(words) > 1 and any(word in FIRST_NAMES for word in words)
