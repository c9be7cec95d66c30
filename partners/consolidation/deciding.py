"""What staff decide of a pair of records: it holds, whatever a machine or a harvest finds next."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from innovations import publishing
from innovations.models import Innovation, Status
from partners.consolidation.regrouping import CannotRegroup, Why, merge, split, undo
from partners.models import Pair, PairState, SourceRecord, Verdict
from partners.publishing import republish
from partners.suppression import keep_objections_waiting


class DecidedMeanwhile(Exception):
    """Someone else decided of the pair first; ``pair`` is as it stands."""

    def __init__(self, pair: Pair) -> None:
        self.pair = pair
        super().__init__(pair)


@transaction.atomic
def decide(
    pair: Pair,
    verdict: Verdict,
    *,
    author: Any,
    reason: str = "",
    site: SourceRecord | None = None,
    seen: str = "",
) -> Pair:
    """Write the verdict, and merge or split the public records accordingly.

    ``site``: with the verdict SITE, the one of both records that tells a site (the second when not
    said). ``seen``: the ``mark`` of the pair that was judged. Raises ``DecidedMeanwhile`` when it
    has another by now, ``CannotRegroup`` when the records moved; nothing is then decided.
    """
    pair = _held(pair, seen)
    pair.verdict, pair.state, pair.reason = verdict, PairState.DECIDED, reason
    pair.decided_by, pair.decided_at = author, timezone.now()
    pair.save()
    why = Why(author, reason, pair=pair)
    if verdict.links:
        _link(pair, verdict, site or pair.second, why)
    elif verdict == Verdict.DISTINCT:
        _part(pair, why)
    return pair


@transaction.atomic
def postpone(pair: Pair, *, author: Any, seen: str = "") -> Pair:
    """Out of the queue until someone looks for it; nothing else changes.

    Raises ``DecidedMeanwhile`` as ``decide``, and when the pair does not wait at all.
    """
    pair = _held(pair, seen)
    if pair.state not in {PairState.WAITING, PairState.LATER}:
        raise DecidedMeanwhile(pair)
    pair.state, pair.decided_by = PairState.LATER, author
    pair.save()
    return pair


@transaction.atomic
def reopen(pair: Pair, *, author: Any, reason: str = "", seen: str = "") -> Pair:
    """Undo a decision: what it had merged or split is as before, and the pair waits again.

    Raises ``CannotRegroup`` when later steps moved the records on, ``DecidedMeanwhile`` as
    ``decide``.
    """
    pair = _held(pair, seen)
    steps = list(pair.regroupings.standing())
    for step in steps:
        undo(step, why=Why(author, reason, pair=pair))
    is_together = pair.first.innovation_id == pair.second.innovation_id
    if pair.verdict == Verdict.SITE and is_together and not steps:
        _set_site(pair, Verdict.SAME, pair.second)
    pair.state, pair.verdict, pair.reason, pair.rule = PairState.WAITING, "", reason, ""
    pair.decided_by, pair.decided_at = None, None
    pair.save()
    return pair


def preferred(one: Innovation, other: Innovation) -> tuple[Innovation, Innovation]:
    """(The record that stays, the one that goes into it): the public one, else the richer in
    sources, else the older."""

    records = SourceRecord.objects.filter(innovation__in=[one, other]).order_by()
    counted = records.values_list("innovation").annotate(number=Count("pk"))
    return preferred_of(one, other, dict(counted))


def preferred_of(
    one: Innovation, other: Innovation, counts: Mapping[int, int]
) -> tuple[Innovation, Innovation]:
    """``preferred``, of innovations whose number of source records is known."""

    def weight(innovation: Innovation) -> tuple[bool, int, int]:
        is_public = innovation.status == Status.PUBLISHED
        return (is_public, counts.get(innovation.pk, 0), -innovation.pk)

    return (one, other) if weight(one) > weight(other) else (other, one)


def forbids(first: Innovation, second: Innovation) -> bool:
    """Whether staff said of some record of one and some of the other that they must stay apart."""
    between = Q(first__innovation=first, second__innovation=second)
    between |= Q(first__innovation=second, second__innovation=first)
    apart = Pair.objects.settled().filter(between)
    return apart.exclude(verdict__in=[Verdict.SAME, Verdict.SITE]).exists()


def _held(pair: Pair, seen: str = "") -> Pair:
    """The pair as it stands, nobody else deciding of it until the end."""
    _take_turn()
    held = (
        Pair.objects.select_for_update(of=("self",))
        .select_related("first__innovation", "second__innovation", "decided_by")
        .get(pk=pair.pk)
    )
    if seen and seen != held.mark:
        raise DecidedMeanwhile(held)
    return held


def _take_turn() -> None:
    """In the order that all take: what merges and splits needs comes before the pair's own row."""
    keep_objections_waiting()
    publishing.lock()


def _link(pair: Pair, verdict: Verdict, site: SourceRecord, why: Why) -> None:
    one, other = pair.first.innovation, pair.second.innovation
    if one is None or other is None:
        return
    if one == other:
        _set_site(pair, verdict, site)
        return
    stays, goes = preferred(one, other)
    merge(goes, stays, verdict=verdict, why=why, site=one if site.pk == pair.first_id else other)


def _set_site(pair: Pair, verdict: Verdict, site: SourceRecord) -> None:
    """Both are in one public record already: only what they are to each other changes."""
    is_site = verdict == Verdict.SITE
    concerned = [site.pk] if is_site else [pair.first_id, pair.second_id]
    wrong = SourceRecord.objects.filter(pk__in=concerned).exclude(is_site=is_site)
    if wrong.update(is_site=is_site) and pair.first.innovation_id:
        republish([pair.first.innovation_id])


def _part(pair: Pair, why: Why) -> None:
    """Take apart two records that a rule, or a former decision, had put together."""
    innovation = pair.first.innovation
    if innovation is None or pair.second.innovation_id != innovation.pk:
        return
    for step in pair.regroupings.standing():
        # Others may have moved the records on since: they are then taken apart below.
        with suppress(CannotRegroup), transaction.atomic():
            undo(step, why=why)
    records = SourceRecord.objects.in_bulk([pair.first_id, pair.second_id])
    if records[pair.first_id].innovation_id != records[pair.second_id].innovation_id:
        return
    split(innovation, [pair.second_id], why=why)
