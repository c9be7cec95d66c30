"""What a side writes of a replication: kept apart, read by staff for form, then shown.

The page goes on saying what was read last: a text never leaves it because another one waits. An
account and the reason of each change of state are decided apart.
"""

import json
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.crypto import salted_hmac

from carrefour.text import key
from essaimage import holding
from essaimage.models import Party, Replication, ReplicationStep, Telling

FIELDS = ("adaptation", "kept", "changed", "changed_by", "workshop", "results", "lessons")
ACTORS = "public_actors"
# The reason of a contest: shown beside what the side says, not in the replication.
NOTE = "note"
# Why the side changed the state: of a telling that has a step, alone in it.
REASON = "reason"
MOST_ACTORS = 20


class CannotTell(Exception):
    """A text that is not kept, or not decided; ``message`` is in French."""

    def __init__(self, message: str, field: str = "") -> None:
        self.message, self.field = message, field
        super().__init__(message)


@transaction.atomic
def write(party: Party, values: Mapping[str, Any]) -> Telling | None:
    """Add to the account that a side has waiting; None when it then says nothing new.

    ``values``: some of ``FIELDS``, ``NOTE``, ``ACTORS`` (those to add or to change).
    """
    # Of one side that writes twice at once, the second waits here.
    holding.writer(party.pk)
    mine = _account(party.replication_id, party.side)
    waiting = mine.select_for_update().first() or Telling(
        replication_id=party.replication_id, side=party.side, values={}
    )
    said = current(Replication.objects.get(pk=party.replication_id))
    merged = dict(waiting.values)
    for name, value in values.items():
        if name == ACTORS:
            merged[ACTORS] = _with_actors(waiting.actors, value)
        elif value == said.get(name, ""):
            merged.pop(name, None)
        else:
            merged[name] = value
    if not merged:
        if waiting.pk:
            waiting.delete()
        return None
    if merged != waiting.values:
        waiting.values = merged
        waiting.save()
    return waiting


@transaction.atomic
def explain(party: Party, step: ReplicationStep, text: str) -> Telling:
    """Keep why a side changed the state until staff read it; what waits of it is replaced.

    Raises ``CannotTell`` when the step is not the one that it has to explain (``unexplained``).
    """
    if not text.strip():
        raise CannotTell("Dites ce qui le montre, ou pourquoi.", REASON)
    holding.writer(party.pk)
    holding.replication(party.replication_id)
    if unexplained(party) != step:
        raise CannotTell(
            "Cette étape a déjà son motif, ou n’est plus la dernière que vous avez inscrite : "
            "relisez la page."
        )
    mine = Telling.objects.waiting().filter(step=step, side=party.side)
    waiting = mine.select_for_update().first() or Telling(
        replication_id=party.replication_id, side=party.side, step=step
    )
    if waiting.reason != text.strip():
        waiting.values = {REASON: text.strip()}
        waiting.save()
    return waiting


def unexplained(party: Party) -> ReplicationStep | None:
    """The last step that the side wrote, as long as no reason of it is shown."""
    steps = ReplicationStep.objects.filter(
        replication=party.replication_id, annulled_at=None, is_retold=False
    )
    told = Telling.objects.filter(step=OuterRef("pk"), side=party.side)
    last = steps.filter(Q(author=party.name[:200]) | Q(Exists(told))).order_by("-pk").first()
    return last if last and not last.reason else None


def current(replication: Replication) -> dict[str, Any]:
    """What the public reads of what a side may write, the public actors left out."""
    return {name: getattr(replication, name) for name in FIELDS}


def proposed(replication: Replication, party: Party) -> dict[str, Any]:
    """The same, with what the side has waiting over it."""
    waiting = _account(replication.pk, party.side).first()
    return current(replication) | (waiting.values if waiting else {})


def mark(telling: Telling) -> str:
    """What someone read before deciding: the text that waits, and the one that it would replace."""
    seen: list[Any] = [telling.values]
    if telling.step:
        seen += [telling.step.reason, str(telling.step.annulled_at)]
    else:
        said = current(telling.replication)
        actors = telling.replication.public_actors.all()
        seen += [
            {name: said.get(name, "") for name in telling.values},
            [[a.name, a.roles, a.actions, a.detail] for a in actors],
        ]
    return salted_hmac(__name__, json.dumps(seen, sort_keys=True)).hexdigest()


def _account(replication: int, side: str) -> Any:
    return Telling.objects.waiting().accounts().filter(replication=replication, side=side)


def _with_actors(before: list[dict[str, Any]], added: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = {key(actor["name"]) for actor in added}
    found = [*(actor for actor in before if key(actor["name"]) not in names), *added]
    if len(found) > MOST_ACTORS:
        raise CannotTell("Attendez que les acteurs déjà inscrits soient relus.", "name")
    return found
