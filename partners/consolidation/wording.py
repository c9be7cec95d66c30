"""What the words of a title are worth: those that tell which one, its kind, its network."""

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from rapidfuzz import fuzz, process

from carrefour.text import key

FOLDER = Path(__file__).parent.parent / "data" / "linkage"
# « EIG3 », « 11e »: the number is kept apart, it tells one from the next.
RANKED = re.compile(r"([a-z]{2,})(\d{1,4})")
ORDINAL = re.compile(r"(\d{1,3})(?:e|er|eme|ere|nd|nde)")
ROMAN = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8"}
SPELT = {"st": "saint", "ste": "sainte", "sts": "saint", "cie": "compagnie"}
# Letters from which a word may be taken for one of the lexicon, mistyped.
MISTYPED = 8
# First words of so many towns that alone they name none.
PREFIXES = {"saint", "sainte", "val", "mont"}
# Networks whose places are all of one kind.
IS_A = {"cyber-base": "espace-numerique"}
# Shares of titles that hold a word, as far as words alone can tell.
GENERIC_SHARE, COMMON_SHARE, NETWORK_SHARE = 0.02, 0.002, 0.01


@dataclass(frozen=True, slots=True)
class Lexicon:
    """``phrases``: words → « kind:… » or « network:… »; ``starts``: first word → longest phrase;
    ``networks``: code → what staff read."""

    stops: frozenset[str]
    legal: frozenset[str]
    place_words: frozenset[str]
    generic: frozenset[str]
    common: frozenset[str]
    phrases: dict[tuple[str, ...], str]
    starts: dict[str, int]
    networks: dict[str, str]

    def share(self, word: str) -> float:
        """The share of titles that are taken to hold the word, whatever the records say."""
        if word in self.generic or word in self.place_words:
            return GENERIC_SHARE
        return COMMON_SHARE if word in self.common else 0.0


@dataclass(frozen=True, slots=True)
class Wording:
    """A title taken apart.

    ``words``: all but articles, own places and numbers, phrases by their code; ``core``: those
    that tell which one, of no kind; ``initials``: what it may be called for short.
    """

    words: tuple[str, ...]
    core: tuple[str, ...]
    kinds: tuple[str, ...]
    networks: tuple[str, ...]
    numbers: tuple[str, ...]
    initials: tuple[str, ...]


@cache
def lexicon() -> Lexicon:
    """The committed lists, read once."""
    said = tomllib.loads((FOLDER / "words.toml").read_text("utf-8"))
    phrases = {
        tuple(phrase.split()): f"{sort}:{code}"
        for sort, table in (("kind", said["kinds"]), ("network", said["networks"]))
        for code, spelt in table.items()
        for phrase in spelt
    }
    starts: dict[str, int] = {}
    for phrase in phrases:
        starts[phrase[0]] = max(starts.get(phrase[0], 0), len(phrase))
    lists = ("stops", "legal", "place_words", "generic", "common")
    words = {name: frozenset(said[name].split()) for name in lists}
    return Lexicon(**words, phrases=phrases, starts=starts, networks=said["network_names"])


def spelt(text: str) -> list[str]:
    """The words of a text, « st » as « saint »."""
    return [SPELT.get(word, word) for word in key(text).split()]


def taken_apart(title: str, places: Iterable[str] = ()) -> Wording:
    """The wording of a title; ``places``: names of the record's own territories."""
    lexical = lexicon()
    told = spelt(title)
    words, numbers = _apart(told)
    own = _own_places(words, places, lexical)
    coded = list(_coded(words, own, lexical))
    networks = _codes(coded, "network:")
    kinds = tuple(sorted({*_codes(coded, "kind:"), *(IS_A[n] for n in networks if n in IS_A)}))
    plain = [w for w in coded if ":" not in w]
    core = _distinctive(plain, lexical)
    return Wording(
        tuple(coded), tuple(core), kinds, networks, tuple(numbers), tuple(_initials(told, lexical))
    )


