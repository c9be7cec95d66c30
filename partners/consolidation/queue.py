"""The pairs that wait for someone: which ones, in which order, and those that touch one another."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Count, Q

from carrefour.pagination import beyond
from partners.models import Pair, PairState, SourceRecord, Verdict
from partners.querysets import PairQuerySet

KEYS = ("-score", "pk")
# A state to look for: linked by a rule once, and no longer alike.
ESTRANGED = "plus-semblables"
# Records shown side by side, the pair's own two included.
MOST_TOGETHER = 5
# Source records of a public record read to show what it would become; all of them compose it.
MOST_READ = 40
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
        is_estranged = self.state == ESTRANGED
        found = Pair.objects.estranged() if is_estranged else Pair.objects.filter(state=self.state)
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
    """The records shown and the first of both public records, in one query."""
    public = {pair.first.innovation_id, pair.second.innovation_id} - {None}
    return read(Q(pk__in=shown), *(first_of(pk) for pk in public if pk))


def first_of(innovation: int, **among: Any) -> Q:
    """The records of a public record that weigh most in it: a site says its place only."""
    found = SourceRecord.objects.filter(innovation=innovation, **among)
    ranked = found.order_by("is_site", "-source__priority", "-changed_at", "pk")
    return Q(pk__in=ranked.values("pk")[:MOST_READ])


def read(*wanted: Q) -> list[SourceRecord]:
    """These records with what a comparison shows of them, in one query."""
    asked = reduce(or_, wanted)
    found = SourceRecord.objects.filter(asked).select_related("source__partner", "innovation")
    return list(found.defer("raw", "problems").order_by("pk"))


def counts_of(*innovations: int) -> dict[int, int]:
    """Public record → how many source records tell it."""
    rows = SourceRecord.objects.filter(innovation__in=innovations).order_by()
    return dict(rows.values_list("innovation").annotate(number=Count("pk")))


def last_decided(user: Any, pk: int | None) -> Pair | None:
    """The pair that this person just settled, to offer to undo it."""
    if pk is None:
        return None
    settled = [PairState.DECIDED, PairState.LATER]
    found = Pair.objects.filter(pk=pk, state__in=settled, decided_by=user)
    return found.select_related("first", "second").defer(*DEFERRED).first()


def verdict_label(pair: Pair) -> str:
    return Verdict(pair.verdict).label if pair.verdict else str(pair.get_state_display())
