"""« Vouliez-vous dire… »: the words of a query that the directory does not know, put right."""

import re
from collections.abc import Iterable

from innovations import vocabulary
from innovations.search_words import ELIDED, Words
from innovations.vocabulary import Slip


def slips_of(words: Words) -> list[Slip]:
    """The words that may be typing errors; expressions, phrases and exclusions are left."""
    asked = [
        (ELIDED.sub("", group.written), group.ways[0].lexemes[0])
        for group in words.groups
        if all(way.is_form for way in group.ways[1:]) and len(group.ways[0].lexemes) == 1
    ]
    return vocabulary.slips(asked)


def corrected(text: str, slips: Iterable[Slip]) -> str:
    """The text with these words as the directory writes them."""
    for slip in slips:
        text = re.sub(rf"(?<!\w){re.escape(slip.written)}(?!\w)", slip.nearest, text)
    return text
