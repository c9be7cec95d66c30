"""What a side writes of a replication: kept apart, read by staff for form, then shown.

The page goes on saying what was read last: a text never leaves it because another one waits.
"""

import json
from collections.abc import Mapping
from typing import Any

import pghistory
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from carrefour.text import key
from essaimage import holding
from essaimage.models import (
    Party,
    PublicActor,
    Replication,
    ReplicationStep,
    Telling,
    TellingState,
)

FIELDS = ("adaptation", "kept", "changed", "changed_by", "workshop", "results", "lessons")
ACTORS = "public_actors"
# The reason of a contest: shown beside what the side says, not in the replication.
NOTE = "note"
# Why the side changed the state: [{"step": its number, "state", "text"}].
REASONS = "reasons"
MOST_ACTORS = 20


class CannotTell(Exception):
    """A text that is not kept, or not decided; ``message`` is in French."""

    def __init__(self, message: str, field: str = "") -> None:
        self.message, self.field = message, field
        super().__init__(message)


@transaction.atomic
def write(party: Party, values: Mapping[str, Any]) -> Telling | None:
    """Add to what a side has waiting; None when it then says nothing new.

    ``values``: some of ``FIELDS``, ``NOTE``, ``ACTORS`` (those to add or to change) and
    ``REASONS`` (those to add).
    """
    # Of one side that writes twice at once, the second waits here.
    holding.sides(pk=party.pk)
    mine = Telling.objects.waiting().filter(replication=party.replication_id, side=party.side)
    waiting = mine.select_for_update().first() or Telling(
        replication_id=party.replication_id, side=party.side, values={}
    )
    said = current(Replication.objects.get(pk=party.replication_id))
    merged = dict(waiting.values)
    for name, value in values.items():
        if name == ACTORS:
            merged[ACTORS] = _with_actors(waiting.actors, value)
        elif name == REASONS:
            merged[REASONS] = [*waiting.reasons, *value]
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


def current(replication: Replication) -> dict[str, Any]:
    """What the public reads of what a side may write, the public actors left out."""
    return {name: getattr(replication, name) for name in FIELDS}


def proposed(replication: Replication, party: Party) -> dict[str, Any]:
    """The same, with what the side has waiting over it."""
    waiting = Telling.objects.waiting().filter(replication=replication, side=party.side).first()
    return current(replication) | (waiting.values if waiting else {})


def mark(telling: Telling) -> str:
    """What someone read before deciding: the text that waits, and the one that it would replace."""
    said = current(telling.replication)
    seen = [
        telling.values,
        {name: said.get(name, "") for name in telling.values},
        [[a.name, a.roles, a.actions, a.detail] for a in telling.replication.public_actors.all()],
    ]
    return salted_hmac(__name__, json.dumps(seen, sort_keys=True)).hexdigest()


@transaction.atomic
def accept(telling: Telling, by: Any, *, seen: str) -> Telling:
    """Show it. Raises ``CannotTell`` when it is decided already, or no longer what was read."""
    held = _held(telling, seen)
    replication = held.replication
    with pghistory.context(motif="Texte d’un côté retenu", auteur=held.get_side_display()):
        changed = [name for name in FIELDS if name in held.values]
        for name in changed:
            setattr(replication, name, held.values[name])
        if changed:
            replication.save(update_fields=changed)
        for actor in held.actors:
            _write_actor(replication, actor)
        for reason in held.reasons:
            steps = ReplicationStep.objects.filter(replication=replication, reason="")
            steps.filter(pk=reason["step"]).update(reason=reason["text"])
        if NOTE in held.values:
            theirs = Party.objects.filter(replication=replication, side=held.side)
            theirs.filter(note=held.values[NOTE]).update(note_read_at=timezone.now())
        return _decided(held, by, TellingState.ACCEPTED)


@transaction.atomic
def set_aside(telling: Telling, by: Any, *, answer: str, seen: str) -> Telling:
    """Do not show it, and say why to the side that wrote it. Raises ``CannotTell``."""
    if not answer.strip():
        raise CannotTell("Dites pourquoi : le côté qui l’a écrit le lira.", "answer")
    held = _held(telling, seen)
    held.answer = answer.strip()
    return _decided(held, by, TellingState.SET_ASIDE)


def _held(telling: Telling, seen: str) -> Telling:
    holding.sides(replication=telling.replication_id, side=telling.side)
    rows = Telling.objects.waiting().select_for_update(of=["self", "replication"])
    held = rows.select_related("replication").filter(pk=telling.pk).first()
    if held is None:
        raise CannotTell("Ce texte est déjà traité.")
    if mark(held) != seen:
        raise CannotTell("Le texte ou la page a changé entre-temps : relisez avant de décider.")
    return held


def _decided(held: Telling, by: Any, state: TellingState) -> Telling:
    held.state, held.decided_at, held.decided_by = state, timezone.now(), by
    held.save(update_fields=["state", "decided_at", "decided_by", "answer"])
    return held


def _with_actors(before: list[dict[str, Any]], added: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = {key(actor["name"]) for actor in added}
    found = [*(actor for actor in before if key(actor["name"]) not in names), *added]
    if len(found) > MOST_ACTORS:
        raise CannotTell("Attendez que les acteurs déjà inscrits soient relus.", "name")
    return found


def _write_actor(replication: Replication, actor: Mapping[str, Any]) -> None:
    known = {key(one.name): one for one in replication.public_actors.all()}
    row = known.get(key(actor["name"])) or PublicActor(replication=replication)
    row.name, row.roles, row.actions = actor["name"], actor["roles"], actor["actions"]
    row.detail = actor["detail"]
    row.save()
