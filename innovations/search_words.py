"""What a visitor writes, taken apart: what must be found, what must not, how little is enough.

Stop words are left aside; « "tiers lieu" » or « « tiers lieu » » is an exact phrase; « -prison »
excludes; « ou » between two words takes either; « tiers-lieu » asks both its words.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db import connection

from carrefour.text import key

PIECE = re.compile(r'(?<!\S)(-?)(?:"([^"]*)"?|«\s*([^»]*)»?|“([^”]*)”?|(\S+))')
OR = {"ou", "or", "OU", "OR"}
# Words of sentences that PostgreSQL's list of French stop words does not have (« les » among them).
UNSAID = {
    "les", "comment", "pourquoi", "quand", "quel", "quelle", "quels", "quelles", "chez", "vers",
    "si", "ici", "cette", "cet", "leurs", "donc", "car", "ainsi", "aussi", "plutot", "tres", "etre",
    "avoir", "faire", "peut", "peux", "veux", "veut", "cherche", "trouver", "ceux", "celles",
    "a", "aimerais", "aimerait", "aller", "arrive", "arrivent", "besoin", "dois", "doit", "endroit",
    "faut", "moins", "peuvent", "plus", "pouvons", "sais", "sait", "savent", "servir", "souhaite",
    "va", "vais", "vont", "voudrais", "voudrait", "voulons",
    "ou", "bien", "mieux", "peu", "trop", "tot", "tard", "toujours", "jamais", "encore", "deja",
    "rien", "tout", "tous", "toute", "toutes", "beaucoup", "vraiment", "comme", "depuis",
    "pendant", "chaque", "plusieurs", "autre", "autres", "quelqu", "quelque", "quelques", "alors",
    "parce", "cherchons",
}  # fmt: skip
ELIDED = re.compile(r"^\w{1,2}['’]")
LEXEME = re.compile(r"'((?:[^']|'')*)'")
# Beyond these, words only help to rank: more would make more than 70 combinations.
MOST_COUNTED = 8
# What a word says is counted in tenths, alike by SQL and by bitmaps.
TENTHS = 10
# What records must hold of all that the words say, when too few hold everything.
SHARES = (0.4, 0.2, 0)

LEX = """
SELECT w.n, plainto_tsquery('carrefour', carrefour_words(replace(w.text, '/', ' ')))::text,
    phraseto_tsquery('carrefour', carrefour_words(replace(w.text, '/', ' ')))::text
