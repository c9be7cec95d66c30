"""Staff's own gestures on whole public records; what was decided of their pairs follows."""

import datetime
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from innovations.models import Innovation
from partners.consolidation.deciding import preferred
from partners.consolidation.regrouping import Why, merge, split, undo
from partners.models import (
    Pair,
    PairState,
    Regrouping,
    RegroupingKind,
    SourceRecord,
    Verdict,
)
from partners.querysets import PairQuerySet

SEPARATED = "Séparées à la main."
RULE_UNDONE = "Réunion par une règle, défaite par l’équipe."
# Beyond, the records of one side are told apart from the first of the other only.
MOST_PAIRS = 400


def join(
    one: Innovation, other: Innovation, *, site: Innovation | None = None, why: Why
) -> Regrouping:
    """Make one record of two, ``site`` telling a site of the other; the public address stays.

    Raises ``CannotRegroup`` as ``merge``.
    """
    stays, goes = preferred(one, other)
    verdict = Verdict.SITE if site else Verdict.SAME
    return merge(goes, stays, verdict=verdict, why=why, site=site)


@transaction.atomic
def separate(innovation: Innovation, records: Sequence[int], *, why: Why) -> Regrouping:
    """Give these source records a public record of their own; no machine will bring them back.

    Raises ``CannotRegroup`` as ``split``.
    """
    others = SourceRecord.objects.filter(innovation=innovation).exclude(pk__in=records)
    rest = list(others.order_by("pk").values_list("pk", flat=True))
    step = split(innovation, records, why=why)
    # Of the same moment as the gesture: taken back, it opens again what it decided, and no more.
    _tell_apart(sorted(records), rest, why, at=step.undone_at or step.made_at)
    return step


@transaction.atomic
def take_back(step: Regrouping, *, why: Why) -> Regrouping:
    """Undo a merge or a split, and open again what staff had decided with it.

    What a rule had merged is then distinct by staff's decision: the rule does not do it again.
    Raises ``CannotRegroup`` as ``undo``.
    """
    others = SourceRecord.objects.filter(
        innovation=step.target if step.kind == RegroupingKind.MERGE else step.origin
    ).exclude(pk__in=step.records)
    across = Pair.objects.between(list(step.records), others.values("pk"))
    if step.kind == RegroupingKind.SPLIT:
        told = Q(pk=step.pair_id) | Q(decided_at=step.made_at)
        _open_again(across.settled().filter(told, verdict=Verdict.DISTINCT), why.reason)
        return undo(step, why=why)
    found = list(across.values_list("pk", flat=True))
    step = undo(step, why=why)
    between = Pair.objects.filter(pk__in=found)
    linked = between.filter(state=PairState.LINKED)
    _decide(linked, why.author, why.reason or RULE_UNDONE, timezone.now())
    _open_again(between.settled().filter(verdict__in=[Verdict.SAME, Verdict.SITE]), why.reason)
    return step


def _tell_apart(
    moved: Sequence[int], rest: Sequence[int], why: Why, *, at: datetime.datetime
) -> None:
    """Write « distinctes » between the two sides, pairs that nobody had compared included; those
    that staff had said distinct already keep their reason."""
    if len(moved) * len(rest) > MOST_PAIRS:
        moved = moved[:1]
    wanted = {tuple(sorted((m, r))) for m in moved for r in rest}
    known = set(Pair.objects.between(moved, rest).values_list("first", "second"))
    Pair.objects.bulk_create(
        Pair(first_id=first, second_id=second, proposed=Verdict.UNCERTAIN)
        for first, second in sorted(wanted - known)
    )
    told = Pair.objects.settled().filter(verdict=Verdict.DISTINCT)
    between = Pair.objects.between(moved, rest).exclude(pk__in=told.values("pk"))
    _decide(between, why.author, why.reason or SEPARATED, at)


def _decide(pairs: PairQuerySet, author: Any, reason: str, at: datetime.datetime) -> None:
    pairs.update(
        state=PairState.DECIDED,
        verdict=Verdict.DISTINCT,
        reason=reason[:500],
        rule="",
        decided_by=author,
        decided_at=at,
    )


def _open_again(pairs: PairQuerySet, reason: str) -> None:
    pairs.update(
        state=PairState.WAITING,
        verdict="",
        reason=reason[:500],
        rule="",
        decided_by=None,
        decided_at=None,
    )
