"""The states of a replication and of an obstacle: moved one step at a time, each step journaled.

The database refuses any other move (triggers of the models); two who act at once never both win:
each locks the row, and says the state that they saw.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pghistory
import pgtrigger
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from essaimage import dates
from essaimage.models import (
    Obstacle,
    ObstacleState,
    ObstacleStep,
    Replication,
    ReplicationState,
    ReplicationStep,
    Telling,
    TellingState,
)
from essaimage.models.obstacle import NEXT_OBSTACLE
from essaimage.models.replication import NEXT, STATES
from essaimage.tagging import follow

S = ReplicationState
# The way that each replication goes, when it is not stopped.
WAY = (S.ENVISAGEE, S.EN_PREPARATION, S.EN_COURS, S.PERENNISEE)

# How journals that the public reads name whoever of the team writes there.
TEAM = "Équipe du Carrefour"


class CannotMove(Exception):
    """A move that is not made; ``message`` says why to whoever asked, ``field`` where."""

    def __init__(self, message: str, field: str = "") -> None:
        self.message, self.field = message, field
        super().__init__(message)


@dataclass(frozen=True)
class Author:
    """Who acts: ``name`` is what the journal shows (a role or a structure), ``user`` the
    account."""

    name: str
    user: Any = None


@dataclass(frozen=True)
class Passed:
    """A past state, and when it was reached as far as is known (« AAAA[-MM[-JJ]] » or "")."""

    state: str
    date: str = ""


@dataclass(frozen=True)
class Move:
    """``to``: the state wanted; ``seen``: the one on which the author decided; ``reason``: what
    shows it, or why it stops; ``resolution``: how an obstacle was lifted."""

    to: str
    seen: str
    reason: str
    date: str = ""
    resolution: str = ""


@transaction.atomic
def open_journal(
    replication: Replication, by: Author, *, reason: str = "", passed: Sequence[Passed] = ()
) -> None:
    """Write the first steps of a replication just created: those that led to its state.

    ``passed``: what is known of the states on the way to its own and of its own, in any order; a
    state that is not told of is written without a date, never skipped. Raises ``CannotMove`` for
    what cannot be: a state beyond its own, the future, dates out of order.
    """
    known = {one.state: one.date for one in passed}
    way = _way_to(replication.state, known)
    if beyond := [state for state in known if state not in way]:
        raise CannotMove(
            f"« {S(beyond[0]).label} » ne vient pas avant "
            f"« {S(replication.state).label.lower()} ».",
            "date",
        )
    _check_dates([Passed(state, known.get(state, "")) for state in way])
    for state in way:
        _write(
            replication,
            Passed(state, known.get(state, "")),
            by,
            reason if state == way[-1] else "",
            is_retold=state != way[-1],
        )
    follow([replication.innovation_id])


def move(replication: Replication, asked: Move, by: Author, *, is_read: bool = True) -> Replication:
    """Take a replication to its next state. Raises ``CannotMove``.

    The reason of someone who is not staff is not shown before it is read: it stays out of the step
    (``is_read`` false; see ``updating``).
    """
    if not asked.reason.strip():
        raise CannotMove("Dites ce qui le montre, ou pourquoi.", "reason")
    with transaction.atomic(), _told(by, "Changement d’état"):
        held = _held(replication)
        if held.state != asked.seen:
            raise CannotMove(
                "Cette reprise a changé d’état entre-temps : elle est maintenant "
                f"« {held.get_state_display().lower()} ». Relisez-la avant de décider."
            )
        if asked.to not in NEXT[held.state]:
            raise CannotMove(_refusal(held.state, asked.to), "to")
        _check_dates([*_passed(held), Passed(asked.to, asked.date)])
        held.state = asked.to
        held.save(update_fields=["state"])
        _write(held, Passed(asked.to, asked.date), by, asked.reason.strip() if is_read else "")
        follow([held.innovation_id])
        return held


def annul(step: ReplicationStep, by: Author, *, reason: str) -> Replication:
    """Take back the last step of a replication, written by mistake. Raises ``CannotMove``.

    The step stays in the journal, with who annulled it and why; the state before it comes back.
    """
    if not reason.strip():
        raise CannotMove("Dites pourquoi cette étape est annulée.", "reason")
    with transaction.atomic(), _told(by, "Étape annulée"):
        held = _held(step.replication)
        last, before = _last_two(held)
        if last is None or last.pk != step.pk:
            raise CannotMove("Seule la dernière étape s’annule ; celle-ci n’est plus la dernière.")
        if before is None:
            raise CannotMove("La première étape ne s’annule pas : la reprise n’aurait plus d’état.")
        last.annulled_at, last.annulled_by = timezone.now(), by.name[:200]
        last.annulled_reason = reason.strip()
        last.save(update_fields=["annulled_at", "annulled_by", "annulled_reason"])
        _leave_unread(last, by)
        held.state = before.state
        with pgtrigger.ignore(f"essaimage.Replication:{STATES}"):
            held.save(update_fields=["state"])
        follow([held.innovation_id])
        return held


def _leave_unread(annulled: ReplicationStep, by: Author) -> None:
    """Its reason, when a side's waits to be read, is not to be shown any more."""
    Telling.objects.waiting().filter(step=annulled).update(
        state=TellingState.SET_ASIDE,
        answer=f"L’étape est annulée : {annulled.annulled_reason}",
        decided_at=annulled.annulled_at,
        decided_by=by.user,
    )


