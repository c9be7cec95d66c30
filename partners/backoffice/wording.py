"""What differs between two texts, word by word."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

WORDS = re.compile(r"\s+|[^\s]+")
# Beyond, comparing word by word takes too long to be worth it.
LONGEST = 3000


@dataclass(frozen=True)
class Piece:
    """``kind``: "" as before, "moins" taken out, "plus" added."""

    kind: str
    text: str


def compared(before: str, after: str) -> list[Piece]:
    """The pieces of both texts, in reading order."""
    old, new = WORDS.findall(before), WORDS.findall(after)
    if len(old) + len(new) > 2 * LONGEST:
        return [Piece("moins", before), Piece("plus", after)]
    pieces: list[Piece] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(Piece("", "".join(old[a:b])))
            continue
        if b > a:
            pieces.append(Piece("moins", "".join(old[a:b])))
        if d > c:
            pieces.append(Piece("plus", "".join(new[c:d])))
    return pieces
