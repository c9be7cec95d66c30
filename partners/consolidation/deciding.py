"""What staff decide of a pair of records: it holds, whatever a machine or a harvest finds next."""

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from innovations.models import Innovation, Status
from partners.consolidation.regrouping import Why, merge, split, undo
from partners.models import Pair, PairState, SourceRecord, Verdict
from partners.publishing import republish


@transaction.atomic
def decide(
    pair: Pair,
    verdict: Verdict,
    *,
    author: Any,
    reason: str = "",
    site: SourceRecord | None = None,
) -> Pair:
    """Write the verdict, and merge or split the public records accordingly.

    ``site``: with the verdict SITE, the one of both records that tells a site (the second when not
    said). Raises ``CannotRegroup`` when the records moved meanwhile; nothing is then decided.
    """
    pair = _held(pair)
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
def postpone(pair: Pair, *, author: Any) -> Pair:
    """Out of the queue until someone looks for it; nothing else changes."""
    pair = _held(pair)
    pair.state, pair.decided_by = PairState.LATER, author
    pair.save()
    return pair


@transaction.atomic
def reopen(pair: Pair, *, author: Any, reason: str = "") -> Pair:
    """Undo a decision: what it had merged or split is as before, and the pair waits again.

    Raises ``CannotRegroup`` when later steps moved the records on.
    """
    pair = _held(pair)
    for step in pair.regroupings.standing():
        undo(step, why=Why(author, reason))
    pair.state, pair.verdict, pair.reason, pair.rule = PairState.WAITING, "", reason, ""
    pair.decided_by, pair.decided_at = None, None
    pair.save()
    return pair


def preferred(one: Innovation, other: Innovation) -> tuple[Innovation, Innovation]:
    """(The record that stays, the one that goes into it): the public one, else the richer in
    sources, else the older."""

    def weight(innovation: Innovation) -> tuple[bool, int, int]:
        records = SourceRecord.objects.filter(innovation=innovation).count()
        return (innovation.status == Status.PUBLISHED, records, -innovation.pk)

    return (one, other) if weight(one) > weight(other) else (other, one)


def forbids(first: Innovation, second: Innovation) -> bool:
    """Whether staff said of some record of one and some of the other that they must stay apart."""
    between = Q(first__innovation=first, second__innovation=second)
    between |= Q(first__innovation=second, second__innovation=first)
    apart = Pair.objects.settled().filter(between)
    return apart.exclude(verdict__in=[Verdict.SAME, Verdict.SITE]).exists()


def _held(pair: Pair) -> Pair:
    return (
        Pair.objects.select_for_update(of=("self",))
        .select_related("first__innovation", "second__innovation")
        .get(pk=pair.pk)
    )


def _link(pair: Pair, verdict: Verdict, site: SourceRecord, why: Why) -> None:
    one, other = pair.first.innovation, pair.second.innovation
    if one is None or other is None:
        return
    if one == other:
        _set_site(pair, verdict, site)
        return
    stays, goes = preferred(one, other)
    if verdict == Verdict.SITE:
        goes = one if site.pk == pair.first_id else other
        stays = other if goes == one else one
    merge(goes, stays, verdict=verdict, why=why)


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
        undo(step, why=why)
    records = SourceRecord.objects.in_bulk([pair.first_id, pair.second_id])
    if records[pair.first_id].innovation_id != records[pair.second_id].innovation_id:
        return
    split(innovation, [pair.second_id], why=why)
