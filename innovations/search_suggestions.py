"""What is proposed while a visitor types: themes, innovations, places, structures porteuses.

The entries are found by their beginning (see SearchEntry): a few index reads whatever the number
of records. What is shown is read from the rows themselves.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from django.db import connection
from django.db.models import Count, Q
from django.urls import reverse
from django.utils.http import urlencode

from carrefour.french import counted
from carrefour.text import key
from innovations.models import EntryKind, Innovation, Organisation, Term, TermSynonym
from innovations.record_page import PARAMETERS, term_url
from innovations.search_place import label, parameter
from territories.models import Territory

LEAST = 3
MOST = 8
LONGEST = 80
# Kind → how many at first; what the others leave is then shared in the same order.
SHARES = {"terme": 2, EntryKind.INNOVATION: 3, EntryKind.TERRITORY: 2, EntryKind.ORGANISATION: 1}
LABELS = {
    "terme": "Thèmes, publics et méthodes",
    EntryKind.INNOVATION: "Innovations",
    EntryKind.TERRITORY: "Lieux",
    EntryKind.ORGANISATION: "Structures porteuses",
}
LITTLE = frozenset(
    {"l", "d", "le", "la", "les", "un", "une", "de", "du", "des", "a", "au", "aux", "en", "et"}
)
SAINTS = {"st": "saint", "ste": "sainte"}
WORD = re.compile(r"[^\W_]+")

# A beginning that few entries have is read whole, one that many have by weight: never more than a
# few thousand entries. Words apart (« jardin voisins ») are looked for among some of the
# entries of the first, when few have them together.
READ = 2000
READ_APART = 5000
FIND = f"""
WITH near AS MATERIALIZED (
    SELECT target_id, weight, text FROM innovations_searchentry
    WHERE kind = %(kind)s AND text LIKE %(beginning)s LIMIT {READ}
), heaviest AS (
    SELECT target_id, weight, text FROM innovations_searchentry
    WHERE (SELECT count(*) FROM near) = {READ} AND kind = %(kind)s
        AND left(text, 3) = left(%(beginning)s, 3) AND text LIKE %(beginning)s
    ORDER BY weight DESC LIMIT 4 * {MOST}
), apart AS (
    SELECT target_id, weight, text FROM (
        SELECT target_id, weight, text FROM innovations_searchentry
        WHERE %(apart)s <> '' AND (SELECT count(*) FROM near) < {MOST}
            AND kind = %(kind)s AND text LIKE %(first)s LIMIT {READ_APART}
    ) AS begun WHERE text LIKE %(apart)s LIMIT {READ}
)
SELECT target_id, max(weight) AS weight, bool_or(text = %(whole)s) AS is_whole FROM (
    SELECT * FROM heaviest
    UNION ALL SELECT * FROM near WHERE (SELECT count(*) FROM near) < {READ}
    UNION ALL SELECT * FROM apart
) AS found GROUP BY target_id ORDER BY is_whole DESC, weight DESC, target_id LIMIT {2 * MOST}
"""


@dataclass(frozen=True)
class Suggestion:
    """``parameter`` is the (name, value) that narrows a search to it; "" for what has a page."""

    label: str
    url: str
    detail: str = ""
    parameter: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Suggestions:
    """``found``: kind → suggestions, at most ``MOST`` in all."""

    typed: str
    found: Mapping[str, Sequence[Suggestion]] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(len(each) for each in self.found.values())

    def to_json(self) -> dict[str, Any]:
        """{"q", "status", "groups": [{"kind", "label", "options"}]}; an option's « parts » spell
        its label, each with whether it matches what is typed."""
        words = key(self.typed).split()
        return {
            "q": self.typed,
            "status": counted(self.total, "suggestion") if self.total else "Aucune suggestion",
            "groups": [
                {
                    "kind": str(kind),
                    "label": LABELS[kind],
                    "options": [_to_json(each, words) for each in options],
                }
                for kind, options in self.found.items()
            ],
        }


def suggest(typed: str) -> Suggestions:
    """What the beginning of a search may mean; six queries at most, none under three letters."""
    asked = words_of(typed)
    if len("".join(asked)) < LEAST:
        return Suggestions(typed)
    return Suggestions(
        typed,
        _shared(
            {
                "terme": _terms(asked),
                EntryKind.INNOVATION: _innovations(asked),
                EntryKind.TERRITORY: _territories(asked),
                EntryKind.ORGANISATION: _organisations(asked),
            }
        ),
    )


def suggest_places(typed: str) -> Suggestions:
    """The same, of places only; two digits are enough of a code."""
    asked = words_of(typed)
    if len("".join(asked)) < LEAST and not (asked and asked[0][0].isdigit()):
        return Suggestions(typed)
    return Suggestions(typed, _shared({EntryKind.TERRITORY: _territories(asked)}))


def words_of(typed: str) -> list[str]:
    """The words to look for, little ones left aside; the last may be the beginning of another."""
    *before, last = key(typed[:LONGEST]).split() or [""]
    return [word for word in before if word not in LITTLE] + [last] * bool(last)


def parts(label: str, words: Sequence[str]) -> list[tuple[str, bool]]:
    """The label cut into (text, whether it is the beginning of a word that was typed)."""
    found: list[tuple[str, bool]] = []
    end = 0
    for match in WORD.finditer(label):
        spelt = key(match[0])
        typed = max((w for w in words if spelt.startswith(w)), key=len, default="")
        if not typed:
            continue
        length = next(
            n for n in range(1, len(match[0]) + 1) if len(key(match[0][:n])) >= len(typed)
        )
        if match.start() > end:
            found.append((label[end : match.start()], False))
        end = match.start() + length
        found.append((label[match.start() : end], True))
    return [*found, (label[end:], False)] if end < len(label) else found


def _to_json(suggestion: Suggestion, words: Sequence[str]) -> dict[str, Any]:
    name, value = suggestion.parameter
    return {
        "label": suggestion.label,
        "parts": [
            {"text": text, "is_match": is_match}
            for text, is_match in parts(suggestion.label, words)
        ],
        "detail": suggestion.detail,
        "url": suggestion.url,
        "parameter": name,
        "value": value,
    }


def _shared(found: dict[str, list[Suggestion]]) -> dict[str, Sequence[Suggestion]]:
    """At most ``MOST`` in all: each kind its share, then what is left."""
    taken = {kind: min(len(each), SHARES[kind]) for kind, each in found.items()}
    for kind, each in found.items():
        taken[kind] += min(len(each) - taken[kind], MOST - sum(taken.values()))
    return {kind: each[: taken[kind]] for kind, each in found.items() if each}


# --- one kind at a time ---------------------------------------------------------------------------


def _targets(kind: str, words: Sequence[str], whole: str = "") -> list[int]:
    """The rows of the entries that begin so, the heaviest first, before them those that are
    ``whole``; one query."""
    if len(words[0]) < LEAST:
        # Too little to look apart for the others, and to tell the heaviest.
        words = [" ".join(words)]
    asked = {
        "kind": str(kind),
        "beginning": " ".join(words) + "%",
        "first": f"{words[0]}%",
        "apart": "% ".join(words) + "%" if len(words) > 1 else "",
        "whole": whole,
    }
    with connection.cursor() as cursor:
        cursor.execute(FIND, asked)
        return [target for target, *_ in cursor]


def _innovations(words: Sequence[str]) -> list[Suggestion]:
    ids = _targets(EntryKind.INNOVATION, words)[:MOST]
    found = Innovation.objects.published().filter(pk__in=ids).with_names().in_bulk() if ids else {}
    return [
        Suggestion(
            label=found[pk].title,
            url=found[pk].get_absolute_url(),
            detail=next(iter(cast(Any, found[pk]).place_names), ""),
        )
        for pk in ids
        if pk in found
    ]


def _organisations(words: Sequence[str]) -> list[Suggestion]:
    """Those that carry a record shown in full: a reference does not tell its own."""
    ids = _targets(EntryKind.ORGANISATION, words)
    if not ids:
        return []
    carried = Q(innovations__status="publiee", innovations__is_reference=False)
    organisations = (
        Organisation.objects.filter(pk__in=ids)
        .annotate(number=Count("innovations", filter=carried))
        .filter(number__gt=0)
    )
    ordered = sorted(organisations, key=lambda o: (-o.number, ids.index(o.pk)))
    return [
        Suggestion(o.name, o.get_absolute_url(), counted(o.number, "innovation"))
        for o in ordered[:MOST]
    ]


def _territories(words: Sequence[str]) -> list[Suggestion]:
    if words and words[0].isdigit():
        found = Territory.objects.filter(_coded(words[0]), active=True)
        ordered = list(found.select_related("departement").order_by("-population")[:MOST])
    else:
        spelt = [SAINTS.get(word, word) for word in words]
        # Homonyms however small, before the longer names of larger places.
        whole = " ".join(spelt)
        ids = _targets(EntryKind.TERRITORY, spelt, whole)
        known = Territory.objects.select_related("departement").in_bulk(ids) if ids else {}
        places = [known[pk] for pk in ids if pk in known]
        ordered = sorted(places, key=lambda place: place.name_key != whole)[:MOST]
    return [
        Suggestion(
            label=label(territory),
            url=_search(territoire=parameter(territory)),
            detail=_told(territory),
            parameter=("territoire", parameter(territory)),
        )
        for territory in ordered
    ]


def _coded(digits: str) -> Q:
    """A postal code, or the code of a département or collectivité."""
    if len(digits) == 5:
        return Q(postal_codes__contains=[digits])
    return Q(kind__in=("departement", "collectivite"), code=digits)


def _told(territory: Territory) -> str:
    """What the label does not say: « Nièvre », « communauté de communes »."""
    around = territory.departement
    if territory.kind == "commune":
        return around.name if around else ""
    return "" if f"({territory.get_kind_display()})" in label(territory) else territory.kind_label


def _terms(words: Sequence[str]) -> list[Suggestion]:
    """Terms of which the label or a synonym has all the words; the vocabularies are short."""
    synonyms: dict[int, list[tuple[str, str]]] = {}
    known = TermSynonym.objects.filter(term__is_active=True).order_by("key")
    for term_id, spelt, said in known.values_list("term_id", "key", "label"):
        synonyms.setdefault(term_id, []).append((spelt, said))
    found = []
    for term in Term.objects.active():
        ways = [(key(term.label), ""), *synonyms.get(term.pk, ())]
        hits = [
            (said != "", not spelt.startswith(words[0]), said)
            for spelt, said in ways
            if _begins(spelt.split(), words)
        ]
        if hits:
            found.append(
                (*min(hits)[:2], term.parent_id is not None, term.label, term, min(hits)[2])
            )
    found.sort(key=lambda each: each[:4])
    return [
        Suggestion(
            label=term.label,
            url=term_url(term),
            detail=term.get_vocabulary_display() + (f", dit aussi « {said} »" if said else ""),
            parameter=(PARAMETERS[term.vocabulary], term.code),
        )
        for *_, term, said in found[:MOST]
    ]


def _begins(words: Sequence[str], typed: Sequence[str]) -> bool:
    return all(any(word.startswith(each) for word in words) for each in typed)


def _search(**parameters: str) -> str:
    return f"{reverse('innovations:search')}?{urlencode(parameters)}"
