"""Merging and splitting public records: source records are moved, and all is composed again.

An innovation whose records all moved away is « réunie »: it keeps its row, its address (which leads
to where they went), its edits and what hangs on it. Moving them back restores it as it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pghistory
from django.db import transaction
from django.utils import timezone

from innovations import publishing, searchrows
from innovations.models import Innovation, Status
from partners.models import (
    Decision,
    Moderation,
    Pair,
    Regrouping,
    RegroupingKind,
    SourceRecord,
    Verdict,
)
from partners.publishing import PUBLIC_TYPES, publish_records, republish
from partners.suppression import keep_objections_waiting


@dataclass(frozen=True)
class Why:
    """Who moves the records, and for what reason: a person, or a rule; about which pair."""

    author: Any = None
    reason: str = ""
    rule: str = ""
    pair: Pair | None = None
    # What the history says, when it is not the reason: a rule acts because another was undone.
    motif: str = ""

    def context(self) -> Any:
        """What the history keeps beside each row that changes."""
        # Contexts are one inside another: a rule must not take away the name of who had it act.
        who = {"user": self.author.pk} if self.author else {}
        return pghistory.context(**who, motif=self.motif or self.reason or self.rule)


NOBODY = Why()


class CannotRegroup(Exception):
    """The records do not stand where they would have to; ``message`` is one French sentence."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


ALREADY_TOGETHER = "Ces deux fiches n’en font déjà qu’une."
NOTHING_LEFT = "Une séparation laisse au moins une fiche source de chaque côté."
NO_INNOVATION = (
    "Aucune de ces fiches sources ne décrit une innovation : elles n’ont pas de fiche publique à "
    "elles."
)
NOT_THERE = "Ces fiches sources n’appartiennent plus à cette fiche."
ALREADY_UNDONE = "Ce geste est déjà défait."
GONE_SINCE = (
    "Les fiches sources de ce geste ont été déplacées depuis : défaites d’abord le geste suivant."
)
# A record taken out of one that staff hid, and the state it then has.
HIDDEN = {
    Status.UNPUBLISHED: Status.UNPUBLISHED,
    Status.SENT_BACK: Status.IN_REVIEW,
    Status.IN_REVIEW: Status.IN_REVIEW,
}
KEPT_APART = (
    "L’équipe a décidé que « {first} » et « {second} » sont distinctes : rouvrez d’abord cette "
    "décision."
)


@transaction.atomic
def merge(
    origin: Innovation,
    target: Innovation,
    *,
    verdict: Verdict = Verdict.SAME,
    why: Why = NOBODY,
    composes: bool = True,
    site: Innovation | None = None,
) -> Regrouping:
    """Move every source record of ``origin`` to ``target``, whose address stays.

    With the verdict SITE, the records of ``site`` (``origin`` unless it is said to be ``target``)
    tell a site of the other. ``composes``: false when the caller composes the target itself, after
    several merges. Raises ``CannotRegroup`` when they are one already, when either was merged
    meanwhile, or when staff decided that they are distinct.
    """
    origin, target = _held(origin, target)
    records = _records_of(origin)
    if not records:
        raise CannotRegroup(NOT_THERE)
    theirs = _records_of(target)
    _refuse_kept_apart(records, theirs, why)
    tells_site = theirs if site == target else records
    followers = list(origin.merged.values_list("pk", flat=True))
    step = Regrouping(
        kind=RegroupingKind.MERGE,
        origin=origin,
        target=target,
        records=records,
        followers=followers,
        status_before=origin.status,
        target_status_before=target.status,
        verdict=verdict,
        author=why.author,
        reason=why.reason,
        rule=why.rule,
        pair=why.pair,
    )
    with why.context():
        step.sites = _become_sites(tells_site) if verdict == Verdict.SITE else []
        _move(records, target)
        step.save()
        _close(origin, target)
        if composes:
            republish([target.pk])
    return step


