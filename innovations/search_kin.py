"""Words of the same family: the stemmer takes « composter » to « compost », not « compostage ».

A family is wider than its word: it is for words that few records hold.
"""

import re
from collections.abc import Collection
from dataclasses import replace

from innovations.search_words import Group, Way, Words

# What stemming leaves of the endings that make a word from another; five letters stay at least.
ENDINGS = re.compile(
    r"^(\w{5,}?)(?:isat|iat|at|ag|eur|ric|ism|ist|er|is|it|if|iv|iqu|air|ial|al|el|ent|enc|anc"
    r"|ess|ment)$"
)


def family(written: str, way: Way) -> Way | None:
    """Any word that begins as this one does: « compostage » also says « composteur »."""
    if len(way.lexemes) != 1 or way.told:
        return None
    found = ENDINGS.match(way.lexemes[0])
    if not found:
        return None
    return Way(f"'{found[1]}':*", (f"{found[1]}:*",), kin=written)


def with_families(words: Words, rare: Collection[str]) -> Words:
    """The same when words of the family of the ``rare`` ones, as written, are enough."""
    groups = (_widened(g) if g.written in rare else g for g in words.groups)
    return replace(words, groups=tuple(groups))


def _widened(group: Group) -> Group:
    if group.is_quoted:
        return group
    kin = [family(group.written, way) for way in group.ways]
    return Group(group.written, tuple(dict.fromkeys([*group.ways, *(way for way in kin if way)])))