def move_obstacle(obstacle: Obstacle, asked: Move, by: Author) -> Obstacle:
    """Take an obstacle to another state; a lifted one says how. Raises ``CannotMove``."""
    with transaction.atomic(), _told(by, "Changement d’état"):
        held = Obstacle.objects.select_for_update().get(pk=obstacle.pk)
        if held.state != asked.seen:
            raise CannotMove(
                "Cet obstacle a changé d’état entre-temps : il est maintenant "
                f"« {held.get_state_display().lower()} ». Relisez-le avant de décider."
            )
        if asked.to not in NEXT_OBSTACLE[held.state]:
            raise CannotMove("Cet obstacle ne passe pas directement à cet état.", "to")
        held.resolution = asked.resolution.strip() or held.resolution
        if asked.to == ObstacleState.LEVE and not held.resolution:
            raise CannotMove(
                "Dites comment il a été levé : d’autres en auront besoin.", "resolution"
            )
        if asked.to != ObstacleState.LEVE and not asked.reason.strip():
            raise CannotMove("Dites ce qui le montre, ou pourquoi.", "reason")
        _validate(asked.date)
        held.state = asked.to
        held.save(update_fields=["state", "resolution"])
        ObstacleStep.objects.create(
            obstacle=held,
            state=asked.to,
            date=asked.date,
            reason=asked.reason,
            author=by.name[:200],
            user=by.user,
        )
        return held


def _way_to(state: str, known: dict[str, str]) -> list[str]:
    if state != S.ABANDONNEE:
        return [str(one) for one in WAY[: WAY.index(S(state)) + 1]]
    # It stopped after the last state that it is said to have reached.
    reached = [one for one in WAY if one in known]
    return [*_way_to(reached[-1] if reached else S.ENVISAGEE, known), str(S.ABANDONNEE)]


def _held(replication: Replication) -> Replication:
    return Replication.objects.select_for_update().get(pk=replication.pk)


def _valid_steps(replication: Replication) -> Any:
    return ReplicationStep.objects.filter(replication=replication, annulled_at=None)


def _passed(replication: Replication) -> list[Passed]:
    steps = _valid_steps(replication).order_by("pk").values_list("state", "date")
    return [Passed(state, date) for state, date in steps]


def _last_two(replication: Replication) -> tuple[ReplicationStep | None, ReplicationStep | None]:
    found = list(_valid_steps(replication).order_by("-pk")[:2])
    return (found[0] if found else None), (found[1] if len(found) > 1 else None)


def _write(
    replication: Replication, passed: Passed, by: Author, reason: str, *, is_retold: bool = False
) -> None:
    ReplicationStep.objects.create(
        replication=replication,
        state=passed.state,
        date=passed.date,
        reason=reason,
        author=by.name[:200],
        user=by.user,
        is_retold=is_retold,
    )


def _check_dates(steps: Sequence[Passed]) -> None:
    """Raises ``CannotMove`` for what is no date, the future, and an order that cannot be."""
    latest = ""
    for step in steps:
        if not step.date:
            continue
        _validate(step.date)
        if latest and dates.is_before(step.date, latest):
            raise CannotMove(
                f"L’étape « {S(step.state).label.lower()} » serait datée d’avant celle qui la "
                f"précède ({dates.shown(latest)}).",
                "date",
            )
        latest = dates.later(latest, step.date)


def _validate(date: str) -> None:
    if not date:
        return
    try:
        dates.validate(date)
    except ValidationError as error:
        raise CannotMove(" ".join(error.messages), "date") from error
    if dates.is_before(timezone.localdate().isoformat(), date):
        raise CannotMove(f"{dates.shown(date).capitalize()} n’est pas encore venu.", "date")


def _refusal(state: str, to: str) -> str:
    allowed = " ou ".join(f"« {S(one).label.lower()} »" for one in NEXT[state])
    wanted = S(to).label.lower() if to in S.values else to
    return (
        f"Une reprise « {S(state).label.lower()} » ne passe pas directement à « {wanted} » : la "
        f"suite est {allowed}."
    )


def _told(by: Author, motif: str) -> Any:
    context: dict[str, Any] = {"motif": motif, "auteur": by.name}
    if by.user is not None:
        context["user"] = by.user.pk
    return pghistory.context(**context)
