"""Staff's decisions on what is told here, of any kind (``moderated``): for its form, never for its
merit.

A decision is journaled with its reason, and undone. Of two who decide at once, one wins.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.formats import date_format

from essaimage import announcing, emptying, moderated
from essaimage.models import Publication
from essaimage.models.machines import NEXT_PUBLICATION
from essaimage.moderated import Moderated
from innovations import bulk
from innovations.models import BulkAction

# Number of the lock under which publications are decided.
LOCK = 0x0E55A1


@dataclass(frozen=True)
class Choice:
    """What is decided: the publication wanted, and for what is set aside its reason of form, with
    ``LONGEST`` characters at most to say more."""

    publication: Publication
    motive: str = ""
    text: str = ""

    def reason(self, kind: Moderated) -> str:
        said = dict(kind.motives).get(self.motive, "")
        return " : ".join(part for part in (said, self.text.strip()) if part)


# What the journal of gestures keeps whole, after the reason of the list.
LONGEST = 400
DECIDED = (Publication.PUBLISHED, Publication.SET_ASIDE, Publication.WAITING)


class CannotDecide(Exception):
    """A decision that is not taken; ``message`` says why, ``field`` where in the form."""

    def __init__(self, message: str, field: str = "") -> None:
        self.message, self.field = message, field
        super().__init__(message)


class ChangedMeanwhile(CannotDecide):
    """It is no longer what was read."""


class Gone(CannotDecide):
    """It is no longer there."""


class CannotUndo(CannotDecide):
    """A decision that is no longer the last word."""


def decide(row: Any, choice: Choice, *, author: Any, seen: str) -> BulkAction:
    """Publish, set aside or put back in the queue what was read; ``seen``: its mark.

    Whom it concerns hears of it a while later (``announcing``).

    Raises ``CannotDecide``: ``ChangedMeanwhile`` when it changed since, or was decided by another;
    ``Gone`` when it was erased since.
    """
    kind = moderated.of(row)
    _check(kind, choice)
    label = f"{kind.title} : {kind.said(choice.publication)}"
    reason = choice.reason(kind)
    with bulk.recorded(REVIEWS[kind.code], [row.pk], label, author=author, reason=reason) as action:
        held = kind.held(row.pk)
        if held is None:
            raise Gone("Ce que vous lisiez a été effacé entre-temps : il n’y a rien à décider.")
        now, wanted = (kind.shown(one).lower() for one in (held.publication, choice.publication))
        if kind.mark(held) != seen:
            raise ChangedMeanwhile(
                f"Quelqu’un a écrit ou décidé entre-temps (maintenant : « {now} »). Votre décision "
                "n’est pas appliquée ; relisez, puis décidez de nouveau."
            )
        if choice.publication not in able(held):
            raise CannotDecide(f"Ce qui est « {now} » ne peut pas devenir « {wanted} ».")
        _write(kind, held, choice.publication, reason)
        announcing.later(held, action)
    return action


@transaction.atomic
def undo(action: BulkAction, *, author: Any) -> Any:
    """Take a decision back; gives the row as it is again.

    Raises ``bulk.AlreadyUndone``, and ``CannotUndo`` when someone decided since: nothing changes.
    """
    take_turn()
    action = BulkAction.objects.get(pk=action.pk)
    if action.undone_at:
        raise bulk.AlreadyUndone
    kind = moderated.BY_CODE[action.kind]
    row = kind.row_of(action)
    if row is None:
        raise CannotUndo("Cette décision ne s’annule plus : ce qu’elle concernait n’est plus là.")
    if emptying.is_emptied(row):
        raise CannotUndo("Cette décision ne s’annule plus : le texte écarté a été effacé.")
    last = kind.last_decision(row)
    if last is not None and last.pk != action.pk:
        when = date_format(timezone.localtime(last.made_at), "j F Y à H:i")
        raise CannotUndo(
            f"Cette décision ne s’annule plus : le {when}, "
            f"{last.author or 'un compte supprimé'} en a pris une autre (« {last.label} »). Rien "
            "n’a changé."
        )
    if bulk.undo(action, author=author).left:
        raise CannotUndo(
            "Cette décision ne s’annule plus : la publication a changé depuis. Rien n’a changé."
        )
    row.refresh_from_db()
    return row


def able(row: Any) -> set[str]:
    """What may be decided of it as it stands: nothing of what nobody confirmed yet, or of what has
    no text left."""
    if row.publication == Publication.UNCONFIRMED or emptying.is_emptied(row):
        return set()
    return set(NEXT_PUBLICATION[row.publication])


def take_turn() -> None:
    """Wait until nobody else decides; until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _check(kind: Moderated, choice: Choice) -> None:
    if choice.publication not in DECIDED:
        raise CannotDecide("Choisissez une décision.")
    is_aside = choice.publication == Publication.SET_ASIDE
    if is_aside and choice.motive not in dict(kind.motives):
        raise CannotDecide("Choisissez le motif : il est de forme, jamais de mérite.", "motive")
    if len(choice.text.strip()) > LONGEST:
        raise CannotDecide(f"La précision tient en {LONGEST} caractères.", "text")


def _write(kind: Moderated, held: Any, publication: str, reason: str) -> None:
    held.publication, held.publication_reason = publication, reason
    held.save(update_fields=["publication", "publication_reason"])
    kind.changed(held)


def _read(kind: Moderated, ids: Sequence[int]) -> dict[int, Any]:
    rows = kind.rows.filter(pk__in=ids)
    return {
        pk: {"publication": publication, "reason": reason}
        for pk, publication, reason in rows.values_list("pk", "publication", "publication_reason")
    }


def _restore(kind: Moderated, states: bulk.States, author: Any) -> set[int]:
    restored = set()
    for held in kind.rows.select_for_update().filter(pk__in=list(states)).order_by("pk"):
        before = states[held.pk]
        if before["publication"] in able(held):
            _write(kind, held, before["publication"], before["reason"])
            # The one taken back is the last that stands (``_is_last``): the one before it stands
            # again, and what it was to tell may not have left.
            for again in kind.decisions(held)[1:2]:
                announcing.later(held, again)
            restored.add(held.pk)
    return restored


def _is_last(kind: Moderated, action: BulkAction) -> bool:
    row = kind.row_of(action)
    return row is not None and kind.last_decision(row) == action


REVIEWS = {
    kind.code: bulk.register(
        bulk.Kind(
            kind.code, kind.permission, partial(_read, kind), partial(_restore, kind),
            kind.names, take_turn, partial(_is_last, kind),
        )
    )
    for kind in moderated.ALL
}  # fmt: skip
