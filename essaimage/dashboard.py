"""The dashboard of the essaimage: where replications stand, what is due, what to ask whom next.

A fixed number of queries, whatever there is.
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Count, F, Min, Q
from django.utils import timezone

from carrefour.keyset import KeysetPage, keyset_page
from essaimage import chasing
from essaimage.models import Experiment, FollowUp, Obstacle, ReplicationState
from essaimage.querysets import ReplicationQuerySet
from essaimage.standing import STUCK_MONTHS, WHY, Ask

PAGE = 20
LISTED = 10
# What falls due within three months is worth preparing for.
AHEAD = datetime.timedelta(days=91)
BEHIND = datetime.timedelta(days=365)
KEYS = ("urgency", "pk")


@dataclass(frozen=True)
class Bar:
    """``share``: the width of the bar, of the longest one."""

    label: str
    count: int
    share: str
    value: str


@dataclass(frozen=True)
class Deadline:
    """``code``: of the replication, or else ``experiment``, its number; ``is_late``: past, without
    what was expected."""

    day: datetime.date
    what: str
    title: str
    code: str
    is_late: bool
    experiment: int | None = None


@dataclass(frozen=True)
class Authority:
    """An authority met by the replications: obstacles that stand, and those lifted."""

    name: str
    open: int
    lifted: int


@dataclass(frozen=True)
class Dashboard:
    """``rows``: the replications that the filters keep; ``ask``: only those to be asked this."""

    rows: ReplicationQuerySet
    ask: str = ""
    token: str = ""

    @cached_property
    def today(self) -> datetime.date:
        return timezone.localdate()

    @cached_property
    def states(self) -> Sequence[Bar]:
        found = self.rows.order_by().values_list("state").annotate(Count("pk"))
        return bars(dict(found))

    @property
    def total(self) -> int:
        return sum(bar.count for bar in self.states)

    @cached_property
    def asks(self) -> Sequence[tuple[Ask, int, str]]:
        """(what is to be asked, of how many, why), the most pressing first."""
        rows = self._asked.exclude(ask="").order_by().values_list("ask").annotate(Count("pk"))
        counts = dict(rows)
        return [(ask, counts[ask], WHY[ask]) for ask in Ask if ask and ask in counts]

    @cached_property
    def page(self) -> KeysetPage:
        rows = self._asked.exclude(ask="")
        rows = rows.filter(ask=self.ask) if self.ask else rows
        whole = chasing.with_sides(
            rows.select_related("innovation__merged_into", "territory", "repreneur")
        )
        return keyset_page(whole, KEYS, self.token, PAGE)

    @cached_property
    def next_asks(self) -> Sequence[chasing.NextAsk]:
        return [chasing.next_ask(row, self.today) for row in self.page.rows]

    @cached_property
    def stuck(self) -> Sequence[Any]:
        """Those without a move for longest, and one more when there are others."""
        rows = self.rows.stuck(self.today).order_by("moved_at", "pk")
        return rows.select_related("innovation__merged_into", "territory", "repreneur")[
            : LISTED + 1
        ]

    @property
    def stuck_rule(self) -> Sequence[tuple[str, int]]:
        return [(ReplicationState(s).label.lower(), months) for s, months in STUCK_MONTHS.items()]

    @cached_property
    def deadlines(self) -> Sequence[Deadline]:
        """Questions due or without an answer, experiments that end: the soonest first."""
        return sorted([*self._questions(), *self._experiments()], key=lambda one: one.day)[:LISTED]

    @cached_property
    def authorities(self) -> Sequence[Authority]:
        """Those whose obstacles stand in most of these replications first, however spelt."""
        met = Obstacle.objects.published().filter(
            Q(replication__in=self.rows.values("pk"))
            | Q(replication=None, innovation__in=self.rows.values("innovation"))
        )
        counted = (
            met.order_by()
            .values(spelt=F("words__authority_key"))
            .annotate(
                name=Min("authority"),
                standing=Count("pk", filter=Q(state__in=["signale", "en-discussion"])),
                gone=Count("pk", filter=Q(state="leve")),
            )
        )
        rows = counted.order_by("-standing", "-gone", "spelt")[:LISTED]
        return [Authority(row["name"], row["standing"], row["gone"]) for row in rows]

    @property
    def _asked(self) -> Any:
        return self.rows.with_next_ask(self.today)

    def _questions(self) -> list[Deadline]:
        waiting = FollowUp.objects.filter(
            answered_at=None,
            party__replication__in=self.rows.values("pk"),
            due_on__lte=self.today + AHEAD,
            due_on__gte=self.today - BEHIND,
        )
        rows = waiting.select_related(
            "party__replication__innovation__merged_into", "party__replication__territory"
        ).order_by("due_on", "pk")
        return [_question(row, self.today) for row in rows[: LISTED * 2]]

    def _experiments(self) -> list[Deadline]:
        rows = Experiment.objects.ending_before(self.today + AHEAD).filter(
            innovation__in=self.rows.values("innovation")
        )
        return [
            Deadline(
                row.ends_on, "Une expérimentation arrive à son terme", row.title, "",
                row.ends_on < self.today, row.pk,
            )
            for row in rows.order_by("ends_on", "pk")[:LISTED]
            if row.ends_on
        ]  # fmt: skip


def _question(row: FollowUp, today: datetime.date) -> Deadline:
    replication = row.party.replication
    if row.asked_at:
        asked = f"{timezone.localdate(row.asked_at):%d/%m/%Y}"
        told = f"Résultats {row.term} : demandés le {asked}, sans réponse"
    else:
        told = f"Résultats {row.term} : à demander"
    title = replication.shown_innovation.title
    where = f" – {replication.target}" if replication.target else ""
    return Deadline(row.due_on, told, f"{title}{where}", replication.code, row.due_on < today)


def bars(counts: Mapping[str, int]) -> Sequence[Bar]:
    """One for each state, in their order, drawn or not."""
    most = max(counts.values(), default=0) or 1
    return [
        Bar(state.label, count, f"{100 * count / most:.0f}%", state.value)
        for state in ReplicationState
        for count in [counts.get(state, 0)]
    ]
