"""The places of one network, decided at once: shown, decided, undone.

What two places of a network share is the network: nothing tells more of one pair than of the next.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Q
from django.utils import timezone

from carrefour.text import key
from innovations import publishing
from innovations.models import Innovation, Status
from partners.consolidation.regrouping import CannotRegroup, Why, merge, undo
from partners.consolidation.wording import lexicon
from partners.models import (
    NetworkChoice,
    NetworkDecision,
    Pair,
    PairState,
    Regrouping,
    SourceRecord,
    Verdict,
)
from partners.publishing import republish
from partners.querysets import PairQuerySet
from partners.suppression import keep_objections_waiting

# Places shown, and made one, at a time: a page must answer.
AT_ONCE = 200
COUNTED = """
SELECT told.network, count(DISTINCT r.innovation_id), count(DISTINCT told.id)
FROM (
    SELECT id, network, unnest(ARRAY[first_id, second_id]) AS record_id FROM partners_pair
    WHERE state = 'a-decider' AND network <> ''
) AS told
JOIN partners_sourcerecord r ON r.id = told.record_id
GROUP BY told.network ORDER BY 2 DESC, 1
"""
NOTHING_LEFT = "Cochez au moins deux lieux, ou remettez à plus tard."
ALREADY_UNDONE = "Cette décision est déjà annulée."


class CannotDecide(Exception):
    """``message`` is one French sentence; nothing was decided."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


@dataclass(frozen=True)
class Network:
    """A network with places to decide of; ``pairs`` is how many questions that spares."""

    code: str
    places: int
    pairs: int

    @property
    def name(self) -> str:
        return name_of(self.code)


@dataclass(frozen=True)
class Place:
    """A public record, told by one of its source records."""

    innovation: Innovation
    record: SourceRecord
    records: int

    @property
    def town(self) -> str:
        sites = self.record.sites
        return str(sites[0].get("name") or sites[0].get("label") or "") if sites else ""

    @property
    def weight(self) -> tuple[bool, int, int]:
        """What makes the one that stays: public, of the most records, the oldest."""
        is_public = self.innovation.status == Status.PUBLISHED
        return is_public, self.records, -self.innovation.pk


@dataclass(frozen=True)
class Outcome:
    decision: NetworkDecision
    left: int


def name_of(code: str) -> str:
    return lexicon().networks.get(code, code)


def is_known(code: str) -> bool:
    return code in lexicon().networks


