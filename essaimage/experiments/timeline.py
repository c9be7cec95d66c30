"""An experiment in time as a drawing: a bar from its start to its end, today marked on it."""

import datetime
from dataclasses import dataclass

from django.utils import timezone
from django.utils.dateformat import format as formatted

from essaimage.models import Experiment, ExperimentState

WIDTH, HEIGHT = 480, 62
# The bar and the names of its days.
TOP, THICK, NAMES, MARK = 26, 10, 56, 20
EDGE = 8
NEAR = 90


@dataclass(frozen=True)
class Timeline:
    """In a box of ``width`` × ``height``: the bar from ``left`` to ``right``, filled up to
    ``done``; ``today``: where the mark stands, and how its label is anchored. ``text`` says it."""

    left: float
    right: float
    done: float
    today: float
    anchor: str
    start: str
    end: str
    text: str
    width: int = WIDTH
    height: int = HEIGHT
    top: int = TOP
    thick: int = THICK
    names: int = NAMES
    mark: int = MARK

    @property
    def length(self) -> float:
        return round(self.right - self.left, 1)

    @property
    def filled(self) -> float:
        return round(self.done - self.left, 1)


def timeline(experiment: Experiment) -> Timeline | None:
    """None when its start or its end is not known: nothing is guessed."""
    start, end = experiment.starts_on, experiment.ends_on
    if start is None or end is None:
        return None
    now = timezone.localdate()
    first, last = min(start, now), max(end, now)
    span = max(1, (last - first).days)

    def across(day: datetime.date) -> float:
        return round(EDGE + (day - first).days * (WIDTH - 2 * EDGE) / span, 1)

    stop = min(now, experiment.closed_on or end, end)
    today = across(now)
    return Timeline(
        left=across(start),
        right=across(end),
        done=across(max(start, stop)),
        today=today,
        anchor=_anchor(today),
        start=_day(start),
        end=_day(end),
        text=f"Du {_day(start)} au {_day(end)}. {told(experiment)}",
    )


def told(experiment: Experiment) -> str:
    """Where it stands today, in a sentence."""
    state, left = experiment.state, experiment.days_left
    if state == ExperimentState.CLOSE:
        closed = f" le {_day(experiment.closed_on)}" if experiment.closed_on else ""
        return f"Close{closed} : {experiment.get_outcome_display().lower()}."
    if state == ExperimentState.A_EVALUER and left is not None:
        return f"Terme dépassé de {_days(-left)} : le bilan reste à faire."
    if state == ExperimentState.PREPAREE:
        if start := experiment.starts_on:
            return f"Commence le {_day(start)}."
        end = f" Le terme est le {_day(experiment.ends_on)}." if experiment.ends_on else ""
        return f"Le début n’est pas renseigné.{end}"
    return "Le terme n’est pas renseigné." if left is None else f"Il reste {_days(left)}."


def is_near(experiment: Experiment) -> bool:
    """Whether its end is near, or past without a bilan."""
    left = experiment.days_left
    return left is not None and left <= NEAR


def _anchor(x: float) -> str:
    if x < WIDTH / 6:
        return "start"
    return "end" if x > WIDTH * 5 / 6 else "middle"


def _day(day: datetime.date) -> str:
    return formatted(day, "j F Y")


def _days(count: int) -> str:
    return f"{count} jour" if count < 2 else f"{count} jours"
