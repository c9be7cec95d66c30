"""The rules that link without asking: what each has linked, switched off, on again, undone."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count

from partners.consolidation import linking, requesting
from partners.consolidation.rules import BY_CODE
from partners.models import (
    LinkagePass,
    LinkageRule,
    Pair,
    PairState,
    Regrouping,
    RegroupingKind,
    Verdict,
)
from partners.querysets import PairQuerySet, RegroupingQuerySet

# Beyond, undoing takes longer than a page may: it is done by the workers.
AT_ONCE = 200


@dataclass(frozen=True)
class Told:
    """A rule as staff see it: pairs it linked, records it merged, pairs it would link."""

    rule: LinkageRule
    verdict: str
    linked: int
    merged: int
    waiting: int


def told() -> list[Told]:
    """Each rule that the code knows, in the order in which they are tried; four queries."""
    if LinkageRule.objects.count() < len(BY_CODE):
        linking.load_rules()
    rules = LinkageRule.objects.in_bulk(field_name="code")
    linked = _by_rule(Pair.objects.filter(state=PairState.LINKED))
    waiting = _by_rule(Pair.objects.waiting())
    merged = _by_rule(_merges())
    return [
        Told(
            rules[code],
            Verdict(known.verdict).label,
            linked.get(code, 0),
            merged.get(code, 0),
            waiting.get(code, 0),
        )
        for code, known in BY_CODE.items()
        if code in rules
    ]


def merges_of(rule: LinkageRule) -> RegroupingQuerySet:
    """What the rule merged and still stands."""
    return _merges().filter(rule=rule.code)


def switch_off(rule: LinkageRule) -> None:
    """The rule links nothing more; what it linked stays linked until it is undone."""
    LinkageRule.objects.filter(pk=rule.pk).update(is_active=False)


@transaction.atomic
def switch_on(rule: LinkageRule) -> None:
    """The rule applies again: everything is compared again by the workers, then linked.

    The pairs compared while it was off know nothing of it. Nothing is asked twice: a comparison
    that is not finished is taken up by the next one.
    """
    if LinkageRule.objects.filter(pk=rule.pk, is_active=False).update(is_active=True):
        if not LinkagePass.objects.filter(is_full=True, finished_at=None).exists():
            LinkagePass.objects.create(is_full=True)
        requesting.after_run()


def undo_all(rule: LinkageRule, *, author: Any) -> int | None:
    """Switch the rule off and undo what it linked; how many merges, None when it is under way."""
    if merges_of(rule).count() <= AT_ONCE:
        return linking.undo_rule(rule, author=author)
    switch_off(rule)
    requesting.undo_later(rule.pk, author.pk)
    return None


def _merges() -> RegroupingQuerySet:
    found: RegroupingQuerySet = Regrouping.objects.standing()
    return found.filter(kind=RegroupingKind.MERGE).exclude(rule="")


def _by_rule(rows: PairQuerySet | RegroupingQuerySet) -> dict[str, int]:
    counted = rows.exclude(rule="").order_by("rule").values("rule").annotate(number=Count("pk"))
    return {row["rule"]: row["number"] for row in counted}
