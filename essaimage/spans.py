"""When a replication ran: what its journal tells, dates that are not known told apart."""

from collections.abc import Iterable
from dataclasses import dataclass

from essaimage import dates
from essaimage.models.words import ReplicationState

BEGUN = (ReplicationState.EN_COURS, ReplicationState.PERENNISEE)


@dataclass(frozen=True)
class Span:
    """From the year it began to the one it stopped, None where not known; ``is_over``: stopped."""

    began: int | None
    stopped: int | None = None
    is_over: bool = False

    @property
    def is_dated(self) -> bool:
        return self.began is not None and (self.stopped is not None or not self.is_over)


def spans(steps: Iterable[tuple[str, str]], state: str) -> tuple[Span, ...]:
    """The periods of activity that the valid steps (state, date), in order, tell.

    ``state`` is that of today: a replication that runs without a step that says so runs since a
    date that is not known.
    """
    found: list[Span] = []
    running: Span | None = None
    for reached, date in steps:
        if reached in BEGUN and running is None:
            running = Span(dates.year(date))
        elif reached == ReplicationState.ABANDONNEE and running is not None:
            found.append(Span(running.began, dates.year(date), is_over=True))
            running = None
    if running is None and state in BEGUN:
        running = Span(None)
    return (*found, running) if running else tuple(found)
