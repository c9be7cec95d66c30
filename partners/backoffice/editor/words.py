"""Words of the sample that no term explains, and what staff decide of them on the spot."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.http import QueryDict

from carrefour.text import key
from innovations import publishing
from innovations.models import Term
from partners.mapping.record import WORD_TARGETS
from partners.models import Source, VocabularyEntry
from partners.vocabularies import Vocabularies, apply_decision

IGNORE = "ignorer"
# (vocabulary, word) → "vocabulary:code" or IGNORE.
Decisions = dict[tuple[str, str], str]


def read(post: QueryDict) -> Decisions:
    """What the form decides of words."""
    found: Decisions = {}
    for vocabulary in WORD_TARGETS.values():
        words, terms = post.getlist(f"mot-{vocabulary}"), post.getlist(f"terme-{vocabulary}")
        found |= {(vocabulary, w): t for w, t in zip(words, terms, strict=False) if w and t}
    return found


def knowing(source: Source) -> tuple[Callable[[str, str], bool], Vocabularies]:
    """Whether a word of this source means a term, or was set aside by staff."""
    vocabularies = Vocabularies.load([source.pk])
    aside = set(
        source.vocabulary.filter(is_decided=True, terms=None).values_list("vocabulary", "key")
    )

    def knows(vocabulary: str, word: str) -> bool:
        if (vocabulary, key(word)[:300]) in aside:
            return True
        return bool(vocabularies.terms(source.pk, {vocabulary: [word]}))

    return knows, vocabularies


def terms_of(
    words: Mapping[str, list[str]], source: Source, known: Vocabularies, decisions: Decisions
) -> list[str]:
    """ "vocabulary:code" of a record's words, those being decided included."""
    chosen = [decisions.get((v, w), "") for v, listed in words.items() for w in listed]
    found = [*known.terms(source.pk, words), *(c for c in chosen if c and c != IGNORE)]
    return list(dict.fromkeys(found))


@transaction.atomic
def decide(source: Source, decisions: Decisions) -> int:
    """Keep the decisions for this source and republish the records concerned; returns how many
    words were decided."""
    if not decisions:
        return 0
    publishing.lock()
    terms = {f"{t.vocabulary}:{t.code}": t for t in Term.objects.active()}
    decided = 0
    for (vocabulary, word), chosen in decisions.items():
        if chosen != IGNORE and chosen not in terms:
            continue
        entry, _ = VocabularyEntry.objects.get_or_create(
            source=source,
            vocabulary=vocabulary,
            key=key(word)[:300],
            defaults={"value": word[:300]},
        )
        entry.terms.set([] if chosen == IGNORE else [terms[chosen]])
        entry.is_decided, entry.is_automatic = True, False
        entry.save(update_fields=["is_decided", "is_automatic"])
        apply_decision(entry)
        decided += 1
    return decided


def term_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """(group, [("vocabulary:code", label)]) for the lists of choices."""
    groups: dict[str, list[tuple[str, str]]] = {}
    terms: list[Any] = list(Term.objects.active().select_related("parent"))
    for term in terms:
        top = term.parent or term
        group = top.label if term.vocabulary == "theme" else f"{term.get_vocabulary_display()}s"
        groups.setdefault(group, []).append((f"{term.vocabulary}:{term.code}", term.label))
    return list(groups.items())
