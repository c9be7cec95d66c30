"""« Mes reprises suivies »: what each line says, what is due first."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.utils import timezone

from essaimage import asking, dates
from essaimage.models import Experiment, Following, ReplicationState
from essaimage.querysets import BEGUN
from essaimage.watched_board import OPEN, Question, next_question
from innovations.models import Innovation

GONE = "Une reprise retirée du public"
HEADING = (
    "reprise", "innovation", "cible", "repreneur", "etat", "derniere_etape", "prochaine_echeance",
    "echeance_objet", "obstacles_a_lever", "au_point_mort", "a_demander", "a_qui",
    "prochaine_action", "pour_le", "note",
)  # fmt: skip


@dataclass(frozen=True)
class Due:
    """Something that comes, or that should have come."""

    day: datetime.date
    what: str


@dataclass(frozen=True)
class Line:
    """``deadline``: of the replication, from public data; ``first``: the day of what is due first,
    the account's own action included. One that left the public only keeps the notes."""

    following: Any
    deadline: Due | None
    today: datetime.date

    @property
    def replication(self) -> Any:
        return self.following.replication

    @property
    def is_public(self) -> bool:
        return bool(self.following.is_public)

    @property
    def title(self) -> str:
        return str(self.replication.shown_innovation.title) if self.is_public else GONE

    @property
    def where(self) -> str:
        return self.replication.target or self.replication.repreneur_shown if self.is_public else ""

    @property
    def repreneur(self) -> str:
        """Beside the place, when it does not say who."""
        who = self.replication.repreneur_shown if self.is_public else ""
        return "" if who == self.where else who

    @property
    def last_move(self) -> str:
        """« En cours, mars 2024 »."""
        steps = list(self.replication.steps.all()) if self.is_public else []
        if not steps:
            return ""
        last = steps[-1]
        when = dates.shown(last.date) if last.date else f"dite le {last.created_at:%d/%m/%Y}"
        return f"{last.get_state_display()}, {when}"

    @property
    def open_obstacles(self) -> Sequence[Any]:
        obstacles = self.replication.obstacles.all() if self.is_public else []
        return [one for one in obstacles if one.state in OPEN]

    @property
    def is_stuck(self) -> bool:
        """Without news for longer than its state may last (``standing``)."""
        return self.is_public and bool(self.following.is_stuck)

    @cached_property
    def question(self) -> Question | None:
        return next_question(self) if self.is_public else None

    @property
    def days(self) -> list[datetime.date]:
        known = [self.deadline.day if self.deadline else None, self.following.next_on]
        return [day for day in known if day]

    @property
    def first(self) -> datetime.date:
        return min(self.days, default=datetime.date.max)

    @property
    def action_is_late(self) -> bool:
        return self.following.is_late(self.today)

    @property
    def deadline_is_late(self) -> bool:
        return self.deadline is not None and self.deadline.day < self.today


def lines(user: Any) -> list[Line]:
    """What the account follows, what is due first above; seven queries whatever their number."""
    today = timezone.localdate()
    rows: list[Any] = list(Following.objects.of(user).for_list())
    ends = _experiments([row.replication.shown_innovation for row in rows if row.is_public])
    found = [
        Line(row, _deadline(row, ends, today) if row.is_public else None, today) for row in rows
    ]
    return sorted(found, key=lambda line: (line.first, line.following.pk))


def table(user: Any) -> Iterator[Sequence[Any]]:
    """The same as rows of a file, its own notes included."""
    yield HEADING
    for line in lines(user):
        replication, following = line.replication, line.following
        is_shown = line.is_public
        yield [
            replication.code if is_shown else "",
            line.title,
            replication.target if is_shown else "",
            replication.repreneur_shown if is_shown else "",
            replication.get_state_display() if is_shown else "",
            line.last_move,
            line.deadline.day.isoformat() if line.deadline else "",
            line.deadline.what if line.deadline else "",
            " | ".join(one.title for one in line.open_obstacles),
            "oui" if line.is_stuck else "",
            line.question.what if line.question else "",
            line.question.whom if line.question else "",
            following.next_step,
            following.next_on.isoformat() if following.next_on else "",
            following.note,
        ]


def _deadline(row: Any, ends: dict[int, Sequence[Any]], today: datetime.date) -> Due | None:
    """The soonest of what the public data say: a term of the results, an experiment's end."""
    replication = row.replication
    told = {facts.months for facts in replication.facts.all()}
    due: list[Due] = []
    if replication.state in BEGUN:
        due += [
            Due(day, f"Résultats à {months} mois")
            for months, day in asking.terms(replication).items()
            if months not in told and day >= today
        ]
    if replication.state != ReplicationState.ABANDONNEE:
        due += [
            Due(experiment.ends_on, f"Terme de l’expérimentation « {experiment.title} »")
            for experiment in ends.get(replication.shown_innovation.pk, ())
        ]
    return min(due, key=lambda one: one.day, default=None)


def _experiments(innovations: Sequence[Innovation]) -> dict[int, Sequence[Any]]:
    """{public record: its published experiments that are not closed and have an end}."""
    pks = {innovation.pk for innovation in innovations}
    rows = (
        Experiment.objects.published()
        .filter(Q(innovation__in=pks) | Q(innovation__merged_into__in=pks))
        .filter(outcome="", ends_on__isnull=False)
        .select_related("innovation")
    )
    found: dict[int, list[Any]] = {}
    for row in rows.order_by("ends_on", "pk"):
        of = row.innovation
        if of is not None:
            found.setdefault(of.merged_into_id or of.pk, []).append(row)
    return {pk: tuple(them) for pk, them in found.items()}
