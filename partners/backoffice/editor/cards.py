"""What the editor shows: one card per field, grouped, with what its rules make of the sample."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.text import capfirst

from partners.backoffice.editor import operations
from partners.backoffice.editor.draft import usable
from partners.mapping.description import described, paths_of
from partners.mapping.profiles import Column, columns
from partners.mapping.record import PLACE_TARGETS, REPRODUCTION, WORD_TARGETS
from partners.mapping.review import CHOICES, FieldReview, choices_of, review, values_met
from partners.mapping.rules import parse
from partners.mapping.targets import TARGETS
from partners.sampling import Sample

GROUPS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("fiche", "Fiche", ("title", "summary", "description", "year", "external_id", "licence")),
    ("porteur", "Porteur", ("porteur_name", "porteur_kind", "legal_form", "partners_text")),
    (
        "lieu",
        "Lieu",
        ("place", "address", "postcode", "insee_code", "departement", "region", "latitude",
         "longitude", "point"),
    ),
    (
        "classement",
        "Classement",
        ("themes", "publics", "methods", "nature", "maturity", "reach"),
    ),
    ("liens", "Liens", ("url", "website", "picture", "evidence", "slug", "hold")),
    ("reproduction", "Reproduction", REPRODUCTION),
)  # fmt: skip
# Without these a record is poor: their absence is told.
WANTED = {
    "title": "Sans titre, aucune fiche n’est possible.",
    "description": "Sans description ni résumé, les fiches resteront à compléter.",
    "place": "Sans lieu, les fiches n’apparaîtront pas sur la carte.",
    "url": "Sans lien, le public ne pourra pas lire la fiche chez le partenaire.",
}
INSTEAD = {
    "description": {"summary"},
    "place": PLACE_TARGETS,
    "url": set(),
    "title": set(),
}
EXAMPLE = 60


@dataclass
class Step:
    """One operation of a rule, as a form."""

    key: str
    label: str
    hint: str
    rank: int
    fields: dict[str, Any]
    met: list[tuple[str, int]] = field(default_factory=list)


@dataclass
class RuleForm:
    """One rule: ``rank`` in the draft, its columns, operations and faults."""

    rank: int
    target: str
    paths: list[str]
    fixed: str
    fixed_json: str
    confidence: float | None
    steps: list[Step]
    faults: list[str]


@dataclass
class Card:
    """One field: its rules and what they make of the sample."""

    target: str
    label: str
    rules: list[RuleForm]
    sentence: str
    review: FieldReview | None
    choices: list[tuple[str, str]]
    vocabulary: str = ""

    @property
    def confidence(self) -> float | None:
        """That of the least sure rule; None when a person chose them all."""
        said = [r.confidence for r in self.rules if r.confidence is not None]
        return min(said) if said else None

    @property
    def is_unsure(self) -> bool:
        return self.confidence is not None and self.confidence < 0.7

    @property
    def has_fault(self) -> bool:
        return any(rule.faults for rule in self.rules)

    @property
    def needs_someone(self) -> bool:
        told = self.review
        return self.has_fault or bool(told and (told.problems or told.unknown or not told.share))


@dataclass
class CardGroup:
    """A group of fields: cards of those filled, names of those that could be."""

    key: str
    title: str
    cards: list[Card]
    free: list[tuple[str, str]]


def column_choices(found: Sequence[Column]) -> list[tuple[str, str, int]]:
    """(path, example, percentage of rows filled) of each column of the sample."""
    return [(c.path, _example(c), round(100 * c.fill)) for c in found]


def sample_columns(sample: Sample | None) -> list[Column]:
    return columns(sample.data) if sample else []


def card_groups(
    rules: Sequence[dict[str, Any]],
    faults: dict[int, list[str]],
    sample: Sample | None,
    knows: Callable[[str, str], bool],
) -> list[CardGroup]:
    """The cards of a draft. ``faults``: rank of a rule → what is wrong with it."""
    by_target: dict[str, list[RuleForm]] = {}
    for rank, rule in enumerate(rules):
        form = _rule_form(rank, rule, faults.get(rank, []), sample)
        by_target.setdefault(form.target, []).append(form)
    groups = []
    for key, title, targets in GROUPS:
        cards = [_card(t, by_target[t], rules, sample, knows) for t in targets if t in by_target]
        free = [(t, capfirst(TARGETS[t].label)) for t in targets if t not in by_target]
        groups.append(CardGroup(key, title, cards, free))
    return groups


def wanting(rules: Sequence[dict[str, Any]]) -> list[str]:
    """What the mapping lacks for its records to be worth reading."""
    filled = {rule.get("target") for rule in rules}
    return [
        told
        for target, told in WANTED.items()
        if target not in filled and not INSTEAD[target] & filled
    ]


def add_remarks(groups: Sequence[CardGroup], problems: Sequence[dict[str, str]]) -> None:
    """Give each card the remarks made on the records tried ({field, code, message})."""
    counted: dict[str, Counter[str]] = {}
    for problem in problems:
        counted.setdefault(problem.get("field", ""), Counter())[problem["message"]] += 1
    for card in (c for group in groups for c in group.cards):
        told = counted.get(card.target)
        if told and card.review is not None and card.target in PLACE_TARGETS:
            card.review.problems += told.most_common(5)


def _card(
    target: str,
    forms: list[RuleForm],
    rules: Sequence[dict[str, Any]],
    sample: Sample | None,
    knows: Callable[[str, str], bool],
) -> Card:
    own = [rules[form.rank] for form in forms]
    is_sound = not any(form.faults for form in forms)
    told = review(target, parse(usable(own)), sample.data, knows) if sample and is_sound else None
    return Card(
        target=target,
        label=capfirst(TARGETS[target].label),
        rules=forms,
        sentence=" ".join(described(rule) for rule in usable(own)),
        review=told,
        choices=choices_of(target) if target in CHOICES else [],
        vocabulary=WORD_TARGETS.get(target, ""),
    )


def _rule_form(
    rank: int, rule: dict[str, Any], faults: list[str], sample: Sample | None
) -> RuleForm:
    fixed = rule.get("default", "")
    is_text = isinstance(fixed, str)
    steps = [_step(n, rule, sample, bool(faults)) for n in range(len(rule.get("transforms") or []))]
    return RuleForm(
        rank=rank,
        target=str(rule["target"]),
        paths=paths_of(rule) or [""],
        fixed=fixed if is_text else "",
        fixed_json="" if is_text else json.dumps(fixed, ensure_ascii=False),
        confidence=rule.get("confidence"),
        steps=steps,
        faults=faults,
    )


def _step(rank: int, rule: dict[str, Any], sample: Sample | None, is_faulty: bool) -> Step:
    transform = rule["transforms"][rank]
    key = operations.key_of(transform)
    shown = operations.OPERATIONS.get(key)
    step = Step(
        key,
        shown.label if shown else "Réglage écrit en JSON",
        shown.hint if shown else "",
        rank,
        operations.fields_of(transform),
    )
    if key in {"map", "drop"} and sample and not is_faulty and usable([rule]):
        parsed = parse(usable([{**rule, "transforms": rule["transforms"][:rank]}]))
        step.met = values_met(parsed[0], sample.data)
    if key == "map":
        _offer_values(step)
    return step


def _offer_values(step: Step) -> None:
    """The table of translations: those written, then the values met that have none."""
    counts = dict(step.met)
    written = [(a, b, counts.pop(a, None)) for a, b in step.fields["pairs"]]
    step.fields["table"] = [
        *written,
        *((word, "", n) for word, n in counts.items()),
        ("", "", None),
    ]


def _example(column: Column) -> str:
    said = next((s for s in column.strings if s), "")
    return said if len(said) <= EXAMPLE else said[: EXAMPLE - 1].rstrip() + "…"
