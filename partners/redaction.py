"""Taking a datum out of any text: plain, HTML, JSON; whatever its case, accents or spacing."""

import html
import re
from collections.abc import Callable, Container, Iterator
from itertools import combinations, count
from typing import Any
from urllib.parse import unquote_plus

from carrefour.text import key
from partners.digests import national, window

PLACEHOLDER = "[donnée retirée]"
UNIT = re.compile(r"(?P<tag><[a-zA-Z/!][^<>]*>)|(?P<entity>&(?:#\d+|#[xX][0-9a-fA-F]+|\w+);)")
WORD = re.compile(r"(?:[^\W_][\u0300-\u036f]*)+")
DIGITS = re.compile(r"\+?\d(?:[\s.()/\-\u2010-\u2015]{0,3}\d){7,}")
ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.\-]*://|mailto:|tel:)\S+", re.IGNORECASE)
# Longest whole value that may be one part of a name kept in two cells.
PART_WORDS = 3
# Names of columns kept in memory with what they become.
NAMES = 10_000

# (kind, normal form) → is it on the list?
Known = Callable[[str, str], bool]
Span = tuple[int, int]


class Redactor:
    """Replaces by « [donnée retirée] » what ``known`` recognises.

    ``lengths``: how many words the listed data have; ``phones``: whether phone numbers are listed.
    """

    def __init__(self, known: Known, lengths: set[int], phones: bool) -> None:
        self._known = known
        self._lengths = sorted(lengths, reverse=True)
        self._phones = phones
        # A single word is too common to be looked for in the names of columns.
        self._several = {length for length in lengths if length > 1}
        self._names: dict[str, str] = {}

    def content(self, value: Any) -> tuple[Any, int]:
        """The JSON-like value without the data, and how many times one was found.

        Keys lose the data of several words only: columns bear common words. What is clean comes
        back as the very same object.
        """
        if not self._lengths and not self._phones:
            return value, 0
        clean: tuple[Any, int]
        match value:
            case str():
                clean = self.text(value)
            case dict():
                clean = self._mapping(value)
            case list() | tuple():
                clean = self._sequence(value)
            case bool() | None:
                clean = value, 0
            case int() | float():
                clean = self._number(value)
            case _:
                clean = value, 0
        return clean

    def text(self, text: str) -> tuple[str, int]:
        """The text, HTML or not, without the data. An address holding one is emptied whole."""
        plain, origin = _visible(text)
        spans = [*self._spans(plain)]
        if ADDRESS.fullmatch(text.strip()):
            found = len(spans) or len([*self._spans(unquote_plus(text))])
            return ("", found) if found else (text, 0)
        clean = _cut(text, _back(spans, origin))
        clean, in_tags = self._tags(clean)
        return clean, len(spans) + in_tags

    def holds(self, text: str) -> bool:
        return self.text(text)[1] > 0

    def names(self, column: str) -> bool:
        """Whether the name of a column holds a datum."""
        return self._named(column) != column

    def _named(self, column: str) -> str:
        """The name of a column without the data; kept, since every row bears it."""
        if not (self._several or self._phones):
            return column
        if column not in self._names:
            if len(self._names) >= NAMES:
                self._names.clear()
            inside = Redactor(self._known, self._several, self._phones)
            self._names[column] = inside.text(column)[0]
        return self._names[column]

    def _number(self, value: int | float) -> tuple[Any, int]:
        whole = isinstance(value, int) or value.is_integer()
        digits = national(str(int(value))) if whole else ""
        if self._phones and digits and self._known("telephone", digits):
            return PLACEHOLDER, 1
        return value, 0

    def _mapping(self, value: dict[str, Any]) -> tuple[Any, int]:
        cleaned = {name: self.content(child) for name, child in value.items()}
        found = sum(count for _, count in cleaned.values())
        split = self._split_names({n: c for n, (c, count) in cleaned.items() if not count})
        for name in split:
            cleaned[name] = (PLACEHOLDER, 1)
        columns = {name: self._named(name) for name in cleaned if isinstance(name, str)}
        renamed = sum(name != said for name, said in columns.items())
        if not (found or split or renamed):
            return value, 0
        clean: dict[str, Any] = {}
        for name, (child, _) in cleaned.items():
            clean[_free(columns.get(name, name), clean)] = child
        return clean, found + len(split) + renamed

    def _sequence(self, value: list[Any] | tuple[Any, ...]) -> tuple[Any, int]:
        cleaned = [self.content(child) for child in value]
        found = sum(count for _, count in cleaned)
        return ([child for child, _ in cleaned], found) if found else (value, 0)

    def _split_names(self, value: dict[str, Any]) -> set[str]:
        """The cells that make a datum together: « Dupont » in one, « Jean » in another."""
        if not any(length > 1 for length in self._lengths):
            return set()
        short = {
            name: words
            for name, cell in value.items()
            if isinstance(cell, str) and len(cell) < 60
            for words in [key(cell).split()]
            if 0 < len(words) <= PART_WORDS
        }
        return {
            name
            for pair in combinations(short, 2)
            for words in [short[pair[0]] + short[pair[1]]]
            if len(words) in self._lengths and self._known("mots", window(words))
            for name in pair
        }

    def _spans(self, plain: str) -> Iterator[Span]:
        """Where the data stand in a text without markup; the spans do not overlap."""
        taken = 0
        for start, end in sorted([*self._phone_spans(plain), *self._word_spans(plain)]):
            if start >= taken:
                yield start, end
                taken = end

    def _word_spans(self, plain: str) -> Iterator[Span]:
        if not self._lengths:
            return
        words = list(_words(plain))
        index = 0
        while index < len(words):
            length = self._match(words, index)
            if length:
                yield words[index][1], words[index + length - 1][2]
            index += length or 1

    def _match(self, words: list[tuple[str, int, int]], index: int) -> int:
        for length in self._lengths:
            if index + length > len(words):
                continue
            if self._known("mots", window([w for w, _, _ in words[index : index + length]])):
                return length
        return 0

    def _phone_spans(self, plain: str) -> Iterator[Span]:
        if not self._phones:
            return
        for run in DIGITS.finditer(plain):
            at = [run.start() + i for i, c in enumerate(run.group()) if c.isdigit()]
            index = 0
            while index < len(at):
                length = self._phone_at(plain, at[index:])
                if length:
                    start = at[index]
                    before = start - 1 if plain[start - 1 : start] == "+" else start
                    yield before, at[index + length - 1] + 1
                index += length or 1

    def _phone_at(self, plain: str, positions: list[int]) -> int:
        """How many digits from here make a listed number; the longest spelling wins."""
        digits = "".join(plain[p] for p in positions[:15])
        for length in range(len(digits), 7, -1):
            number = national(digits[:length])
            if number and self._known("telephone", number):
                return length
        return 0

    def _tags(self, text: str) -> tuple[str, int]:
        """Attributes (mailto:, alt, title) hold data too: each tag is read as a text of its own."""
        found = 0

        def clean(match: re.Match[str]) -> str:
            nonlocal found
            if match.group("entity"):
                return match.group()
            tag, count = self._tag(match.group())
            found += count
            return tag

        return (UNIT.sub(clean, text), found) if "<" in text else (text, 0)

    def _tag(self, tag: str) -> tuple[str, int]:
        inside, origin = _visible(tag[1:-1])
        spans = [*self._spans(inside)]
        if spans:
            return f"<{_cut(tag[1:-1], _back(spans, origin))}>", len(spans)
        # An address in %20 style: no part of the tag is worth keeping.
        found = len([*self._spans(unquote_plus(inside))]) if "%" in inside else 0
        return ("", found) if found else (tag, 0)


