"""Is a text written in French? Told by its small words; another language only on positive evidence.

Only the words that French and the other language do not share count. Lists, schedules and names
have few of either: nothing is said of them. Measured beside two libraries: docs/decisions/0042.
"""

import re
from functools import cache
from pathlib import Path

WORD = re.compile(r"[^\W\d_]+")
FEWEST, MOST = 12, 150


def foreign(text: str) -> str:
    """The language of a text that is certainly not in French, in French (« anglais »); else ""."""
    words = WORD.findall(text[:1500].lower())[:MOST]
    if len(words) < FEWEST:
        return ""
    scores: dict[str, int] = {}
    for language, small in small_words().items():
        own = sum(w in small and w not in french() for w in words)
        theirs = sum(w in french() and w not in small for w in words)
        if own >= 0.12 * len(words) and own >= 3 * theirs + 2:
            scores[language] = own - theirs
    return max(scores, key=lambda language: scores[language], default="")


def french() -> frozenset[str]:
    return _lists()["français"]


@cache
def small_words() -> dict[str, frozenset[str]]:
    """Language, in French → its small words; French apart."""
    return {name: words for name, words in _lists().items() if name != "français"}


@cache
def _lists() -> dict[str, frozenset[str]]:
    lines = (Path(__file__).parent / "words" / "langues.txt").read_text().splitlines()
    told = (line.partition(": ") for line in lines)
    return {name: frozenset(words.split()) for name, _, words in told}
