"""Records like one another, and why: for the foot of a record's page.

The work is bounded whatever the number of records: the words of the title, the need and the summary
that few records hold, and the sous-domaines, give a few hundred candidates; these are then scored.
"""

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from math import log
from typing import Any

from django.db import connection
from django.utils.html import strip_tags

from carrefour.text import one_line
from innovations.models import Innovation, Term, Vocabulary
from territories.kinds import Kind
from territories.models import Territory

WORD = re.compile(r"[^\W\d_]{3,}")
LITTLE = frozenset(
    {"les", "leurs", "leur", "moins", "plus", "tous", "tout", "toute", "toutes", "entre", "vers"}
    | {"chez", "sans", "très", "aussi", "comme", "afin", "ainsi", "cette", "ces", "ceux", "dont"}
    | {"faire", "fait", "été", "être", "peut", "non", "autres", "autre", "façon", "depuis"}
)
# How many words are read of a record, and how many of them, the rarest, are looked for.
READ = 90
KEPT = 8
# A word that more records hold is common: they are not counted further.
COUNTED = 1000
# Among fewer records, how many hold a word says little.
FEW = 50
BY_WORDS = 300
BY_TERMS = 150
CLOSEST = 3
REGIONS = 4
PLACES_ONLY = {"departement", "region", "commune"}
# Measured by eye over the demonstration's records: under this, two records have little in common.
ALIKE = 0.33
SAME_NEED = 0.22
# What each likeness weighs.
WORDS, THEMES, PUBLICS, METHODS = 0.6, 0.25, 0.1, 0.05
SAME_OWNER, SAME_DEPARTEMENT, SAME_REGION = 0.15, 0.08, 0.03
# A word found in the long text only says less than one of the title or the summary.
IN_BODY = 0.4

LEXED = f"""
SELECT w.n, v.lexeme, coalesce(
    (SELECT sum(bit_count(b.bits)) FROM innovations_searchkey k
        JOIN innovations_searchbits b ON b.key_id = k.id
        WHERE k.kind = 'words' AND k.value = v.lexeme),
    (SELECT count(*) FROM (SELECT 1 FROM innovations_searchrow s
        WHERE s.vector @@ v.query LIMIT {COUNTED}) AS held)),
    (SELECT greatest(reltuples, 0) FROM pg_class WHERE oid = 'innovations_searchrow'::regclass)
FROM unnest(%s::text[]) WITH ORDINALITY AS w(word, n)
CROSS JOIN LATERAL (
    SELECT lexeme, ('''' || replace(lexeme, '''', '''''') || '''')::tsquery AS query
    FROM unnest(to_tsvector('carrefour', carrefour_words(w.word))) LIMIT 1) AS v
WHERE position(E'\\\\' in v.lexeme) = 0
"""
# The vector is read once for all the words.
CANDIDATES = f"""
WITH found AS (
    (SELECT innovation_id FROM innovations_searchrow
        WHERE %(pairs)s <> '' AND vector @@ %(pairs)s::tsquery LIMIT {BY_WORDS})
    UNION (SELECT innovation_id FROM innovations_searchrow
        WHERE term_ids && %(terms)s::bigint[] ORDER BY merit DESC LIMIT {BY_TERMS})
    UNION (SELECT innovation_id FROM innovations_searchrow
        WHERE term_ids && %(terms)s::bigint[] AND territory_ids && %(around)s::bigint[]
        LIMIT {BY_TERMS}))
SELECT s.innovation_id, s.term_ids, s.territory_ids, s.departement_id, s.is_open, s.merit,
    i.organisation_id,
    ARRAY(SELECT q.n - 1 FROM unnest(%(strong)s::tsquery[]) WITH ORDINALITY AS q(query, n)
        WHERE d.vector @@ q.query),
    ARRAY(SELECT q.n - 1 FROM unnest(%(weak)s::tsquery[]) WITH ORDINALITY AS q(query, n)
        WHERE d.vector @@ q.query)
FROM found JOIN innovations_searchrow s USING (innovation_id)
JOIN innovations_innovation i ON i.id = s.innovation_id
CROSS JOIN LATERAL (SELECT s.vector || '' AS vector OFFSET 0) AS d
WHERE s.innovation_id <> %(me)s
"""


@dataclass(frozen=True)
class Reason:
    """Why two records are alike: ``code`` for programs, ``label`` for readers, what is shared."""

    code: str
    label: str
    shared: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.label} : {', '.join(self.shared)}" if self.shared else self.label


@dataclass(frozen=True)
class Alike:
    innovation: Innovation
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Likenesses:
    """``alike``: the closest records; ``elsewhere``: one for each other région, same need."""

    alike: Sequence[Alike] = ()
    elsewhere: Sequence[Alike] = ()


@dataclass(frozen=True)
class Word:
    written: str
    lexeme: str
    worth: float

    @property
    def quoted(self) -> str:
        return "'" + self.lexeme.replace("'", "''") + "'"


