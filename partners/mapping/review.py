"""What the rules of one field make of a sample: how many rows it fills, examples, what is wrong."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from innovations.licences import Licence
from innovations.models import LegalForm, Maturity, Nature, Reach
from partners.mapping import texts
from partners.mapping.emptiness import is_empty
from partners.mapping.paths import value_at
from partners.mapping.record import WORD_TARGETS
from partners.mapping.rules import Rule
from partners.mapping.targets import TARGETS, Problem

EXAMPLES = 3
LENGTH = 160
LISTED = 30
# Fields whose values are fixed choices.
CHOICES: dict[str, Any] = {
    "legal_form": LegalForm,
    "nature": Nature,
    "maturity": Maturity,
    "reach": Reach,
    "licence": Licence,
}

Knows = Callable[[str, str], bool]


@dataclass
class FieldReview:
    """One target over the sample. ``share`` of rows filled (0 to 1); ``examples``: (before,
    after); ``problems`` and ``unknown``: (text, number of rows), the most frequent
    first."""

    target: str
    share: float = 0.0
    examples: list[tuple[str, str]] = field(default_factory=list)
    problems: list[tuple[str, int]] = field(default_factory=list)
    unknown: list[tuple[str, int]] = field(default_factory=list)

    @property
    def percent(self) -> int:
        return round(100 * self.share)


def review(
    target: str, rules: Sequence[Rule], rows: Sequence[dict[str, Any]], knows: Knows
) -> FieldReview:
    """``knows`` tells whether a word (vocabulary, word) means a term of the directory."""
    found = FieldReview(target)
    filled = 0
    problems: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    shown: dict[str, str] = {}
    for row in rows:
        read = [v for rule in rules if not is_empty(v := rule.read(row))]
        if not read:
            continue
        value = _united(read) if TARGETS[target].is_list else read[0]
        try:
            typed = TARGETS[target].typed(value)
        except Problem as problem:
            if target in CHOICES:
                unknown[_line(value)] += 1
            else:
                problems[problem.message] += 1
            continue
        if is_empty(typed) and not isinstance(typed, bool):
            continue
        filled += 1
        unknown.update(_unknown_words(target, typed, knows))
        if len(shown) < EXAMPLES:
            shown.setdefault(_before(rules, row), readable(target, typed))
    found.share = filled / len(rows) if rows else 0.0
    found.examples = list(shown.items())
    found.problems, found.unknown = problems.most_common(LISTED), unknown.most_common(LISTED)
    return found


def values_met(
    rule: Rule, rows: Sequence[dict[str, Any]], *, until: int | None = None
) -> list[tuple[str, int]]:
    """The values that reach the rule's operation number ``until`` (its end when None), with how
    many rows say each, the most frequent first."""
    cut = Rule(rule.target, rule.paths, rule.transforms[:until])
    met: Counter[str] = Counter()
    for row in rows:
        value = cut.read(row)
        flat = value if isinstance(value, list) else [value]
        met.update({_line(v) for v in flat if not is_empty(v)})
    return met.most_common(LISTED)


def readable(target: str, value: Any) -> str:
    """A typed value as people read it, cut short."""
    if target in CHOICES and value:
        return str(CHOICES[target](value).label)
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, list):
        return _cut(" · ".join(_line(v) for v in value))
    return _cut(_line(value))


def choices_of(target: str) -> list[tuple[str, str]]:
    """(value, label) of a field of fixed choices; empty for any other."""
    return (
        [(str(v), str(label)) for v, label in CHOICES[target].choices] if target in CHOICES else []
    )


def _unknown_words(target: str, typed: Any, knows: Knows) -> set[str]:
    vocabulary = WORD_TARGETS.get(target)
    return {w for w in typed if not knows(vocabulary, w)} if vocabulary else set()


def _united(read: Sequence[Any]) -> list[Any]:
    return [i for v in read for i in (v if isinstance(v, list) else [v])]


def _before(rules: Sequence[Rule], row: dict[str, Any]) -> str:
    said = [_line(v) for r in rules for p in r.paths if not is_empty(v := value_at(row, p))]
    return _cut(" + ".join(dict.fromkeys(said))) or "(rien : valeur fixe)"


def _line(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_line(v) for v in value)
    if isinstance(value, dict):
        return ", ".join(f"{k} : {_line(v)}" for k, v in value.items() if not is_empty(v))
    return texts.plain(str(value))


def _cut(text: str) -> str:
    return text if len(text) <= LENGTH else text[: LENGTH - 1].rstrip() + "…"
