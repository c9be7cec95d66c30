"""Comparing what changed with everything, or everything with everything; by batches, resumable.

One transaction makes a record's compared row and its pairs: whatever stops the work, what remains
to be compared is what is stale. A full pass that was broken off is done again by the next one.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from django.db import connection, transaction
from django.utils import timezone

from innovations import publishing
from partners.consolidation import linking, narrowing, pairing
from partners.consolidation.blocking import candidates, cap_of, is_network, keys_of
from partners.consolidation.likenesses import likenesses, promising
from partners.consolidation.pairing import Found
from partners.consolidation.rules import certain
from partners.consolidation.scoring import scores
from partners.consolidation.tables import Table, Weighed
from partners.models import ComparedRecord, LinkagePass
from partners.suppression import keep_objections_waiting

BATCH = 200
NARROWED = 2000
SCORED = 400_000
# From this many changed records, and this share of all, comparing everything is quicker.
MANY, SHARE = 5000, 0.05
# One comparison at a time: held by each batch's transaction.
COMPARING_LOCK = 20_170_504
# Each key with the records that hold it, unless they are too many.
HOLDERS = """
SELECT given.rank, held.record_id
FROM unnest(%s::bigint[], %s::int[]) WITH ORDINALITY AS given (key, cap, rank)
CROSS JOIN LATERAL (
    SELECT record_id FROM partners_comparedrecord WHERE keys @> ARRAY[given.key]
    LIMIT given.cap + 1
) AS held
"""
FIRST_HOLDER = "SELECT min(record_id) FROM partners_comparedrecord WHERE keys @> ARRAY[%s::bigint]"
Progress = Callable[[int, int], None]
log = logging.getLogger(__name__)


@dataclass
class Outcome:
    """``remains``: whether the time was over before the work was; ``kept``: pairs that are alike
    enough, ``new`` of them; ``linked`` and ``asked``: what became of the certain ones."""

    is_full: bool = False
    remains: bool = False
    records: int = 0
    kept: int = 0
    new: int = 0
    faded: int = 0
    linked: int = 0


def _silent(done: int, total: int) -> None:
    """Nobody looks."""


def compare_changed(
    *, seconds: float | None = None, progress: Progress = _silent, links: bool = True
) -> Outcome:
    """Compare the records that changed since they were last compared, then link certain pairs.

    After ``seconds`` it stops between two batches and says that something remains.
    """
    if LinkagePass.objects.filter(is_full=True, finished_at=None).exists():
        return compare_all(progress=progress, links=links)
    with transaction.atomic():
        _take_turn(writes_pairs=True)
        faded = _leave_out()
    waiting = narrowing.stale()
    if len(waiting) > max(MANY, SHARE * ComparedRecord.objects.count()):
        return compare_all(progress=progress, links=links)
    outcome = Outcome(faded=faded)
    until = time.monotonic() + seconds if seconds is not None else None
    for start in range(0, len(waiting), BATCH):
        if until is not None and time.monotonic() > until:
            outcome.remains = True
            break
        _compare(waiting[start : start + BATCH], outcome)
        progress(outcome.records, len(waiting))
    if links:
        # Even when nothing changed: the last comparison may have been stopped before.
        outcome.linked = linking.link_certain()
    if outcome.records or outcome.linked:
        _journal(outcome)
    return outcome


def compare_all(*, progress: Progress = _silent, links: bool = True) -> Outcome:
    """Compare every record with every other, then link certain pairs."""
    journal = LinkagePass.objects.create(is_full=True)
    outcome = Outcome(is_full=True)
    with transaction.atomic():
        _take_turn(writes_pairs=True)
        outcome.faded = _leave_out()
    waiting = narrowing.stale()
    for start in range(0, len(waiting), NARROWED):
        with transaction.atomic():
            _take_turn()
            narrowing.refresh(waiting[start : start + NARROWED])
        progress(start, len(waiting))
    with transaction.atomic():
        _take_turn()
        table = narrowing.read()
        weighed = Weighed.of(table, narrowing.recount(table))
    narrowing.flush()
    found = kept_of(weighed, _standing(table))
    outcome.records, outcome.kept = len(table), len(found)
    _write(weighed, found, outcome, progress)
    if links:
        outcome.linked = linking.link_certain()
    unfinished = LinkagePass.objects.filter(is_full=True, finished_at=None)
    unfinished.exclude(pk=journal.pk).delete()
    _journal(outcome, journal)
    return outcome


def kept_of(
    weighed: Weighed,
    besides: tuple[np.ndarray, np.ndarray] | None = None,
    active: Sequence[str] | None = None,
) -> Found:
    """The pairs of a whole table that are alike enough to be kept, each once.

    ``besides``: pairs of positions to look at whatever their keys; ``active``: the rules that
    apply, those that staff left on when not said.
    """
    table = weighed.table
    codes = []
    number = np.int64(max(1, len(table)))
    for first, second, sure in candidates(table):
        worth = slice(None) if sure else promising(weighed, first, second)
        codes.append(np.unique(first[worth] * number + second[worth]))
    if besides is not None:
        codes.append(besides[0] * number + besides[1])
    unique = np.unique(np.concatenate(codes)) if codes else np.zeros(0, np.int64)
    del codes
    rules = linking.active_rules() if active is None else active
    parts = [
        _scored(weighed, *np.divmod(unique[start : start + SCORED], number), rules)
        for start in range(0, len(unique), SCORED)
    ]
    return _together(parts)


def _compare(record_ids: Sequence[int], outcome: Outcome) -> None:
    """Make the rows of these records again and compare them with all others, all or nothing."""
    with transaction.atomic():
        _take_turn(writes_pairs=True)
        changed = narrowing.refresh(record_ids)
        narrowing.flush()
        pairs = _neighbours(changed) | set(pairing.partners_of(record_ids))
        table = narrowing.read({pk for pair in pairs for pk in pair} | set(changed.ids.tolist()))
        weighed = Weighed.of(table, narrowing.frequencies(table))
        first, second = _positions(table, sorted(pairs))
        found = _scored(weighed, first, second, linking.active_rules())
        kept = {*pairing.identities(table, found)}
        outcome.new += pairing.write(weighed, found)
        outcome.faded += pairing.fade(record_ids, kept)
        outcome.records += len(record_ids)
        outcome.kept += len(found)


def _neighbours(changed: Table) -> set[tuple[int, int]]:
    """The pairs (ids, in order) of changed records with those that share a key with them."""
    holders: dict[int, set[int]] = {}
    for rows, keys in keys_of(changed):
        for row, key in zip(rows.tolist(), keys.tolist(), strict=True):
            holders.setdefault(key, set()).add(int(changed.ids[row]))
    held = list(holders)
    caps = cap_of(np.array(held, np.int64)).tolist()
    met: dict[int, list[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(HOLDERS, [held, caps])
        for rank, record in cursor.fetchall():
            met.setdefault(rank - 1, []).append(record)
        for rank, others in met.items():
            if len(others) > caps[rank] and is_network(held[rank]):
                cursor.execute(FIRST_HOLDER, [held[rank]])
                met[rank] = [pk for (pk,) in cursor.fetchall() if pk]
    return {
        (min(own, other), max(own, other))
        for rank, others in met.items()
        if len(others) <= caps[rank]
        for own in holders[held[rank]]
        for other in others
        if other != own
    }


def _scored(
    weighed: Weighed,
    first: np.ndarray,
    second: np.ndarray,
    active: Sequence[str],
) -> Found:
    """Those of the pairs that are kept, with the certain rule of each."""
    if not len(first):
        return Found(first, second, np.zeros(0, "U40"))
    like = likenesses(weighed, first, second)
    rules = certain(like, active)
    kept = scores(like).kept | (rules != "")
    return Found(first[kept], second[kept], rules[kept])


def _together(parts: Sequence[Found]) -> Found:
    if not parts:
        nothing = np.zeros(0, np.int64)
        return Found(nothing, nothing, np.zeros(0, "U40"))
    first, second, rules = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("first", "second", "rules")
    )
    return Found(first, second, rules)


def _write(weighed: Weighed, found: Found, outcome: Outcome, progress: Progress) -> None:
    """Write all kept pairs, then fade those that are kept no longer."""
    table = weighed.table
    kept: set[tuple[int, int]] = set()
    for start in range(0, len(found), pairing.BATCH):
        part = found.part(start, pairing.BATCH)
        with transaction.atomic():
            _take_turn(writes_pairs=True)
            outcome.new += pairing.write(weighed, part)
        kept.update(pairing.identities(table, part))
        progress(start + len(part), len(found))
    ids = table.ids.tolist()
    for start in range(0, len(ids), NARROWED):
        with transaction.atomic():
            _take_turn(writes_pairs=True)
            outcome.faded += pairing.fade(ids[start : start + NARROWED], kept)


def _standing(table: Table) -> tuple[np.ndarray, np.ndarray]:
    """The pairs that stand already, by position: they are looked at whatever their keys."""
    return _positions(table, pairing.standing())


def _positions(table: Table, pairs: Sequence[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    """The positions of pairs of ids, those left out that are compared no longer."""
    ids = np.array(pairs, np.int64).reshape(-1, 2)
    spots = np.searchsorted(table.ids, ids)
    if not len(table):
        return spots[:0, 0], spots[:0, 1]
    there = (table.ids[spots.clip(max=len(table) - 1)] == ids).all(1)
    return spots[there, 0], spots[there, 1]


def _leave_out() -> int:
    """Records withdrawn since: no longer compared, their pairs out of the queue."""
    left = narrowing.gone()
    narrowing.forget(left)
    return pairing.fade(left, set())


def _take_turn(*, writes_pairs: bool = False) -> None:
    """Nobody else compares, and no objection is applied, until the transaction ends.

    ``writes_pairs``: nor does anyone decide: a pair is written as it was read.
    """
    keep_objections_waiting()
    if writes_pairs:
        publishing.share()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [COMPARING_LOCK])


def _journal(outcome: Outcome, journal: LinkagePass | None = None) -> None:
    journal = journal or LinkagePass()
    journal.records, journal.kept, journal.linked = outcome.records, outcome.kept, outcome.linked
    journal.finished_at = timezone.now()
    journal.save()
