"""The head of « Mes reprises suivies »: where they stand, who holds them up, what to ask whom next.

From what the public reads only: nothing of addresses, nor of what staff asked.
"""

import datetime
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from carrefour.text import key
from essaimage import asking
from essaimage.dashboard import Bar, bars
from essaimage.models import ReplicationState, Side, Verdict
from essaimage.querysets import BEGUN

if TYPE_CHECKING:
    from essaimage.watched import Line

OPEN = frozenset({"signale", "en-discussion"})


@dataclass(frozen=True)
class Question:
    """``what`` follows « Demander »; ``whom``: a structure or an authority, as the public
    reads it."""

    what: str
    whom: str


@dataclass(frozen=True)
class Holding:
    """An authority, however it is spelt, with the obstacles that stand before it: [(obstacle, its
    replication)]."""

    authority: str
    obstacles: list[tuple[Any, Any]]


@dataclass(frozen=True)
class WatchedBoard:
    lines: Sequence["Line"]

    @property
    def is_shown(self) -> bool:
        """One replication says all of itself."""
        return len(self._public) > 1

    @property
    def stuck(self) -> Sequence["Line"]:
        return [line for line in self._public if line.is_stuck]

    @property
    def states(self) -> Sequence[Bar]:
        return bars(Counter(str(line.replication.state) for line in self._public))

    @property
    def authorities(self) -> Sequence[Holding]:
        """Those that hold up most first."""
        found: dict[str, Holding] = {}
        for line in self._public:
            for obstacle in line.open_obstacles:
                name = obstacle.authority
                held = found.setdefault(key(name) or name, Holding(name, []))
                held.obstacles.append((obstacle, line.replication))
        return sorted(found.values(), key=lambda row: (-len(row.obstacles), row.authority))

    @property
    def _public(self) -> Sequence["Line"]:
        return [line for line in self.lines if line.is_public]


def next_question(line: "Line") -> Question | None:
    """What to ask next of a public replication, the most pressing; None when all is told."""
    return next(_questions(line.replication, line.today, is_stuck=line.is_stuck), None)


def _questions(one: Any, today: datetime.date, *, is_stuck: bool) -> Iterator[Question]:
    verdicts = {party.side: party for party in one.parties.all()}
    repreneur = one.repreneur_shown or "le repreneur"
    owner = one.shown_innovation.organisation
    whom = {Side.REPRENEUR: repreneur, Side.PORTEUR: owner.name if owner else "la structure"}
    for side, party in verdicts.items():
        if party.verdict == Verdict.CONTESTED:
            yield Question("pourquoi ce côté conteste la reprise", party.organisation or whom[side])
    yield from _results(one, today, repreneur)
    if is_stuck:
        yield Question("où elle en est", repreneur)
    for obstacle in (each for each in one.obstacles.all() if each.state in OPEN):
        yield Question(f"où en est l’obstacle « {obstacle.title} »", obstacle.authority)
    if one.state != ReplicationState.ABANDONNEE:
        silent = [s for s in (Side.PORTEUR, Side.REPRENEUR) if not _verdict(verdicts.get(s))]
        for side in silent:
            yield Question("son avis sur la reprise", f"{whom[side]} ({side.label.lower()})")


def _verdict(party: Any) -> str:
    return party.verdict if party else ""


def _results(one: Any, today: datetime.date, repreneur: str) -> Iterator[Question]:
    """Of the terms that came lately, the last one when nothing was told since."""
    told = {facts.months for facts in one.facts.all()}
    if one.state == ReplicationState.ABANDONNEE:
        if not told and not one.lessons:
            yield Question("ce que l’arrêt apprend", repreneur)
    elif one.state in BEGUN:
        past = [
            months
            for months, day in asking.terms(one).items()
            if months and today - asking.LATE <= day <= today
        ]
        if past and not any(months is None or months >= past[-1] for months in told):
            yield Question(f"ce qu’elle donne, {past[-1]} mois après son début", repreneur)