def _free(name: str, taken: Container[str]) -> str:
    """Two columns may lose the same name: the second is numbered."""
    if name not in taken:
        return name
    return next(free for n in count(2) if (free := f"{name} ({n})") not in taken)


def _visible(text: str) -> tuple[str, list[Span]]:
    """What a reader sees of an HTML text, and where each of its characters stands in it.

    A tag counts as one space, an entity as the character it stands for.
    """
    if "<" not in text and "&" not in text:
        return text, [(i, i + 1) for i in range(len(text))]
    characters: list[str] = []
    origin: list[Span] = []
    position = 0
    for unit in UNIT.finditer(text):
        _plain(text, position, unit.start(), characters, origin)
        shown = " " if unit.group("tag") else html.unescape(unit.group())
        characters += shown
        origin += [unit.span()] * len(shown)
        position = unit.end()
    _plain(text, position, len(text), characters, origin)
    return "".join(characters), origin


def _back(spans: list[Span], origin: list[Span]) -> list[Span]:
    """Spans of the visible text as spans of the text it comes from."""
    return [(origin[start][0], origin[end - 1][1]) for start, end in spans]


def _plain(text: str, start: int, end: int, characters: list[str], origin: list[Span]) -> None:
    characters += text[start:end]
    origin += [(i, i + 1) for i in range(start, end)]


def _words(plain: str) -> Iterator[tuple[str, int, int]]:
    """(normalised word, start, end), cut as ``carrefour.text.key`` cuts."""
    for match in WORD.finditer(plain):
        for word in key(match.group()).split():
            yield word, match.start(), match.end()


def _cut(text: str, spans: list[Span]) -> str:
    """The text with each span replaced, the tags inside a span kept so that HTML stays balanced."""
    pieces: list[str] = []
    position = 0
    for start, end in spans:
        tags = "".join(m.group() for m in UNIT.finditer(text, start, end) if m.group("tag"))
        pieces += [text[position:start], PLACEHOLDER, tags]
        position = end
    return "".join([*pieces, text[position:]])