FROM unnest(%s::text[]) WITH ORDINALITY AS w(text, n)
"""


@dataclass(frozen=True)
class Way:
    """One way of saying what is asked: ``lexemes`` all there, next to each other in a phrase.

    ``told``: the term that the records have, when the way is no words of the text; ``kin``: the
    word, as written, whose family this is. ``is_form``: the same word, written otherwise.
    ``near``: what the field calls it, when a need is told in other words.
    """

    tsquery: str
    lexemes: tuple[str, ...]
    is_phrase: bool = False
    is_form: bool = False
    told: str = ""
    kin: str = ""
    near: str = ""


@dataclass(frozen=True)
class Group:
    """One thing asked, as ``written``; any of its ways is enough. ``is_quoted``: no other word
    will do."""

    written: str
    ways: tuple[Way, ...]
    is_quoted: bool = False

    @property
    def tsquery(self) -> str:
        return _joined([way.tsquery for way in self.ways], " | ")

    @property
    def parts(self) -> tuple["Group", ...]:
        """Its own words, and apart what the field calls the need: each says what it says."""
        near = tuple(way for way in self.ways if way.near)
        own = tuple(way for way in self.ways if not way.near)
        return tuple(replace(self, ways=ways) for ways in (own, near) if ways)


@dataclass(frozen=True)
class Words:
    """What is asked; a record must hold all the ``groups``, unless they are loosened: then some of
    the ``counted``, each with what it says, that say at least ``need`` together (in tenths).
    """

    groups: tuple[Group, ...] = ()
    excluded: tuple[Group, ...] = ()
    ignored: tuple[str, ...] = ()
    need: int = 0
    counted: tuple[tuple[Group, int], ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.groups and not self.excluded

    @property
    def terms(self) -> list[str]:
        """The terms whose records answer without saying the words."""
        told = [way.told for group in self.groups for way in group.ways if way.told]
        return list(dict.fromkeys(told))

    @property
    def kin(self) -> list[str]:
        """The words as written whose families answer too."""
        kin = [way.kin for group in self.groups for way in group.ways if way.kin]
        return list(dict.fromkeys(kin))

    @property
    def near(self) -> list[str]:
        """What the field calls the needs that are told, which answers too."""
        near = [way.near for group in self.groups for way in group.ways if way.near]
        return list(dict.fromkeys(near))

    @property
    def is_widened(self) -> bool:
        """Whether records answer that say none of the words."""
        return bool(self.terms or self.kin or self.near)

    @property
    def is_loose(self) -> bool:
        """Whether some of the words are enough."""
        return bool(self.counted)

    @property
    def is_any(self) -> bool:
        """Whether any one of the words is enough."""
        return self.is_loose and self.need <= min(said for _, said in self.counted)

    @property
    def whole(self) -> "Words":
        return replace(self, need=0, counted=())

    def looser(self, worths: Mapping[Group, float]) -> list["Words"]:
        """The same when the words that say most are enough, the strictest first; exclusions stand.

        A rare word says much, so that vague ones beside it (« servir », « trouver ») need not be
        there. ``worths``: what each group says (see ``search_ranking.worth``).
        """
        if len(self.groups) < 2:
            return []
        said = [(group, max(1, round(worths[group] * TENTHS))) for group in self.groups]
        counted = tuple(sorted(said, key=lambda each: -each[1])[:MOST_COUNTED])
        total, least = sum(n for _, n in counted), counted[-1][1]
        needs = dict.fromkeys(max(least, round(total * share)) for share in SHARES)
        return [replace(self, need=need, counted=counted) for need in needs]

    @property
    def weighed(self) -> list[Group]:
        """The groups and their parts, by which records are found and ranked."""
        return list(dict.fromkeys(each for g in self.groups for each in (*g.parts, g)))

    @property
    def tsquery(self) -> str:
        """The condition as PostgreSQL reads it; "" without words."""
        parts = [_joined(self._choices(), " | ")] if self.groups else []
        parts += [f"!({group.tsquery})" for group in self.excluded]
        return " & ".join(f"({part})" for part in parts if part)

    def _choices(self) -> list[str]:
        """The least that is enough: each choice falls short without any of its words."""
        if not self.is_loose:
            return [_joined([g.tsquery for g in self.groups], " & ")]
        sizes = range(1, len(self.counted) + 1)
        return [
            _joined([group.tsquery for group, _ in chosen], " & ")
            for size in sizes
            for chosen in combinations(self.counted, size)
            if 0 <= sum(n for _, n in chosen) - self.need < min(n for _, n in chosen)
        ]

    @property
    def any_tsquery(self) -> str:
        """Any of the words: what is highlighted, and what a rank reads."""
        return _joined([group.tsquery for group in self.groups], " | ")


# Another way: an expression, or what the rows hold beside their words.
Other = str | Way
Equivalents = Callable[[Sequence[str]], list[tuple[int, int, list[Other]]]]


def read(text: str, equivalents: Equivalents | None = None) -> Words:
    """The words of a query; one question to the database, none for an empty text.

    ``equivalents`` gives, for the plain words in order ("" for a phrase or an exclusion), (first,
    last, expressions) of what may be said otherwise.
    """
    pieces = list(_pieces(text))
    if not pieces:
        return Words()
    said = equivalents([p.text if p.is_plain else "" for p in pieces]) if equivalents else []
    expressions = [e for _, _, others in said for e in others if isinstance(e, str)]
    taken = lexed([*(p.text for p in pieces), *expressions])
    phrases = iter([phrase for _, phrase in taken[len(pieces) :]])
    more = {
        (first, last): [e if isinstance(e, Way) else next(phrases) for e in others]
        for first, last, others in said
    }
    return _assembled(pieces, taken, more)


@dataclass(frozen=True)
class Piece:
    text: str
    is_excluded: bool = False
    is_phrase: bool = False
    is_other_way: bool = False

    @property
    def is_plain(self) -> bool:
        return not self.is_excluded and not self.is_phrase


def _pieces(text: str) -> Iterable[Piece]:
    either = False
    for sign, *quoted, plain in PIECE.findall(text):
        phrase = next((q for q in quoted if q), "")
        if plain in OR and not sign:
            either = True
            continue
        written = (phrase or plain).strip()
        if written.strip("-"):
            yield Piece(written, bool(sign), bool(phrase), either)
        either = False


def lexed(texts: Sequence[str]) -> list[tuple[Way | None, Way | None]]:
    """Each text as (all its words, the phrase); None when only stop words are there."""
    with connection.cursor() as cursor:
        cursor.execute(LEX, [list(texts)])
        return [(_way(plain), _way(phrase, is_phrase=True)) for _, plain, phrase in cursor]


def _way(tsquery: str, *, is_phrase: bool = False) -> Way | None:
    if not tsquery:
        return None
    lexemes = tuple(lexeme.replace("''", "'") for lexeme in LEXEME.findall(tsquery))
    return Way(tsquery, tuple(dict.fromkeys(lexemes)), is_phrase and len(lexemes) > 1)


def _assembled(
    pieces: Sequence[Piece],
    taken: Sequence[tuple[Way | None, Way | None]],
    more: dict[tuple[int, int], list[Way | None]],
) -> Words:
    covered = {n: span for span in more for n in range(span[0], span[1] + 1)}
    groups: list[Group] = []
    excluded: list[Group] = []
    ignored: list[str] = []
    for n, piece in enumerate(pieces):
        span = covered.get(n)
        is_unsaid = piece.is_plain and key(ELIDED.sub("", piece.text)) in UNSAID
        way = None if is_unsaid else taken[n][piece.is_phrase]
        if span and n != span[0]:
            continue
        written = piece.text
        ways: list[Way | None] = [way]
        if way and piece.is_plain:
            ways += _other_forms(piece.text, way)
        if span:
            written = " ".join(p.text for p in pieces[span[0] : span[1] + 1])
            ways = [all_of([taken[i][0] for i in range(span[0], span[1] + 1)]), *more[span]]
        group = Group(written, tuple(dict.fromkeys(w for w in ways if w)), piece.is_phrase)
        if not group.ways:
            ignored.append(written)
        elif piece.is_excluded:
            excluded.append(group)
        elif piece.is_other_way and groups:
            last = groups.pop()
            groups.append(Group(f"{last.written} ou {written}", (*last.ways, *group.ways)))
        else:
            groups.append(group)
    # The same word twice is asked once.
    groups = list({group.ways: group for group in groups}.values())
    return Words(tuple(groups), tuple(excluded), tuple(ignored))


def _other_forms(written: str, way: Way) -> list[Way | None]:
    """« micro-crédit » is also « microcrédit », « vélo » « vélos » and the reverse: the stemmer
    leaves the plurals of a, i, o and u."""
    *_, last = way.lexemes
    other = ""
    if len(way.lexemes) > 1:
        other = "".join(way.lexemes) if "-" in written else ""
    elif re.search("[aiou]s$", last) and len(last) > 4:
        other = last.removesuffix("s")
    elif last[-1:] in "aiou" and len(last) > 3 and key(written).endswith(last):
        other = f"{last}s"
    return [Way(f"'{other}'", (other,), is_form=True)] if other.isalnum() else []


def all_of(ways: Sequence[Way | None]) -> Way | None:
    known = [way for way in ways if way]
    if not known:
        return None
    lexemes = dict.fromkeys(lexeme for way in known for lexeme in way.lexemes)
    return Way(_joined([way.tsquery for way in known], " & "), tuple(lexemes))


class Condition(SearchQuery):
    """The text of a query whose words are lexemes already, to compare a vector with."""

    def __init__(self, tsquery: str) -> None:
        super().__init__(tsquery, search_type="raw")

    def as_sql(  # type: ignore[override]
        self,
        compiler: Any,
        connection: Any,
        function: str | None = None,
        template: str | None = None,
    ) -> tuple[str, list[Any]]:
        sql, params = compiler.compile(self.source_expressions[0])
        return f"{sql}::tsquery", list(params)


def _joined(parts: Sequence[str], operator: str) -> str:
    return parts[0] if len(parts) == 1 else operator.join(f"({part})" for part in parts)
