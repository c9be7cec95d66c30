"""Staff's decisions on what the sides write (``tellings``), for its form: journaled, undone.

The journal of gestures names a text by its number: it is kept longer than what is set aside.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pghistory
from django.db import connection, transaction
from django.utils import timezone

from carrefour.text import key
from essaimage import holding
from essaimage.models import (
    Party,
    PublicActor,
    Publication,
    Replication,
    ReplicationStep,
    Telling,
    TellingState,
)
from essaimage.tellings import ACTORS, FIELDS, NOTE, CannotTell, mark
from innovations import bulk
from innovations.models import BulkAction

CODE = "relecture-texte"
PERMISSION = "essaimage.change_telling"
# Number of the lock under which texts are decided.
LOCK = 0x0E55A2
# Of a public actor, what a side tells besides its name.
SAID = ("name", "roles", "actions", "detail")
DONE = {TellingState.ACCEPTED: "Texte retenu", TellingState.SET_ASIDE: "Texte écarté"}


def accept(telling: Telling, by: Any, *, seen: str) -> BulkAction:
    """Show it. Raises ``CannotTell`` when it is decided already, or no longer what was read."""
    return _decide(telling, by, TellingState.ACCEPTED, seen, _show)


def set_aside(telling: Telling, by: Any, *, answer: str, seen: str) -> BulkAction:
    """Do not show it, and say why to the side that wrote it, by e-mail when it can be reached once
    the decision may no longer be a slip. Raises ``CannotTell``."""
    from essaimage import answering

    if not answer.strip():
        raise CannotTell("Dites pourquoi : le côté qui l’a écrit le lira.", "answer")

    def kept(held: Telling) -> None:
        held.answer = answer.strip()

    done = _decide(telling, by, TellingState.SET_ASIDE, seen, kept)
    answering.later(done)
    return done


@transaction.atomic
def undo(action: BulkAction, *, author: Any) -> None:
    """Take a decision back: the text waits again, and the page says what it said before.

    Raises ``bulk.AlreadyUndone``, and ``CannotTell`` when what it left changed since, or when its
    side has since written another one that waits: nothing changes.
    """
    if bulk.undo(action, author=author).left:
        raise CannotTell(
            "Cette décision ne s’annule plus : la page a changé depuis, ou le même côté a écrit un "
            "autre texte qui attend. Rien n’a changé."
        )


def telling_of(action: BulkAction) -> Telling | None:
    """What was decided of; None when it is gone."""
    change = action.changes.first()
    return Telling.objects.for_staff().filter(pk=change.row).first() if change else None


def _decide(
    telling: Telling, by: Any, state: TellingState, seen: str, do: Callable[[Telling], None]
) -> BulkAction:
    with bulk.recorded(TEXTS, [telling.pk], DONE[state], author=by) as action:
        held = _held(telling.pk)
        if held is None or held.state != TellingState.WAITING:
            raise CannotTell("Ce texte est déjà traité.")
        if held.replication.publication not in (Publication.WAITING, Publication.PUBLISHED):
            raise CannotTell("Cette reprise est écartée : ses textes ne sont plus à relire.")
        if mark(held) != seen:
            raise CannotTell("Le texte ou la page a changé entre-temps : relisez avant de décider.")
        with pghistory.context(auteur=held.get_side_display()):
            do(held)
            held.state, held.decided_at, held.decided_by = state, timezone.now(), by
            held.save()
    return action


def _held(pk: int) -> Telling | None:
    """Locked before its side and its replication, in the order of ``holding``."""
    found = Telling.objects.select_for_update().filter(pk=pk).order_by("pk").first()
    if found is None:
        return None
    holding.sides(replication=found.replication_id, side=found.side)
    holding.replication(found.replication_id)
    rows = Telling.objects.for_staff().select_for_update(of=["self"])
    return rows.filter(pk=pk).first()


# --- shown, and put back --------------------------------------------------------------------------


def _show(held: Telling) -> None:
    """Write what it says where the public reads it; ``replaced`` then holds what stood there."""
    if held.step:
        waits = ReplicationStep.objects.filter(pk=held.step.pk, reason="", annulled_at=None)
        if not waits.update(reason=held.reason):
            raise CannotTell("Cette étape a déjà son motif, ou est annulée.")
        return
    replication, values = held.replication, held.values
    fields = [name for name in FIELDS if name in values]
    held.replaced = {name: getattr(replication, name) for name in fields}
    _write(replication, {name: values[name] for name in fields})
    if ACTORS in values:
        known = _actors(replication)
        held.replaced[ACTORS] = [
            _said(known[key(actor["name"])]) for actor in held.actors if key(actor["name"]) in known
        ]
        for actor in held.actors:
            _write_actor(replication, actor)
    if NOTE in values:
        _its_side(held).update(note_read_at=timezone.now())


def _is_shown(held: Telling) -> bool:
    """Whether all that it says still is what the public reads."""
    if held.step:
        return held.step.reason == held.reason and held.step.annulled_at is None
    values, known = held.values, _actors(held.replication)
    fields = all(
        getattr(held.replication, name) == values[name] for name in FIELDS if name in values
    )
    actors = all(
        (row := known.get(key(actor["name"]))) is not None and _said(row) == _told(actor)
        for actor in held.actors
    )
    note = NOTE not in values or _its_side(held).exclude(note_read_at=None).exists()
    return fields and actors and note


def _hide(held: Telling) -> None:
    """What ``_show`` did, the other way round."""
    if held.step:
        ReplicationStep.objects.filter(pk=held.step.pk).update(reason="")
        return
    before = held.replaced
    _write(held.replication, {name: before[name] for name in FIELDS if name in before})
    stood = {key(actor["name"]): actor for actor in before.get(ACTORS, [])}
    known = _actors(held.replication)
    for actor in held.actors:
        name = key(actor["name"])
        if name in stood:
            _write_actor(held.replication, stood[name])
        else:
            known[name].delete()
    if NOTE in held.values:
        _its_side(held).update(note_read_at=None)


def _write(replication: Replication, said: Mapping[str, Any]) -> None:
    for name, value in said.items():
        setattr(replication, name, value)
    if said:
        replication.save(update_fields=list(said))


def _its_side(held: Telling) -> Any:
    theirs = Party.objects.filter(replication=held.replication_id, side=held.side)
    return theirs.filter(note=held.values[NOTE])


def _actors(replication: Replication) -> dict[str, PublicActor]:
    rows = PublicActor.objects.filter(replication=replication)
    return {key(one.name): one for one in rows}


def _said(actor: PublicActor) -> dict[str, Any]:
    return {name: getattr(actor, name) for name in SAID}


def _told(actor: Mapping[str, Any]) -> dict[str, Any]:
    return {name: actor[name] for name in SAID}


def _write_actor(replication: Replication, actor: Mapping[str, Any]) -> None:
    row = _actors(replication).get(key(actor["name"])) or PublicActor(replication=replication)
    for name in SAID:
        setattr(row, name, actor[name])
    row.save()


# --- in the journal of gestures -------------------------------------------------------------------


def _read(ids: Sequence[int]) -> dict[int, Any]:
    return {
        pk: {"state": state}
        for pk, state in Telling.objects.filter(pk__in=ids).values_list("pk", "state")
    }


def _restore(states: bulk.States, author: Any) -> set[int]:
    restored = set()
    for pk in sorted(states):
        held = _held(pk)
        if held is None or not _may_wait(held):
            continue
        if held.state == TellingState.ACCEPTED:
            _hide(held)
        held.state, held.answer, held.replaced = TellingState.WAITING, "", {}
        held.decided_at = held.decided_by = None
        held.save()
        restored.add(pk)
    return restored


def _may_wait(held: Telling) -> bool:
    """Whether it may be read again: nothing took its place, nor what it replaced."""
    others = Telling.objects.waiting().filter(replication=held.replication_id, side=held.side)
    if others.filter(step=held.step).exists():
        return False
    return held.state != TellingState.ACCEPTED or _is_shown(held)


def _names(ids: Sequence[int]) -> dict[int, tuple[str, int | None]]:
    found = Telling.objects.filter(pk__in=ids).select_related("replication__innovation")
    of = {one.pk: one.replication.innovation for one in found}
    return {pk: (f"{one.title} – texte n° {pk}", one.pk) for pk, one in of.items()}


def _take_turn() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


TEXTS = bulk.register(bulk.Kind(CODE, PERMISSION, _read, _restore, _names, _take_turn))