@lru_cache(maxsize=200_000)
def mended(word: str) -> str:
    """« blibliotheque » as « bibliotheque »: a long word of the lexicon that was mistyped."""
    if len(word) < MISTYPED or word in _long_words():
        return word
    near = process.extractOne(word, _long_words(), scorer=fuzz.ratio, score_cutoff=88)
    return near[0] if near and near[0][0] == word[0] and near[0][:-1] != word else word


@cache
def _long_words() -> dict[str, str]:
    lexical = lexicon()
    words = {w for phrase in lexical.phrases for w in phrase} | lexical.generic
    return {w: w for w in sorted(words) if len(w) >= MISTYPED}


def porteur_words(name: str) -> tuple[str, ...]:
    """The words that tell which body, without legal forms nor articles."""
    lexical = lexicon()
    dropped = lexical.stops | lexical.legal
    words = [w for w in spelt(name) if w not in dropped and w != "organisations"]
    return tuple(words[:12])


def _apart(told: Sequence[str]) -> tuple[list[str], list[str]]:
    """(Words, numbers) of a title; a word that ends by a number gives both."""
    words: list[str] = []
    numbers: list[str] = []
    for place, word in enumerate(told):
        if word.isdigit():
            numbers.append(word.lstrip("0") or "0")
        elif place and word in ROMAN:
            numbers.append(ROMAN[word])
        elif found := ORDINAL.fullmatch(word):
            numbers.append(found[1])
        elif found := RANKED.fullmatch(word):
            words.append(found[1])
            numbers.append(found[2].lstrip("0") or "0")
        else:
            words.append(mended(word))
    return words, numbers


def _own_places(words: Sequence[str], places: Iterable[str], lexical: Lexicon) -> set[int]:
    """The positions of the words that only say where the record is."""
    own: set[int] = set()
    for place in places:
        name = [w for w in spelt(place) if w not in lexical.stops]
        own.update(_run(words, name, lexical))
    return own


def _run(words: Sequence[str], name: Sequence[str], lexical: Lexicon) -> Iterator[int]:
    """Where the name of a place stands in the title: whole, or its first words in order."""
    if not name:
        return
    spots = [i for i, word in enumerate(words) if word not in lexical.stops]
    for start in range(len(spots)):
        length = 0
        while (
            length < len(name)
            and start + length < len(spots)
            and words[spots[start + length]] == name[length]
        ):
            length += 1
        # « Saint-Hippolyte » of « Saint-Hippolyte-du-Fort », but not « Saint » alone.
        if length >= min(len(name), 2) or (length and name[0] not in PREFIXES):
            yield from spots[start : start + length]


def _coded(words: Sequence[str], own: Collection[int], lexical: Lexicon) -> Iterator[str]:
    """The words without articles and own places, the phrases of the lexicon by their codes."""
    kept = [(i, w) for i, w in enumerate(words) if w not in lexical.stops]
    spot = 0
    while spot < len(kept):
        position, word = kept[spot]
        longest = min(lexical.starts.get(word, 0), len(kept) - spot)
        for length in range(longest, 0, -1):
            phrase = tuple(w for _, w in kept[spot : spot + length])
            if phrase in lexical.phrases:
                yield lexical.phrases[phrase]
                spot += length
                break
        else:
            if position not in own and word not in lexical.legal:
                yield word
            spot += 1


def _codes(coded: Iterable[str], prefix: str) -> tuple[str, ...]:
    return tuple(sorted({w.removeprefix(prefix) for w in coded if w.startswith(prefix)}))


def _distinctive(plain: Sequence[str], lexical: Lexicon) -> list[str]:
    """The words that are neither generic nor of a place; « Les Ateliers » keeps what it has."""
    core = [w for w in plain if lexical.share(w) < GENERIC_SHARE]
    if not core and len(plain) <= 2:
        return [w for w in plain if w not in lexical.place_words]
    return core


def _initials(told: Sequence[str], lexical: Lexicon) -> Iterator[str]:
    """« Centre communal d’action sociale » → « ccas », with and without small words."""
    long = [w for w in told if w not in lexical.stops and not w.isdigit()]
    for words in (long, [w for w in told if len(w) > 1]):
        if len(words) >= 3:
            yield "".join(w[0] for w in words)[:8]
