"""What a journal tells: whether it began, when, when it stopped. ``steps``: the valid steps of one
replication, the first one first; ``state``: that of today."""

from collections.abc import Iterable, Reversible
from typing import Protocol, TypeVar

from essaimage.models.words import ReplicationState
from essaimage.querysets import BEGUN


class Step(Protocol):
    """``date``: « AAAA[-MM[-JJ]] », or "" when it is not known."""

    @property
    def state(self) -> str: ...

    @property
    def date(self) -> str: ...


Kept = TypeVar("Kept", bound=Step)


def has_begun(state: str, steps: Iterable[Step]) -> bool:
    """Whether it ran one day, stopped since or not: it then counts as spread."""
    return state in BEGUN or any(step.state in BEGUN for step in steps)


def began_on(steps: Iterable[Step]) -> str:
    """« AAAA[-MM[-JJ]] », "" when it is not known or has not begun."""
    return next((step.date for step in steps if step.state in BEGUN), "")


def stop(state: str, steps: Reversible[Kept]) -> Kept | None:
    """The step by which it stopped, when it is stopped today."""
    gave_up = ReplicationState.ABANDONNEE
    if state != gave_up:
        return None
    return next((step for step in reversed(steps) if step.state == gave_up), None)
