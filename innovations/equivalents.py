"""Expressions that mean the same: loaded once, kept by staff, read by each search."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pghistory
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from carrefour.caching import of_version
from innovations.models import Equivalent, Term, TermSynonym
from innovations.models.equivalent import spoken
from innovations.search_words import Other, Way

FILE = Path(__file__).parent / "data" / "equivalences.toml"
Span = tuple[int, int]
# First and last word of a span, and the other ways of saying it.
Spoken = list[tuple[int, int, list[Other]]]
# Words of the longest expression looked for in a query.
LONGEST = 9
LOCK = 7_214_019


@transaction.atomic
def load(path: Path = FILE) -> int:
    """Add the groups of the file that are not known yet; returns how many were added.

    A group that staff changed or put out of use, or whose words stand in another group, is left.
    """
    groups = tomllib.loads(path.read_text())["groupes"]
    codes = set(Equivalent.objects.exclude(code="").values_list("code", flat=True))
    said = {key for keys in Equivalent.objects.values_list("keys", flat=True) for key in keys}
    added = 0
    for group in groups:
        if group["code"] in codes or said & {spoken(e) for e in group["expressions"]}:
            continue
        Equivalent.objects.create(**{"note": "", **_fields(group)})
        added += 1
    return added


def _fields(group: dict[str, Any]) -> dict[str, Any]:
    return {name: group[name] for name in ("code", "expressions", "note") if name in group}


@transaction.atomic
def write(group: Equivalent, *, author: Any, motif: str = "") -> Equivalent:
    """Save a group as staff wrote it.

    Raises ``ValidationError`` (in French) when an expression stands in another active group.
    """
    with connection.cursor() as cursor:
        # Two people adding the same words at once: the second is told.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    check(group.expressions, group)
    with pghistory.context(user=author.pk, motif=motif or "Équivalence de recherche"):
        group.full_clean(exclude=["keys"])
        group.save()
    return group


def set_active(group: Equivalent, is_active: bool, *, author: Any) -> None:
    """Put out of use or back. Raises ``ValidationError`` as ``write`` does."""
    group.is_active = is_active
    write(group, author=author, motif="Remise en service" if is_active else "Mise hors service")


def check(expressions: Sequence[str], group: Equivalent) -> None:
    """Raises ``ValidationError`` (in French) when these cannot make a group."""
    for expression in expressions:
        if not spoken(expression):
            raise ValidationError(f"« {expression} » ne contient aucun mot.")
    if len({spoken(e) for e in expressions}) < 2:
        raise ValidationError("Il faut au moins deux expressions qui diffèrent, une par ligne.")
    if not group.is_active:
        return
    for other in Equivalent.objects.active().exclude(pk=group.pk).saying(*map(spoken, expressions)):
        shared = next(e for e in expressions if spoken(e) in other.keys)
        raise ValidationError(f"« {shared} » est déjà dans le groupe « {other} ».")


def equivalents(texts: Sequence[str]) -> Spoken:
    """(first, last, other expressions) of the spans of ``texts`` that may be said otherwise.

    ``texts`` are the plain words of a query in order, "" where something else stands. The longest
    spans win and never overlap. No query but once for each version of the data.
    """
    spans = _spans([spoken(text) for text in texts])
    return _taken(spans, of_version("equivalents", _known)) if spans else []


def with_terms(texts: Sequence[str]) -> Spoken:
    """The same, and for the synonyms of a term the records that have it.

    A synonym is wider than its words (« crèche » is said of all that serves families): it is for
    searches that little answers.
    """
    spans = _spans([spoken(text) for text in texts])
    if not spans:
        return []
    terms = of_version("term_synonyms", _terms)
    known = of_version("equivalents", _known)
    either = {said: [*known.get(said, ()), *terms.get(said, ())] for said in spans.values()}
    return _taken(spans, {said: ways for said, ways in either.items() if ways})


def _taken(spans: Mapping[Span, str], known: Mapping[str, list[Other]]) -> Spoken:
    found: Spoken = []
    free = 0
    for (first, last), said in sorted(spans.items(), key=lambda span: (span[0][0], -span[0][1])):
        if first >= free and said in known:
            found.append((first, last, known[said]))
            free = last + 1
    return found


def _spans(words: Sequence[str]) -> dict[Span, str]:
    """{(first, last): what is said there}, of as many words as an expression may have."""
    spans = {}
    for first in range(len(words)):
        for last in range(first, min(len(words), first + LONGEST)):
            if not words[last]:
                break
            spans[first, last] = " ".join(words[first : last + 1])
    return spans


def _known() -> dict[str, list[Other]]:
    """{what is said: what means the same} of every active group."""
    known: dict[str, list[Other]] = {}
    for group in Equivalent.objects.active():
        pairs = [(spoken(e), e) for e in group.expressions]
        for key in group.keys:
            known[key] = [e for other, e in pairs if other != key]
    return known


def _terms() -> dict[str, list[Other]]:
    """{synonym: the terms that it says}; those of a merged term say the one it was merged into."""
    known: dict[str, dict[Other, None]] = {}
    for synonym in TermSynonym.objects.select_related("term__merged_into").order_by("pk"):
        term = synonym.term.merged_into or synonym.term
        if term.is_active:
            known.setdefault(spoken(synonym.label), {})[_of_term(term)] = None
    return {said: list(ways) for said, ways in known.items()}


def _of_term(term: Term) -> Way:
    """The records that have this very term: their rows hold its mark (see searchrows)."""
    mark = f"={term.pk}"
    return Way(f"'{mark}'", (mark,), told=term.label)
