"""A need in one's own words: « je ne sais pas me servir d’un ordinateur ».

Who speaks of themselves rarely uses the words of the field (« médiation numérique »): what it calls
the need answers too, for less than the very words. The list (data/besoins.toml) goes one way only.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from carrefour.text import key
from innovations.search_words import Group, Way, Words, all_of, lexed

FILE = Path(__file__).parent / "data" / "besoins.toml"
# Words of someone who tells their own need.
TELLING = frozenset({
    "je", "j", "me", "m", "moi", "mon", "ma", "mes", "nous", "notre", "nos", "on", "comment",
    "quelqu", "besoin", "cherche", "cherchons",
})  # fmt: skip

Lexemes = tuple[str, ...]


def is_told(text: str) -> bool:
    """Whether someone tells their need, rather than names what they look for."""
    words = key(text).split()
    return len(words) > 2 and not TELLING.isdisjoint(words)


def with_needs(words: Words) -> Words:
    """The same when what the field calls these needs is enough; the words of an expression may
    stand apart, in any order (« garder, tôt le matin, mes enfants »)."""
    at = {
        lexeme: n
        for n, group in enumerate(words.groups)
        if not group.is_quoted
        for lexeme in group.ways[0].lexemes
    }
    groups: dict[int, Group | None] = dict(enumerate(words.groups))
    for said, near in _known().items():
        places = sorted({at[lexeme] for lexeme in said if lexeme in at})
        some = [group for n in places if (group := groups[n]) and not _has_needs(group)]
        if at.keys() >= {*said} and len(some) == len(places):
            groups |= {**dict.fromkeys(places), places[0]: _also(some, near)}
    return replace(words, groups=tuple(group for group in groups.values() if group))


def _has_needs(group: Group) -> bool:
    return any(way.near for way in group.ways)


def _also(some: Sequence[Group], near: Sequence[Way]) -> Group:
    own = some[0].ways if len(some) == 1 else (all_of([group.ways[0] for group in some]),)
    said = {way.tsquery for way in own if way}
    ways = (*own, *(way for way in near if way.tsquery not in said))
    return Group(" ".join(g.written for g in some), tuple(way for way in ways if way))


@cache
def _known() -> Mapping[Lexemes, tuple[Way, ...]]:
    """{words as rows keep them: what the field calls it}, the expressions of most words first; one
    query for each process."""
    needs = tomllib.loads(FILE.read_text())["besoins"]
    said = [text for need in needs for text in (*need["dits"], *need["parlent"])]
    ways = dict(zip(said, lexed(said), strict=True))
    known: dict[Lexemes, dict[str, Way]] = {}
    for need in needs:
        near = {
            way.tsquery: replace(way, near=text)
            for text in need["parlent"]
            if (way := ways[text][1])
        }
        for text in need["dits"]:
            if way := ways[text][0]:
                known.setdefault(way.lexemes, {}).update(near)
    longest_first = sorted(known.items(), key=lambda entry: -len(entry[0]))
    return {lexemes: tuple(near.values()) for lexemes, near in longest_first}
