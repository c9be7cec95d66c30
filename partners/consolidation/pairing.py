"""Writing what was found: pairs created, updated, faded; never one that staff decided."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from innovations import copying
from partners.consolidation import explaining
from partners.consolidation.features import network_of
from partners.consolidation.likenesses import likenesses
from partners.consolidation.scoring import ENGINE, of_network, scores
from partners.consolidation.tables import Table, Weighed
from partners.models import Pair, PairState, SourceRecord, Verdict

BATCH = 500
UPDATED = ["score", "proposed", "explanation", "engine", "rule", "network", "state", "reason"]


@dataclass(frozen=True)
class Found:
    """Pairs of positions in a table that are kept, and the certain rule of each (or "")."""

    first: np.ndarray
    second: np.ndarray
    rules: np.ndarray

    def __len__(self) -> int:
        return len(self.first)

    def part(self, start: int, size: int) -> "Found":
        cut = slice(start, start + size)
        return Found(self.first[cut], self.second[cut], self.rules[cut])


def write(weighed: Weighed, found: Found) -> int:
    """Write one batch of kept pairs, in a few queries; returns how many were new.

    Records erased meanwhile are left out. A pair decided by staff is not touched.
    """
    ids = identities(weighed.table, found)
    said = _said({pk for pair in ids for pk in pair})
    known = {(p.first_id, p.second_id): p for p in _between(ids)}
    like = likenesses(weighed, found.first, found.second)
    scored = scores(like)
    networks = networks_of(weighed.table, found, of_network(like))
    new, changed = [], []
    for k, (one, other) in enumerate(ids):
        if one not in said or other not in said:
            continue
        pair = known.get((one, other)) or Pair(first_id=one, second_id=other)
        if pair.is_staffs:
            continue
        before = [getattr(pair, name) for name in UPDATED]
        pair.score, pair.engine = round(float(scored.score[k]), 4), ENGINE
        pair.proposed, pair.network = scored.verdict(k), networks[k]
        pair.explanation = explaining.explanation(like, k, said[one], said[other])
        _place(pair, str(found.rules[k]))
        if pair.pk is None:
            new.append(pair)
        elif before != [getattr(pair, name) for name in UPDATED]:
            changed.append(pair)
    for pair, pk in zip(new, copying.next_ids(Pair, len(new)), strict=True):
        pair.pk = pk
    copying.insert(Pair, new)
    copying.update(Pair, changed, [*UPDATED])
    return len(new)


def fade(record_ids: Iterable[int], kept: set[tuple[int, int]]) -> int:
    """Pairs of these records that are kept no longer leave the queue; returns how many.

    Those linked by a rule stay linked, and say that they are no longer alike.
    """
    apart = [p for p in _open(record_ids) if (p.first_id, p.second_id) not in kept]
    for pair in apart:
        if pair.state == PairState.LINKED:
            pair.proposed, pair.score = Verdict.DISTINCT, 0.0
        else:
            pair.state, pair.proposed, pair.rule = PairState.FADED, Verdict.DISTINCT, ""
    copying.update(Pair, apart, ["state", "proposed", "score", "rule"])
    return len(apart)


def partners_of(record_ids: Sequence[int]) -> list[tuple[int, int]]:
    """The pairs (ids, in order) that stand about these records, to be looked at again."""
    pairs = Pair.objects.about(record_ids).exclude(state=PairState.DECIDED)
    return list(pairs.order_by("pk").values_list("first_id", "second_id"))


def standing() -> list[tuple[int, int]]:
    """All pairs (ids, in order) that staff has not decided."""
    pairs = Pair.objects.exclude(state=PairState.DECIDED).order_by("pk")
    return list(pairs.values_list("first_id", "second_id"))


def _place(pair: Pair, rule: str) -> None:
    """The state of a pair that is alike: back in the queue if it had faded."""
    if pair.state == PairState.LINKED:
        return
    pair.rule = rule
    if pair.state == PairState.FADED:
        pair.state, pair.reason = PairState.WAITING, ""


def _open(record_ids: Iterable[int]) -> list[Pair]:
    states = (PairState.WAITING, PairState.LATER, PairState.LINKED)
    about = Pair.objects.about(list(record_ids)).filter(state__in=states)
    return list(about.exclude(state=PairState.LINKED, proposed=Verdict.DISTINCT).order_by("pk"))


def networks_of(table: Table, found: Found, told: np.ndarray) -> list[str]:
    """The code of the network that is all both records share, "" for the other pairs."""
    codes = [""] * len(found)
    one, other = (table.packed["networks"][side] for side in (found.first, found.second))
    for k in np.flatnonzero(told).tolist():
        common = sorted(network_of(n) for n in {*one[k].tolist()} & {*other[k].tolist()} if n)
        codes[k] = next(iter(common), "")
    return codes


def identities(table: Table, found: Found) -> list[tuple[int, int]]:
    """The pairs by their records' ids, in order."""
    ids = table.ids
    return [*zip(ids[found.first].tolist(), ids[found.second].tolist(), strict=True)]


def _between(ids: Sequence[tuple[int, int]]) -> Any:
    firsts, seconds = {one for one, _ in ids}, {other for _, other in ids}
    return Pair.objects.filter(first__in=firsts, second__in=seconds).order_by("pk")


def _said(record_ids: set[int]) -> dict[int, explaining.Said]:
    rows = SourceRecord.objects.filter(pk__in=record_ids).order_by("pk")
    return {
        pk: dict(zip(explaining.NAMES, said, strict=True))
        for pk, *said in rows.values_list("pk", *explaining.READ)
    }