@dataclass(frozen=True)
class Candidate:
    pk: int
    terms: frozenset[int]
    territories: frozenset[int]
    departement: int | None
    is_open: bool
    merit: float
    organisation: int | None
    strong: frozenset[int]
    weak: frozenset[int]


@dataclass(frozen=True)
class Likeness:
    """One candidate beside the record: its score from 0 to about 1, ``need`` by text and themes."""

    candidate: Candidate
    score: float
    need: float


def similar(innovation: Innovation) -> Likenesses:
    """What is like a public record loaded with ``for_detail()``; at most eight queries."""
    return _Comparison(innovation).likenesses()


def spellings(text: str) -> dict[str, str]:
    """{word in small letters: as it is to be shown}, in the order of the text. A word that only
    ever has its capital, once at least inside a sentence, is a name: « Lormes », « CAF »."""
    shown: dict[str, str] = {}
    for match in WORD.finditer(text):
        word, small = match[0], match[0].lower()
        begins = text[: match.start()].rstrip()[-1:] in {"", ".", "!", "?", ":", "…"}
        known = shown.get(small, "")
        if small in {word, known}:
            shown[small] = small
        elif known in {"", word}:
            shown[small] = word if known or not begins else ""
        else:
            shown[small] = known
    return {small: word or small for small, word in shown.items()}


def _frozen(value: Any) -> Any:
    return frozenset(value) if isinstance(value, list) else value


