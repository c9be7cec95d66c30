"""An import: compared line by line, applied in one transaction, taken back as one act.

While its lines are written nobody else writes public records: that time is bounded.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pghistory
from django.db import transaction
from django.utils import timezone

from partners.exchange import KINDS
from partners.exchange.base import Kind, Refused, Row
from partners.models import Import, ImportState
from partners.suppression import take_turn

# Harvests and decisions wait as long as an import is tried, or written.
SECONDS = 25.0
# A long text is not shown whole: what is kept of a rehearsal has a bound.
LONGEST = 300
TOO_LONG = (
    "Cet import prendrait trop de temps d’un coup : rien n’est écrit. Partagez le fichier en "
    "plusieurs."
)


class TooLong(Exception):
    """The lines take more time than others may be kept waiting; nothing was written."""

    def __init__(self) -> None:
        self.message = TOO_LONG
        super().__init__(TOO_LONG)


class Outcome(StrEnum):
    CREATED = "à créer"
    CHANGED = "à modifier"
    SAME = "inchangée"
    REFUSED = "refusée"


@dataclass(frozen=True)
class Line:
    """What a line would do: ``changes`` are (column, before, after)."""

    number: int
    name: str
    outcome: Outcome
    changes: tuple[tuple[str, str, str], ...] = ()
    reason: str = ""

    def kept(self) -> list[Any]:
        """As an import keeps it; see ``lines_of``."""
        changes = [[n, a[:LONGEST], b[:LONGEST]] for n, a, b in self.changes]
        return [self.number, self.name[:LONGEST], self.outcome, changes, self.reason]


def lines_of(made: Import) -> list[Line]:
    """What the last rehearsal found."""
    return [
        Line(number, name, Outcome(outcome), tuple((n, a, b) for n, a, b in changes), reason)
        for number, name, outcome, changes, reason in made.told
    ]


class _DryRun(Exception):
    """Takes back what a rehearsal wrote."""


def rehearse(made: Import) -> None:
    """Try the import and keep what each line would do, for its pages. Raises ``TooLong``."""
    made.told, made.told_at = [line.kept() for line in plan(made)], timezone.now()
    made.save(update_fields=["told", "told_at"])


def plan(made: Import) -> list[Line]:
    """What each line would do, found by doing it and taking all of it back: rules are the real
    ones. Raises ``TooLong``."""
    lines: list[Line] = []
    try:
        with transaction.atomic():
            take_turn()
            lines = [line for line, _ in _carried_out(made, made.author)]
            raise _DryRun
    except _DryRun:
        return lines


@transaction.atomic
def apply(made: Import, *, author: Any) -> list[Line]:
    """Write what can be; lines refused are told and left. A second call does nothing.

    Raises ``TooLong``.
    """
    take_turn()
    made = Import.objects.select_for_update().get(pk=made.pk)
    if made.state != ImportState.WAITING or made.cleared_at:
        return []
    with pghistory.context(user=author.pk, motif=f"Import n° {made.pk} : {made.name}"):
        results = list(_carried_out(made, author))
        _follow(made, [done for _, done in results if done])
    made.done = [done for _, done in results if done]
    made.state, made.applied_at = ImportState.DONE, timezone.now()
    made.save(update_fields=["done", "state", "applied_at"])
    return [line for line, _ in results]


@transaction.atomic
def undo(made: Import, *, author: Any) -> list[str]:
    """Put back what the import changed; returns what could not be, in French: what someone changed
    since stays as they left it."""
    take_turn()
    made = Import.objects.select_for_update().get(pk=made.pk)
    if made.state != ImportState.DONE or made.cleared_at:
        return []
    kind = KINDS[made.kind]
    left = []
    with pghistory.context(user=author.pk, motif=f"Annulation de l’import n° {made.pk}"):
        for done in reversed(made.done):
            try:
                with transaction.atomic():
                    _put_back(kind, done, author)
            except Refused as error:
                left.append(f"{kind.named(done['after'])} : {error}")
        _follow(made, made.done)
    made.state, made.undone_at, made.undone_by = ImportState.UNDONE, timezone.now(), author
    made.save(update_fields=["state", "undone_at", "undone_by"])
    return left


def _follow(made: Import, done: list[dict[str, Any]]) -> None:
    kind = KINDS[made.kind]
    kind.follow([found for one in done if (found := kind.get(one["pk"]))])


def _carried_out(made: Import, author: Any) -> Iterator[tuple[Line, dict[str, Any] | None]]:
    kind, met = KINDS[made.kind], set()
    until = time.monotonic() + SECONDS
    for number, row in enumerate(made.rows, start=2):
        if time.monotonic() > until:
            raise TooLong
        key = tuple(row.get(n, "") for n in kind.keys)
        try:
            if key in met:
                raise Refused("Une ligne précédente parle du même objet.")
            met.add(key)
            with transaction.atomic():
                yield _one(kind, number, row, author)
        except Refused as error:
            yield Line(number, kind.named(row), Outcome.REFUSED, reason=str(error)), None


def _one(kind: Kind, number: int, row: Row, author: Any) -> tuple[Line, dict[str, Any] | None]:
    name = kind.named(row)
    found = kind.find(row)
    before = kind.current(found) if found else {}
    wanted = {n: v for n, v in row.items() if n not in kind.fixed}
    asked = [n for n, v in wanted.items() if n not in kind.keys[:1] and v != before.get(n, "")]
    if found and not asked:
        return Line(number, name, Outcome.SAME), None
    written = kind.write(found, wanted, author)
    after = kind.current(kind.get(written.pk))
    changes = tuple((n, before.get(n, ""), v) for n, v in after.items() if v != before.get(n, ""))
    outcome = (Outcome.CHANGED if changes else Outcome.SAME) if found else Outcome.CREATED
    kept = {"pk": written.pk, "before": before or None, "after": after}
    return Line(number, name, outcome, changes), kept if changes else None


def _put_back(kind: Kind, done: dict[str, Any], author: Any) -> None:
    found = kind.get(done["pk"])
    if found is None:
        raise Refused("n’existe plus.")
    if done["before"] is None:
        kind.take_back(found, author)
        return
    now = kind.current(found)
    written = {n: v for n, v in done["after"].items() if n not in kind.fixed}
    if any(now[n] != v for n, v in written.items()):
        raise Refused("modifié depuis, laissé tel quel.")
    kind.write(found, {n: v for n, v in done["before"].items() if n not in kind.fixed}, author)
