"""In which order: the words' worth in each record, then a little merit, then variety.

Only some records are ranked: all of them when they are few, else those that hold the words in their
title and those of most merit; the others follow by merit.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log

from django.db import connection

from innovations.search_words import Group, Way, Words

RANKED = 600
TITLES = 300
BEST = 300
# Of D (body), C (summary and places), B (themes and organisation), A (title).
WEIGHTS = "{0.5, 0.7, 0.7, 1.0}"
TOGETHER = 2.0
# The rank of a word in a title is 0.6, that of two words next to each other nearly 1.
SEVERAL = 0.6
# A record that has the term and says none of its words comes after those that say them.
UNSAID = 0.1
MERIT = 0.05
# Different words of a record beyond which those asked may be met in passing.
LONG = 50
PASSING = 0.2
# Nor has one that says another word of the family said the very word.
KIN = 0.5
# Nor one that says what the field calls a need told in other words.
NEAR = 0.5
LEXEME = re.compile(r"('(?:[^']|'')*')(?::(\*))?")

# What one source, or one département, costs its next record among those just before.
VARIED = 48
AMONG = 6
SAME_SOURCE = 0.94
SAME_PLACE = 0.97


@dataclass(frozen=True)
class Candidate:
    pk: int
    score: float
    source: str
    place: int | None


def in_title(tsquery: str) -> str:
    """The same query, of titles only."""
    return LEXEME.sub(lambda found: f"{found[1]}:{found[2] or ''}A", tsquery)


def worth(rows: int, total: int) -> float:
    """How much a word says that ``rows`` of ``total`` records hold: nothing when all do."""
    return log(1 + (total - rows + 0.5) / (rows + 0.5))


def ranked(
    ids: Sequence[int], words: Words, worths: Mapping[Group, float], *, varied: bool
) -> list[int]:
    """These innovations, the most relevant first; one query."""
    found = _scored(ids, words, worths)
    return [c.pk for c in (_varied(found) if varied else found)]


def _scored(ids: Sequence[int], words: Words, worths: Mapping[Group, float]) -> list[Candidate]:
    if not ids:
        return []
    parts: list[str] = []
    params: list[float | str | list[int]] = []
    for group in (part for whole in words.groups for part in whole.parts):
        # By its best way: the rank of « a | b » is lower than that of « a » alone.
        shares = [_share(way) for way in group.ways]
        ranks = [f"{share} * ts_rank('{WEIGHTS}', d.vector, %s::tsquery)" for share in shares]
        parts.append(f"%s * greatest({', '.join(ranks)})")
        params += [worths[group], *(way.tsquery for way in group.ways)]
    if len(words.groups) > 1:
        parts.append(f"%s * ts_rank_cd('{WEIGHTS}', d.vector, %s::tsquery)")
        params += [TOGETHER * max(worths.values()), words.whole.tsquery]
    total = " + ".join(parts) or "0"
    with connection.cursor() as cursor:
        # The vector is read once for all the words.
        cursor.execute(
            f"SELECT s.innovation_id, ({total}) * (1 + {MERIT} * s.merit) "
            f"/ (1 + {PASSING} * ln(greatest(1, length(d.vector) / {LONG}.0))) AS score, "
            "s.partner_slugs[1], s.departement_id, s.merit FROM innovations_searchrow s "
            "CROSS JOIN LATERAL (SELECT s.vector || '' AS vector OFFSET 0) AS d "
            "WHERE s.innovation_id = ANY(%s) "
            "ORDER BY score DESC, s.merit DESC, s.innovation_id DESC",
            [*params, list(ids)],
        )
        return [Candidate(pk, score, source or "", place) for pk, score, source, place, _ in cursor]


def _share(way: Way) -> float:
    if way.told:
        return UNSAID
    if way.kin:
        return KIN
    share = 1.0 if len(way.lexemes) == 1 else SEVERAL
    return NEAR * share if way.near else share


def _varied(found: Sequence[Candidate]) -> list[Candidate]:
    """The first ones so that a source or a place does not fill the page alone.

    Each is taken by its score, lowered for each of the last few of the same source or place: the
    better record still comes first when it is much better.
    """
    waiting = list(found[:VARIED])
    taken: list[Candidate] = []
    while waiting:
        last = taken[-AMONG:]
        sources = Counter(c.source for c in last)
        places = Counter(c.place for c in last if c.place)
        best = max(
            range(len(waiting)),
            key=lambda n: (
                waiting[n].score
                * SAME_SOURCE ** sources[waiting[n].source]
                * SAME_PLACE ** places[waiting[n].place or 0],
                -n,
            ),
        )
        taken.append(waiting.pop(best))
    return [*taken, *found[VARIED:]]
