"""The pairs that wait for someone: which ones, in which order, and those that touch one another."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from carrefour.pagination import beyond
from partners.models import Pair, PairState, SourceRecord, Verdict
from partners.querysets import PairQuerySet

KEYS = ("-score", "pk")
# Records shown side by side, the pair's own two included.
MOST_TOGETHER = 5
# What makes a disagreement of a field compared.
UNLIKE = 0.5
HEAVY = ("raw", "sites", "problems", "fingerprint", "likeness", "page", "page_key")
DEFERRED = [f"{side}__{name}" for side in ("first", "second") for name in HEAVY]


@dataclass(frozen=True)
class Asked:
    """What of the queue is asked; "" asks nothing. ``source`` and ``partner`` are slugs."""

    state: str = PairState.WAITING
    source: str = ""
    partner: str = ""
    proposed: str = ""
    unlike: str = ""

    def pairs(self) -> PairQuerySet:
        found = Pair.objects.filter(state=self.state)
        if self.state == PairState.WAITING:
            found = found.one_by_one()
        if self.source:
            found = found.filter(
                Q(first__source__slug=self.source) | Q(second__source__slug=self.source)
            )
        if self.partner:
            found = found.filter(
                Q(first__source__partner__slug=self.partner)
                | Q(second__source__partner__slug=self.partner)
            )
        if self.proposed:
            found = found.filter(proposed=self.proposed)
        return found.unlike_on(self.unlike, UNLIKE) if self.unlike else found


def with_records(pairs: PairQuerySet) -> PairQuerySet:
    """The pairs with all that a list shows of their records, in the same query."""
    return pairs.select_related(
        "first__source__partner", "second__source__partner", "decided_by"
    ).defer(*DEFERRED)


def next_after(pair: Pair, asked: Asked) -> Pair | None:
    """The one that comes after this pair, else the first of those left."""
    left = asked.pairs().exclude(pk=pair.pk).order_by(*KEYS)
    return beyond(left, KEYS, [pair.score, pair.pk], False).first() or left.first()


def touching(pair: Pair) -> list[Pair]:
    """The other pairs to decide that share a record with this one, the likest first."""
    waiting = Pair.objects.filter(state__in=[PairState.WAITING, PairState.LATER])
    about = waiting.about([pair.first_id, pair.second_id]).exclude(pk=pair.pk)
    return list(about.order_by(*KEYS)[: 2 * MOST_TOGETHER])


def cluster(pair: Pair, others: Sequence[Pair]) -> list[int]:
    """The records to show side by side: the pair's two, then those that touch them."""
    found = dict.fromkeys([pair.first_id, pair.second_id])
    for other in others:
        found |= dict.fromkeys([other.first_id, other.second_id])
    return list(found)[:MOST_TOGETHER]


def records_to_read(pair: Pair, shown: Sequence[int]) -> list[SourceRecord]:
    """The records shown and all those of both public records, in one query."""
    public = [i for i in (pair.first.innovation_id, pair.second.innovation_id) if i]
    wanted = Q(pk__in=shown) | Q(innovation__in=public)
    found = SourceRecord.objects.filter(wanted).select_related("source__partner", "innovation")
    return list(found.defer("raw", "problems").order_by("pk"))


def last_decided(user: Any, pk: int | None) -> Pair | None:
    """The pair that this person just settled, to offer to undo it."""
    if pk is None:
        return None
    settled = [PairState.DECIDED, PairState.LATER]
    found = Pair.objects.filter(pk=pk, state__in=settled, decided_by=user)
    return found.select_related("first", "second").defer(*DEFERRED).first()


def verdict_label(pair: Pair) -> str:
    return Verdict(pair.verdict).label if pair.verdict else str(pair.get_state_display())