@transaction.atomic
def split(innovation: Innovation, records: Sequence[int], *, why: Why = NOBODY) -> Regrouping:
    """Move these source records out into a public record of their own.

    Either side gets its former page and address back when it is all that a merge had brought;
    else they get a new one. Raises ``CannotRegroup`` when the records are not all there, are all
    of it, or tell of no innovation.
    """
    (innovation,) = _held(innovation)
    there = set(SourceRecord.objects.filter(innovation=innovation).values_list("pk", flat=True))
    moved = sorted(set(records))
    if not moved or not set(moved) <= there:
        raise CannotRegroup(NOT_THERE)
    if there == set(moved):
        raise CannotRegroup(NOTHING_LEFT)
    with why.context():
        rest = sorted(there - set(moved))
        if arrival := _arrival_of(innovation, moved) or _arrival_of(innovation, rest):
            return _undo(arrival, why)
        told = SourceRecord.objects.filter(pk__in=moved).order_by("pk")
        sites = list(told.filter(is_site=True).values_list("pk", flat=True))
        told.update(innovation=None, is_site=False)
        # A former record of another type says nothing of an innovation.
        first = told.filter(record_type__in=PUBLIC_TYPES).first()
        if first is None:
            raise CannotRegroup(NO_INNOVATION)
        (target,) = publish_records([first])
        _move(moved, target)
        step = Regrouping.objects.create(
            kind=RegroupingKind.SPLIT,
            origin=innovation,
            target=target,
            records=moved,
            sites=sites,
            author=why.author,
            reason=why.reason,
            pair=why.pair,
        )
        _show_as(target, innovation)
        republish([innovation.pk, target.pk])
    return step


@transaction.atomic
def undo(step: Regrouping, *, why: Why = NOBODY, composes: bool = True) -> Regrouping:
    """Move the records of a merge or a split back to where they were, and open their page again.

    ``composes``: false when the caller composes the target itself, after several. Raises
    ``CannotRegroup`` when it was undone already, or when a later step moved them on.
    """
    _take_turn()
    step = Regrouping.objects.select_for_update().get(pk=step.pk)
    if step.undone_at:
        raise CannotRegroup(ALREADY_UNDONE)
    with why.context():
        return _undo(step, why, composes)


def _undo(step: Regrouping, why: Why, composes: bool = True) -> Regrouping:
    origin, target = step.origin, step.target
    present = SourceRecord.objects.filter(pk__in=step.records)
    is_merge = step.kind == RegroupingKind.MERGE
    has_moved = target.merged_into_id is not None
    # A merge closed its origin, a split left it open: someone may have merged it since.
    has_moved |= origin.merged_into_id != (target.pk if is_merge else None)
    if has_moved or present.exclude(innovation=target).exists() or _would_empty(step):
        raise CannotRegroup(GONE_SINCE)
    back = list(present.values_list("pk", flat=True))
    if not back:
        raise CannotRegroup(NOT_THERE)
    _refuse_kept_apart(back, _records_of(origin), why)
    # A merge had made sites of them, a split had taken that from them.
    SourceRecord.objects.filter(pk__in=step.sites).update(is_site=not is_merge)
    _move(back, origin)
    followers = Innovation.objects.filter(pk__in=step.followers, merged_into=target)
    followers.update(merged_into=origin)
    step.undone_at, step.undone_by = timezone.now(), why.author
    step.save()
    if is_merge:
        _open(origin, step.status_before)
        _review_again(target, step)
    elif not SourceRecord.objects.filter(innovation=target).exists():
        _close(target, origin)
    republish([origin.pk, target.pk] if composes else [origin.pk])
    if is_merge:
        _stay_hidden(origin, target, step)
    return step


def _take_turn() -> None:
    """Nobody else moves records, harvests or erases until the end; in the order that all take."""
    keep_objections_waiting()
    publishing.lock()


def _held(*innovations: Innovation) -> list[Innovation]:
    """The innovations as they stand, nobody else moving any record until the end."""
    _take_turn()
    # Always in the same order: of two who lock the same rows, one waits, never both.
    locked = Innovation.objects.select_for_update().order_by("pk")
    rows = locked.in_bulk([i.pk for i in innovations])
    found = [rows[i.pk] for i in innovations if i.pk in rows]
    if len(rows) < len(innovations) or any(i.merged_into_id for i in found):
        raise CannotRegroup(ALREADY_TOGETHER if len(rows) < len(innovations) else NOT_THERE)
    return found