def networks() -> list[Network]:
    """Those that wait, the one of the most places first; one query."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTED)
        return [Network(*row) for row in cursor.fetchall()]


def places(code: str, only: Collection[int] | None = None) -> list[Place]:
    """The places to decide of, AT_ONCE at most, by town; two queries. ``only``: of these."""
    told = _pairs(code)
    records = SourceRecord.objects.filter(
        Q(pk__in=told.values("first")) | Q(pk__in=told.values("second")),
        innovation__isnull=False,
    )
    if only is not None:
        records = records.filter(innovation__in=list(only))
    shown = records.order_by("innovation_id", "pk").distinct("innovation_id")
    shown = shown.select_related("innovation", "source__partner")
    found = list(shown.defer("raw", "problems")[:AT_ONCE])
    counts = dict(
        SourceRecord.objects.filter(innovation__in=[r.innovation_id for r in found])
        .order_by()
        .values_list("innovation")
        .annotate(number=Count("pk"))
    )
    made = [Place(r.innovation, r, counts.get(r.innovation_id, 1)) for r in found if r.innovation]
    return sorted(made, key=lambda place: (key(place.town), place.innovation.pk))


def stays(told: Sequence[Place]) -> Place | None:
    """The one whose address the others lead to, if they are made one."""
    return max(told, key=lambda place: place.weight, default=None)


@transaction.atomic
def decide(
    code: str,
    choice: NetworkChoice,
    *,
    author: Any,
    kept: Collection[int] = (),
    left: Collection[int] = (),
    reason: str = "",
) -> Outcome:
    """Settle all the waiting pairs of a network at once.

    ``PLACES`` makes one record of the innovations ``kept``, AT_ONCE at most; ``DISTINCT`` and
    ``LATER`` are for all places but those ``left``, which go on waiting. Raises ``CannotDecide``
    when nothing would change.
    """
    _take_turn()
    decision = NetworkDecision(
        network=code, choice=choice, reason=reason[:500], author=author, made_at=timezone.now()
    )
    if choice == NetworkChoice.PLACES:
        remain = _make_one(decision, places(code, only=kept), author)
    else:
        remain = len(set(left))
        outside = _pairs(code).exclude(first__innovation__in=list(left))
        pairs = outside.exclude(second__innovation__in=list(left))
        _settle(decision, pairs, Verdict.DISTINCT if choice == NetworkChoice.DISTINCT else "")
    if not decision.pairs and not decision.steps:
        raise CannotDecide(NOTHING_LEFT)
    decision.save()
    return Outcome(decision, remain)


@transaction.atomic
def take_back(decision: NetworkDecision, *, author: Any) -> int:
    """Undo it: records are where they were and the pairs wait again; how many merges could not be,
    others having moved the records since. Pairs decided again since are left as they are.

    Raises ``CannotDecide`` when it was undone already.
    """
    _take_turn()
    decision = NetworkDecision.objects.select_for_update().get(pk=decision.pk)
    if decision.undone_at:
        raise CannotDecide(ALREADY_UNDONE)
    why = Why(author, decision.reason)
    # « Distinctes » between them would forbid what follows; the pairs wait first.
    _open_again(decision)
    stuck = sum(not _undone(step, why) for step in _steps(decision))
    if decision.target_id:
        republish([decision.target_id])
    decision.undone_at = timezone.now()
    decision.save()
    return stuck


def _make_one(decision: NetworkDecision, told: Sequence[Place], author: Any) -> int:
    """Merge the places into the one that stays; how many could not be."""
    target = stays(told)
    if target is None or len(told) < 2:
        raise CannotDecide(NOTHING_LEFT)
    why = Why(author, decision.reason or f"Lieux du réseau « {name_of(decision.network)} ».")
    joined, stuck = {target.innovation.pk}, 0
    before = _within(decision.network, [place.innovation.pk for place in told])
    for place in told:
        if place is target:
            continue
        try:
            with transaction.atomic():
                step = merge(
                    place.innovation, target.innovation,
                    verdict=Verdict.SITE, why=why, composes=False,
                )  # fmt: skip
        except CannotRegroup:
            # Staff said of two of them that they are distinct: that holds.
            stuck += 1
            continue
        joined.add(place.innovation.pk)
        decision.steps.append(step.pk)
    decision.target, decision.places = target.innovation, len(joined)
    republish([target.innovation.pk])
    _settle(decision, Pair.objects.filter(pk__in=[p for p, ends in before if ends <= joined]),
            Verdict.SITE)  # fmt: skip
    return stuck


def _within(code: str, innovations: Collection[int]) -> list[tuple[int, set[int]]]:
    """The waiting pairs between these innovations, with the two that each joins."""
    between = _pairs(code).filter(
        first__innovation__in=innovations, second__innovation__in=innovations
    )
    rows = between.values_list("pk", "first__innovation_id", "second__innovation_id")
    return [(pk, {one, other}) for pk, one, other in rows]


def _settle(decision: NetworkDecision, pairs: PairQuerySet, verdict: str) -> None:
    """One statement, whatever their number."""
    ends = pairs.values_list("first__innovation_id", "second__innovation_id")
    decision.places = decision.places or len({pk for both in ends for pk in both})
    state = PairState.DECIDED if verdict else PairState.LATER
    decision.pairs = Pair.objects.filter(pk__in=pairs.order_by().values("pk")).update(
        state=state, verdict=verdict, reason=decision.reason,
        decided_by=decision.author, decided_at=decision.made_at,
    )  # fmt: skip


def _open_again(decision: NetworkDecision) -> None:
    settled = Pair.objects.filter(network=decision.network, decided_at=decision.made_at)
    settled.filter(state__in=[PairState.DECIDED, PairState.LATER]).update(
        state=PairState.WAITING, verdict="", reason="", decided_by=None, decided_at=None
    )


def _steps(decision: NetworkDecision) -> list[Regrouping]:
    """Its merges, the last first."""
    found = Regrouping.objects.standing().filter(pk__in=decision.steps)
    return list(found.select_related("origin", "target").order_by("-pk"))


def _undone(step: Regrouping, why: Why) -> bool:
    try:
        with transaction.atomic():
            undo(step, why=why, composes=False)
    except CannotRegroup:
        return False
    return True


def _pairs(code: str) -> PairQuerySet:
    return Pair.objects.of_networks().filter(network=code)


def _take_turn() -> None:
    """In the order that all take: objections wait, then nobody else writes innovations."""
    keep_objections_waiting()
    publishing.lock()
