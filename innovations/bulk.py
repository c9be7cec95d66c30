"""Gestures on many rows at once, journaled so that they can be undone.

A gesture is done inside ``recorded``, which reads each row before and after. A ``Kind`` says how
its rows are read and put back; any app registers its own. Undoing puts back the rows that still
are as the gesture left them; those that changed since are left alone, and told.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pghistory
from django.db import transaction
from django.utils import timezone

from innovations.models import BulkAction, BulkChange

# A row's number → what it is, as JSON.
States = Mapping[int, Any]


@dataclass(frozen=True)
class Kind:
    """What rows a gesture touches.

    ``read``: numbers of rows → what they are now, of those that exist. ``restore``: puts rows back
    as they were (None: not there), and returns the numbers of those it could. ``names``: numbers →
    (what a person calls the row, the innovation it belongs to or None). ``permission``: who may
    see and undo it. ``take_turn`` waits, before anything is read, until nobody else writes them.
    ``is_last``: whether no later gesture speaks of the same rows, where their state does not tell.
    """

    code: str
    permission: str
    read: Callable[[Sequence[int]], States]
    restore: Callable[[States, Any], set[int]]
    names: Callable[[Sequence[int]], Mapping[int, tuple[str, int | None]]]
    take_turn: Callable[[], None]
    is_last: Callable[[BulkAction], bool] = lambda action: True


@dataclass(frozen=True)
class Undone:
    """How many rows are as before, and the names of those left alone."""

    restored: int
    left: list[str]


class AlreadyUndone(Exception):
    """Someone undid the gesture before."""


KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    KINDS[kind.code] = kind
    return kind


@contextmanager
def recorded(
    kind: Kind,
    rows: Sequence[int],
    label: str,
    *,
    author: Any,
    reason: str = "",
    subject: str = "",
) -> Iterator[BulkAction]:
    """Journal what is done inside to these rows, in one transaction; nothing is if it raises.

    The action yielded is written at the end, with the rows that changed; ``pk`` is known inside.
    """
    with (
        transaction.atomic(),
        pghistory.context(user=author.pk if author else None, motif=reason or label),
    ):
        kind.take_turn()
        ids = sorted(set(rows))
        before, names = kind.read(ids), kind.names(ids)
        action = BulkAction.objects.create(
            kind=kind.code,
            label=label[:200],
            reason=reason[:500],
            subject=subject,
            author=author,
        )
        yield action
        after = kind.read(ids)
        BulkChange.objects.bulk_create(
            BulkChange(
                action=action,
                row=pk,
                label=names[pk][0][:300] if pk in names else f"n° {pk}",
                innovation_id=names[pk][1] if pk in names else None,
                before=before.get(pk),
                after=after.get(pk),
            )
            for pk in ids
            if before.get(pk) != after.get(pk)
        )


@transaction.atomic
def undo(action: BulkAction, *, author: Any) -> Undone:
    """Put back every row that is still as the gesture left it. Raises ``AlreadyUndone``."""
    kind = KINDS[action.kind]
    kind.take_turn()
    action = BulkAction.objects.select_for_update().get(pk=action.pk)
    if action.undone_at:
        raise AlreadyUndone
    changes = {c.row: c for c in action.changes.filter(is_undone=False)}
    same = {pk: changes[pk].before for pk in _as_left(action, changes)}
    with pghistory.context(user=author.pk if author else None, motif=f"Défait : {action.label}"):
        restored = kind.restore(same, author) if same else set()
    action.changes.filter(row__in=restored).update(is_undone=True)
    action.undone_at, action.undone_by = timezone.now(), author
    action.save(update_fields=["undone_at", "undone_by"])
    return Undone(len(restored), [c.label for pk, c in changes.items() if pk not in restored])


def undoable(action: BulkAction) -> int:
    """How many rows undoing would put back: those that did not change since."""
    if action.undone_at:
        return 0
    return len(_as_left(action, {c.row: c for c in action.changes.all()}))


def _as_left(action: BulkAction, changes: Mapping[int, BulkChange]) -> list[int]:
    kind = KINDS[action.kind]
    if not kind.is_last(action):
        return []
    now = kind.read(list(changes))
    return [pk for pk, change in changes.items() if now.get(pk) == change.after]