def _would_empty(step: Regrouping) -> bool:
    """Whether undoing a merge would leave nothing of the record that it had been made into."""
    others = SourceRecord.objects.filter(innovation=step.target).exclude(pk__in=step.records)
    return step.kind == RegroupingKind.MERGE and not others.exists()


def _records_of(innovation: Innovation) -> list[int]:
    found = SourceRecord.objects.filter(innovation=innovation)
    return list(found.order_by("pk").values_list("pk", flat=True))


def _refuse_kept_apart(records: Sequence[int], others: Sequence[int], why: Why) -> None:
    """Staff's « distinctes » between two records holds until staff opens it again."""
    kept = Pair.objects.settled().between(records, others).filter(verdict=Verdict.DISTINCT)
    if why.pair:
        kept = kept.exclude(pk=why.pair.pk)
    if pair := kept.select_related("first", "second").first():
        raise CannotRegroup(KEPT_APART.format(first=pair.first, second=pair.second))


def _arrival_of(innovation: Innovation, records: Sequence[int]) -> Regrouping | None:
    """The last merge that brought just these records here."""
    brought = innovation.arrivals.standing().filter(kind=RegroupingKind.MERGE)
    return next((step for step in brought if sorted(step.records) == list(records)), None)


def _become_sites(records: Sequence[int]) -> list[int]:
    """Make sites of those that were not; returns them."""
    new = SourceRecord.objects.filter(pk__in=records, is_site=False)
    ids = list(new.values_list("pk", flat=True))
    SourceRecord.objects.filter(pk__in=ids).update(is_site=True)
    return ids


def _move(records: Sequence[int], target: Innovation) -> None:
    SourceRecord.objects.filter(pk__in=records).update(innovation=target)


def _close(origin: Innovation, target: Innovation) -> None:
    """The origin's address leads to the target, and so do those that led to the origin."""
    Innovation.objects.filter(merged_into=origin).update(merged_into=target)
    origin.merged_into, origin.status = target, Status.MERGED
    origin.save(update_fields=["merged_into", "status", "updated_at"])
    searchrows.refresh([origin.pk])


def _open(origin: Innovation, status: str) -> None:
    origin.merged_into, origin.status = None, status or Status.IN_REVIEW
    origin.save(update_fields=["merged_into", "status", "updated_at"])


def _review_again(innovation: Innovation, step: Regrouping) -> None:
    """What only the merge had made public waits for its own review, as before; what someone read
    and published since stays public."""
    waiting = Innovation.objects.filter(pk=innovation.pk, status=Status.PUBLISHED)
    read = Moderation.objects.standing().filter(
        innovation=innovation, decision=Decision.PUBLISH, made_at__gt=step.made_at
    )
    if step.target_status_before == Status.IN_REVIEW and not read.exists():
        waiting.update(status=Status.IN_REVIEW)


def _stay_hidden(origin: Innovation, target: Innovation, step: Regrouping) -> None:
    """What staff hid while both were one is not public again because they part."""
    now = Innovation.objects.values_list("status", flat=True).get(pk=target.pk)
    if now in {Status.UNPUBLISHED, Status.SENT_BACK} - {step.target_status_before}:
        public = Innovation.objects.filter(pk=origin.pk, status=Status.PUBLISHED)
        if public.exists():
            _hide(origin, target, Status(now))
            republish([origin.pk])


def _show_as(new: Innovation, old: Innovation) -> None:
    """What stood on a public page stays public, on its own page now; what staff hid stays so."""
    if old.status == Status.PUBLISHED and new.status == Status.IN_REVIEW:
        publishing.set_status([new.pk], Status.PUBLISHED)
    elif new.status == Status.PUBLISHED and old.status in HIDDEN:
        _hide(new, old, Status(old.status))


def _hide(new: Innovation, old: Innovation, status: Status) -> None:
    """What staff sent back is so on both sides: no composition publishes it before its partner
    changes it, or someone reads it."""
    publishing.set_status([new.pk], HIDDEN[status])
    holding = Moderation.objects.holding([old.pk]).first()
    if holding and holding.decision == Decision.SEND_BACK:
        Moderation.objects.create(
            innovation=new,
            decision=holding.decision,
            motive=holding.motive,
            text=holding.text,
            author=holding.author,
            made_at=holding.made_at,
        )
