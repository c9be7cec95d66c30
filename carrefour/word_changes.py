"""Two texts compared word by word, for a reader."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from carrefour.text import key

WORD = re.compile(r"\s+|[^\s]+")
# Beyond, comparing costs more than anyone would read.
MOST_WORDS = 1500


@dataclass(frozen=True)
class Piece:
    """Some of a text; ``kind``: "" both texts say it, "moins" the first alone, "plus" the second
    alone."""

    text: str
    kind: str = ""


def side_by_side(one: str, other: str) -> tuple[list[Piece], list[Piece]]:
    """Each text cut where it differs. Case, accents, punctuation and spaces make no difference."""
    ours, theirs = (_shortened(WORD.findall(text.strip())) for text in (one, other))
    left, right = zip(*_pieces(ours, theirs, _bare), strict=True) if ours or theirs else ((), ())
    return _side(left), _side(right)


def in_one(before: str, after: str) -> list[Piece]:
    """Both texts in one reading order, to the letter: what was taken out, then what was added.

    Texts too long to compare are told whole, one after the other.
    """
    old, new = WORD.findall(before), WORD.findall(after)
    if len(old) + len(new) > 4 * MOST_WORDS:
        return [Piece(before, "moins"), Piece(after, "plus")]
    found: list[Piece] = []
    for taken, added in _pieces(old, new, str):
        found += [taken, added] if taken.kind else [added]
    return [piece for piece in found if piece.text]


def _pieces(
    old: Sequence[str], new: Sequence[str], read: Callable[[str], str]
) -> Iterator[tuple[Piece, Piece]]:
    """The two texts side by side: the same once ``read``, or what each says there."""
    matcher = SequenceMatcher(None, [read(w) for w in old], [read(w) for w in new], autojunk=False)
    for operation, a, b, c, d in matcher.get_opcodes():
        taken, added = ("", "") if operation == "equal" else ("moins", "plus")
        yield Piece("".join(old[a:b]), taken), Piece("".join(new[c:d]), added)


def _side(pieces: Iterable[Piece]) -> list[Piece]:
    return [p if p.text.strip() else Piece(p.text) for p in pieces if p.text]


def _shortened(words: list[str]) -> list[str]:
    return [*words[: 2 * MOST_WORDS], "…"] if len(words) > 2 * MOST_WORDS else words


def _bare(word: str) -> str:
    """What is compared of a word; a mark alone stands for itself."""
    return key(word) or word.strip()
