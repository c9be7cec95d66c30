"""The taxonomy as staff sees it: the tree with what uses each term, and the weight of one."""

from collections import defaultdict
from dataclasses import dataclass, field

from innovations import taxonomy
from innovations.models import Term
from partners import taxonomy_effects


@dataclass(frozen=True)
class Branch:
    """A term, how much uses it, and the terms under it."""

    term: Term
    records: int
    words: int
    rules: int
    is_first: bool = False
    is_last: bool = False
    children: list["Branch"] = field(default_factory=list)


@dataclass(frozen=True)
class Impact:
    """What hangs on a term: published records, partners' words, mapping rules, terms under it."""

    records: int
    words: int
    rules: int
    children: int


def tree_of(vocabulary: str) -> list[Branch]:
    """The branches of a vocabulary in order, merged terms last; five queries."""
    records, words = taxonomy.usages(), taxonomy_effects.words_using()
    rules = taxonomy_effects.rules_using()
    below: dict[int | None, list[Term]] = defaultdict(list)
    merged: list[Term] = []
    for term in Term.objects.of(vocabulary).select_related("merged_into", "parent"):
        (merged if term.merged_into_id else below[term.parent_id]).append(term)

    def branches(parent: int | None) -> list[Branch]:
        beside = below[parent]
        return [
            Branch(
                term,
                records.get(term.pk, 0),
                words.get(term.pk, 0),
                rules.get(taxonomy.identity(term), 0),
                is_first=rank == 0,
                is_last=rank == len(beside) - 1,
                children=branches(term.pk),
            )
            for rank, term in enumerate(beside)
        ]

    return branches(None) + [Branch(t, 0, words.get(t.pk, 0), 0, True, True) for t in merged]


def impact_of(term: Term) -> Impact:
    return Impact(
        records=term.innovations.published().count(),
        words=term.vocabulary_entries.count(),
        rules=taxonomy_effects.rules_using().get(f"{term.vocabulary}:{term.code}", 0),
        children=term.children.count(),
    )
