"""Two texts compared word by word, for a reader."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from carrefour.text import key

WORD = re.compile(r"\s+|[^\s]+")
# Beyond, comparing costs more than anyone would read.
MOST_WORDS = 1500


@dataclass(frozen=True)
class Piece:
    """Some of a text; ``is_own``: the other text does not say it."""

    text: str
    is_own: bool = False


def compared(one: str, other: str) -> tuple[list[Piece], list[Piece]]:
    """Both texts cut where they differ. Case, accents and punctuation make no difference."""
    ours, theirs = _words(one), _words(other)
    matcher = SequenceMatcher(None, [_bare(w) for w in ours], [_bare(w) for w in theirs], False)
    left: list[Piece] = []
    right: list[Piece] = []
    for operation, a, b, c, d in matcher.get_opcodes():
        is_own = operation != "equal"
        left += _piece(ours[a:b], is_own)
        right += _piece(theirs[c:d], is_own)
    return left, right


def _words(text: str) -> list[str]:
    found = WORD.findall(text.strip())
    return [*found[: 2 * MOST_WORDS], "…"] if len(found) > 2 * MOST_WORDS else found


def _bare(word: str) -> str:
    """What is compared of a word; a mark alone stands for itself."""
    return key(word) or word.strip()


def _piece(words: Sequence[str], is_own: bool) -> list[Piece]:
    text = "".join(words)
    return [Piece(text, is_own and bool(text.strip()))] if text else []