class _Comparison:
    def __init__(self, innovation: Innovation) -> None:
        self.innovation = innovation
        self.terms: list[Term] = list(innovation.terms.all())
        self.themes = {t.pk: t for t in self.terms if t.vocabulary == Vocabulary.THEME}

    # --- the record itself --------------------------------------------------------------------

    @cached_property
    def words(self) -> list[Word]:
        """The rarest words of the title, the need and the summary; one query."""
        said = spellings(self._text)
        written = [word for word in said if word not in LITTLE][:READ]
        found: dict[str, Word] = {}
        with connection.cursor() as cursor:
            cursor.execute(LEXED, [written])
            for n, lexeme, rows, total in cursor:
                size = max(float(total), FEW)
                # Held by this record alone, a word leads to no other.
                if rows > 1 and rows < size / 4:
                    word = Word(said[written[n - 1]], lexeme, log(1 + size / float(rows)))
                    found.setdefault(lexeme, word)
        return sorted(found.values(), key=lambda word: -word.worth)[:KEPT]

    @property
    def _text(self) -> str:
        innovation = self.innovation
        if innovation.is_reference:
            return innovation.title
        need = getattr(getattr(innovation, "reproduction", None), "need", "")
        told = innovation.summary or html.unescape(strip_tags(innovation.description))
        return one_line(f"{innovation.title}. {need[:600]}. {told[:600]}")

    @cached_property
    def own_territories(self) -> frozenset[int]:
        places = [place.territory for place in self.innovation.locations.all() if place.territory]
        return frozenset(pk for place in places for pk in place.ancestor_ids)

    @cached_property
    def departements(self) -> frozenset[int]:
        places = [place.territory for place in self.innovation.locations.all() if place.territory]
        return frozenset(place.departement_id for place in places if place.departement_id)

    @cached_property
    def regions(self) -> dict[int, str]:
        """Régions, and overseas the collectivités that stand in their place; one query."""
        kinds = (Kind.REGION, Kind.COLLECTIVITE)
        return dict(Territory.objects.filter(kind__in=kinds).values_list("pk", "name"))

    # --- the others ---------------------------------------------------------------------------

    @cached_property
    def candidates(self) -> list[Candidate]:
        pairs = [f"{a.quoted} & {b.quoted}" for a, b in combinations(self.words, 2)]
        # A domaine is too wide to be a likeness when a sous-domaine is told.
        narrow = [pk for pk, term in self.themes.items() if term.parent_id] or [*self.themes]
        if not pairs and not narrow:
            return []
        asked: dict[str, Any] = {
            "me": self.innovation.pk,
            "pairs": " | ".join(f"({pair})" for pair in pairs),
            "terms": narrow,
            "around": [*self.departements],
            "strong": [f"{word.quoted}:ABC" for word in self.words],
            "weak": [word.quoted for word in self.words],
        }
        with connection.cursor() as cursor:
            cursor.execute(CANDIDATES, asked)
            return [Candidate(*map(_frozen, row)) for row in cursor]

    def likeness(self, candidate: Candidate) -> Likeness:
        words = self._said(candidate)
        themes = self._shared_themes(candidate)
        score = WORDS * words + THEMES * themes
        need = score
        for vocabulary, weight in ((Vocabulary.PUBLIC, PUBLICS), (Vocabulary.METHOD, METHODS)):
            mine = [t for t in self.terms if t.vocabulary == vocabulary]
            if mine:
                score += weight * len([t for t in mine if t.pk in candidate.terms]) / len(mine)
        score += SAME_OWNER * self._has_same_owner(candidate)
        if candidate.departement in self.departements:
            score += SAME_DEPARTEMENT
        elif self._common_regions(candidate):
            score += SAME_REGION
        return Likeness(candidate, score, need)

    def _said(self, candidate: Candidate) -> float:
        """From 0 to 1, the part of the rare words that the candidate has too."""
        total = sum(word.worth for word in self.words)
        if not total:
            return 0
        strong = sum(self.words[n].worth for n in candidate.strong)
        weak = sum(self.words[n].worth for n in candidate.weak - candidate.strong)
        return (strong + IN_BODY * weak) / total

    def _shared_themes(self, candidate: Candidate) -> float:
        """From 0 to 1: sous-domaines in common; a domaine alone says little."""
        narrow = {pk for pk, term in self.themes.items() if term.parent_id}
        shared = narrow & candidate.terms
        if shared:
            return (1 + len(shared) / len(narrow)) / 2
        return 0.4 if set(self.themes) & candidate.terms else 0

    def _has_same_owner(self, candidate: Candidate) -> bool:
        owner = self.innovation.organisation_id
        return bool(owner and owner == candidate.organisation and self._both_open(candidate))

    def _both_open(self, candidate: Candidate) -> bool:
        return candidate.is_open and not self.innovation.is_reference

    def _common_regions(self, candidate: Candidate) -> list[int]:
        shared = self.own_territories & candidate.territories
        return [pk for pk in shared if pk in self.regions]

    # --- the choice ---------------------------------------------------------------------------

    def likenesses(self) -> Likenesses:
        scored = [self.likeness(candidate) for candidate in self.candidates]
        scored.sort(key=lambda each: (-each.score, -each.candidate.merit, each.candidate.pk))
        alike = [each for each in scored if each.score >= ALIKE][:CLOSEST]
        taken = {each.candidate.pk for each in alike}
        elsewhere = self._elsewhere([e for e in scored if e.candidate.pk not in taken])
        pks = [each.candidate.pk for each in (*alike, *elsewhere)]
        found = {i.pk: i for i in Innovation.objects.published().filter(pk__in=pks).for_cards()}
        return Likenesses(self._told(alike, found), self._told(elsewhere, found))

    def _elsewhere(self, scored: Sequence[Likeness]) -> list[Likeness]:
        """The best of each région that is not the record's own, the same need told."""
        own = self.own_territories & set(self.regions)
        if not own:
            return []
        best: dict[int, Likeness] = {}
        for each in scored:
            there = each.candidate.territories & set(self.regions)
            if each.need < SAME_NEED or not there or there & own:
                continue
            region = min(there)
            if region not in best or each.candidate.merit > best[region].candidate.merit:
                best[region] = each
        return sorted(best.values(), key=lambda each: -each.score)[:REGIONS]

    def _told(self, chosen: Iterable[Likeness], found: dict[int, Innovation]) -> list[Alike]:
        """With their reasons; one that cannot be told, or is only a place, is no reason."""
        told = [
            Alike(found[each.candidate.pk], tuple(self._reasons(each.candidate, found)))
            for each in chosen
            if each.candidate.pk in found
        ]
        return [other for other in told if any(r.code not in PLACES_ONLY for r in other.reasons)]

    def _reasons(self, candidate: Candidate, found: dict[int, Innovation]) -> Iterable[Reason]:
        for vocabulary, code, one, many in (
            (Vocabulary.THEME, "theme", "Thème en commun", "Thèmes en commun"),
            (Vocabulary.PUBLIC, "public", "Même public", "Mêmes publics"),
            (Vocabulary.METHOD, "method", "Même méthode", "Mêmes méthodes"),
        ):
            shared = tuple(
                t.label
                for t in self.terms
                if t.vocabulary == vocabulary and t.pk in candidate.terms
            )
            if shared:
                yield Reason(code, many if len(shared) > 1 else one, shared)
        said = tuple(f"« {self.words[n].written} »" for n in sorted(candidate.strong)[:4])
        # Of a reference, the text is not told.
        if said and candidate.is_open:
            yield Reason("words", "Les deux fiches parlent de", said)
        if self._has_same_owner(candidate):
            yield Reason("organisation", "Même structure porteuse")
        yield from self._around(candidate, found[candidate.pk])

    def _around(self, candidate: Candidate, other: Innovation) -> Iterable[Reason]:
        if candidate.departement in self.departements:
            yield Reason("departement", "Dans le même département")
        elif common := self._common_regions(candidate):
            names = tuple(sorted(self.regions[pk] for pk in common))
            yield Reason("region", "Dans la même région", names)
        sizes = _sizes(self.innovation) & _sizes(other)
        if sizes and candidate.departement not in self.departements:
            yield Reason("commune", "Même type de commune", tuple(sorted(sizes)))


SIZES = ((2_000, "village"), (10_000, "bourg"), (100_000, "ville"), (10**9, "grande ville"))


def _sizes(innovation: Innovation) -> set[str]:
    """« village », « bourg », « ville », « grande ville »: those of a record's communes."""
    communes = [
        place.territory.population
        for place in innovation.locations.all()
        if place.territory and place.territory.kind == Kind.COMMUNE and place.territory.population
    ]
    return {next(name for most, name in SIZES if people < most) for people in communes}
