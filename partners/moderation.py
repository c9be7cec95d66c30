"""Staff's decisions on public records: form, legality, personal data, duplicates; never merit.

A decision is journaled with its reason, may be taken on many records at once, and is undone as a
whole. What is sent back to a partner comes to the queue again once the partner changes its record.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from carrefour.french import counted
from innovations import bulk, publishing
from innovations.models import BulkAction, Innovation, Status
from partners.models import Decision, Moderation, Motive
from partners.publishing import republish
from partners.suppression import take_turn


@dataclass(frozen=True)
class Rule:
    """From which states a decision may be taken, the state it gives, and how it is told."""

    status: Status
    allowed: frozenset[Status]
    done: str

    def told(self, count: int) -> str:
        """« 2 fiches renvoyées au partenaire »."""
        verb, _, rest = self.done.partition(" ")
        return f"{counted(count, f'fiche {verb}')} {rest}".strip()


OPEN = frozenset({Status.PUBLISHED, Status.IN_REVIEW, Status.TO_COMPLETE, Status.SENT_BACK})
RULES = {
    Decision.PUBLISH: Rule(
        Status.PUBLISHED,
        frozenset({Status.IN_REVIEW, Status.UNPUBLISHED, Status.SENT_BACK}),
        "publiée",
    ),
    Decision.SEND_BACK: Rule(Status.SENT_BACK, OPEN - {Status.SENT_BACK}, "renvoyée au partenaire"),
    Decision.UNPUBLISH: Rule(Status.UNPUBLISHED, OPEN, "dépubliée"),
}


class ChangedMeanwhile(Exception):
    """No record is the one that was read any more; nothing is decided."""


class ReasonNeeded(Exception):
    """Sending back asks for a reason of the list: the partner reads it."""


def concerned(innovations: Sequence[int], decision: Decision) -> QuerySet[Innovation]:
    """Those among them of which this can be decided, as they stand now."""
    return Innovation.objects.filter(pk__in=innovations, status__in=RULES[decision].allowed)


def decide(
    innovations: Sequence[int],
    decision: Decision,
    *,
    author: Any,
    motive: str = "",
    text: str = "",
    seen: Mapping[int, str] | None = None,
) -> BulkAction:
    """Decide the same of these records; those whose state no longer allows it are left alone.

    ``seen``: the ``mark`` of each record that was read, if that matters; those that changed since
    are left alone too. Raises ``ReasonNeeded``, ``ChangedMeanwhile`` when all of them did.
    Publishing shows what the sources and the rules let show: a record withdrawn or incomplete
    meanwhile takes that state instead.
    """
    if decision == Decision.SEND_BACK and motive not in Motive.values:
        raise ReasonNeeded
    reason = ": ".join(part for part in (Motive(motive).label if motive else "", text) if part)
    with bulk.recorded(REVIEW, innovations, decision.label, author=author, reason=reason) as action:
        found = list(concerned(innovations, decision).only("pk", "status", "updated_at"))
        if seen is not None:
            found = [i for i in found if seen.get(i.pk) == mark(i)]
            if not found:
                raise ChangedMeanwhile
        ids = [innovation.pk for innovation in found]
        Moderation.objects.bulk_create(
            Moderation(
                innovation_id=pk,
                decision=decision,
                motive=motive,
                text=text,
                action=action,
                author=author,
            )
            for pk in ids
        )
        publishing.set_status(ids, RULES[decision].status)
        if decision == Decision.PUBLISH:
            republish(ids)
    return action


def mark(innovation: Innovation) -> str:
    """Changes whenever the record does: what is decided is what was read."""
    return f"{innovation.status}|{innovation.updated_at.isoformat()}"


def has_changed_since(innovation: Innovation) -> bool:
    """Whether a partner changed its record since the record was sent back."""
    return resubmitted().filter(pk=innovation.pk).exists()


def resubmitted() -> QuerySet[Innovation]:
    """The records to review that had been sent back: their partner changed them since."""
    last = Moderation.objects.standing().filter(innovation=OuterRef("pk")).order_by("-pk")
    sent_back = last.filter(decision=Decision.SEND_BACK)
    return Innovation.objects.filter(Exists(sent_back), status=Status.IN_REVIEW)


def _read(ids: Sequence[int]) -> dict[int, Any]:
    holding = Moderation.objects.holding(ids).values_list("innovation", "pk")
    decisions = dict(holding)
    found = Innovation.objects.filter(pk__in=ids).values_list("pk", "status")
    return {pk: {"status": status, "decision": decisions.get(pk)} for pk, status in found}


def _restore(states: bulk.States, author: Any) -> set[int]:
    """The states as they were; what is public again shows what its sources let show today."""
    standing = Moderation.objects.standing().filter(innovation__in=list(states))
    later = [
        pk
        for pk, innovation in standing.values_list("pk", "innovation")
        if pk > (states[innovation]["decision"] or 0)
    ]
    Moderation.objects.filter(pk__in=later).update(undone_at=timezone.now(), undone_by=author)
    by_status: dict[str, list[int]] = {}
    for pk, before in states.items():
        by_status.setdefault(before["status"], []).append(pk)
    for status, ids in by_status.items():
        publishing.set_status(ids, Status(status))
    republish(by_status.get(Status.PUBLISHED, ()))
    return set(states)


def titles(ids: Sequence[int]) -> dict[int, tuple[str, int | None]]:
    found = Innovation.objects.filter(pk__in=ids).values_list("pk", "title")
    return {pk: (title, pk) for pk, title in found}


REVIEW = bulk.register(
    bulk.Kind("relecture", "innovations.change_innovation", _read, _restore, titles, take_turn)
)
