"""Which rows: the questions asked of replications, obstacles and experiments."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from essaimage.standing import Standing

if TYPE_CHECKING:
    from essaimage.models import (  # noqa: F401
        Experiment,
        Facts,
        Interpretation,
        Obstacle,
        Replication,
        ReplicationStep,
        Telling,
    )

BEGUN = ("en-cours", "perennisee")
PUBLISHED = "publiee"
UNDECIDED = ("a-relire",)


class OfInnovation:
    """What is attached to a record, those merged into it included."""

    def of(self, innovation: Any) -> Any:
        its = Q(innovation=innovation) | Q(innovation__merged_into=innovation)
        return self.filter(its)  # type: ignore[attr-defined]


class Shown(OfInnovation):
    """What is moderated for form before the public reads it, and speaks of a public record."""

    def published(self) -> Any:
        return self.filter(publication=PUBLISHED)  # type: ignore[attr-defined]

    def of_public(self) -> Any:
        """Published, of a published record or of one merged into a published record."""
        merged = Q(innovation__merged_into__status=PUBLISHED)
        shown = Q(innovation__status=PUBLISHED) | merged
        return self.published().filter(shown)

    def to_review(self) -> Any:
        return self.filter(publication__in=UNDECIDED)  # type: ignore[attr-defined]


class AttachedQuerySet(OfInnovation, models.QuerySet):
    """Statements and national take-ups."""

    def of_public(self) -> Self:
        """Of a published record or of one merged into a published record, which is with it."""
        merged = Q(innovation__merged_into__status=PUBLISHED)
        shown = self.filter(Q(innovation__status=PUBLISHED) | merged)
        return shown.select_related("innovation__merged_into")


class StepQuerySet(models.QuerySet["ReplicationStep"]):
    def of_public(self) -> Self:
        """The valid steps of what the public reads."""
        from essaimage.models import Replication

        shown = Replication.objects.of_public().values("pk")
        return self.filter(replication__in=shown, annulled_at=None)

    def newest(self) -> Self:
        """The moves just made, the last first: not those told after the event."""
        return self.filter(is_retold=False).order_by("-created_at", "-pk")


class ReplicationQuerySet(Standing, Shown, models.QuerySet["Replication"]):
    def confirmed(self) -> Self:
        """All but those that nobody confirmed yet: no one's word, and soon forgotten."""
        return self.exclude(publication="a-confirmer")

    def begun(self) -> Self:
        """Those that run today somewhere new."""
        return self.filter(state__in=BEGUN)

    def spread(self) -> Self:
        """Those that count as spread: begun somewhere new one day, stopped since or not."""
        steps = self._steps(state__in=BEGUN)
        return self.filter(Q(state__in=BEGUN) | Q(Exists(steps)))

    def contested(self) -> Self:
        """Those that one side at least contests."""
        return self.filter(Exists(self._sides(verdict="contestee")))

    def blocked(self) -> Self:
        """Those that an obstacle still stands before."""
        return self.filter(Exists(self._obstacles()))

    def for_staff(self) -> Self:
        """All that a row of the staff's list shows, in one query. ``is_confirmed`` is the word of
        a side that did not declare it: who declares confirms nothing but an address."""
        return self.select_related("innovation__merged_into", "territory", "repreneur").annotate(
            is_contested=Exists(self._sides(verdict="contestee")),
            is_confirmed=Exists(self._sides(verdict="confirmee", is_declarer=False)),
            is_blocked=Exists(self._obstacles()),
        )

    def for_record(self) -> Self:
        from essaimage.models import ReplicationStep

        valid = models.Prefetch(
            "steps", ReplicationStep.objects.filter(annulled_at=None).order_by("pk")
        )
        return self.select_related("territory", "repreneur").prefetch_related(valid, "partners")

    def for_counts(self) -> Self:
        """No more than the state and the valid steps of each: whether it began, whether it runs."""
        from essaimage.models import ReplicationStep

        valid = ReplicationStep.objects.filter(annulled_at=None)
        steps = models.Prefetch(
            "steps", valid.only("state", "annulled_at", "replication").order_by("pk")
        )
        return self.only("state", "innovation").prefetch_related(steps)

    def for_page(self) -> Self:
        """With all that the page of one replication shows."""
        return self.select_related(
            "innovation__merged_into",
            "innovation__organisation",
            "territory",
            "repreneur",
            "parent__territory",
            "parent__repreneur",
        ).prefetch_related(
            models.Prefetch("steps", self._all_steps()),
            "partners",
            "parties",
            "public_actors",
            models.Prefetch(
                "children",
                self.model.objects.order_by("pk").select_related("territory", "repreneur"),
            ),
        )

    @staticmethod
    def _all_steps() -> Any:
        from essaimage.models import ReplicationStep, Telling

        waits = Telling.objects.waiting().filter(step=OuterRef("pk"))
        return ReplicationStep.objects.order_by("pk").annotate(reason_waits=Exists(waits))

    @staticmethod
    def _sides(**chosen: Any) -> Any:
        from essaimage.models import Party

        return Party.objects.filter(replication=OuterRef("pk"), **chosen)

    @staticmethod
    def _obstacles() -> Any:
        from essaimage.models import Obstacle

        return Obstacle.objects.open().filter(replication=OuterRef("pk"))

    @staticmethod
    def _steps(**chosen: Any) -> Any:
        from essaimage.models import ReplicationStep

        return ReplicationStep.objects.filter(
            replication=OuterRef("pk"), annulled_at=None, **chosen
        )


class ObstacleQuerySet(Shown, models.QuerySet["Obstacle"]):
    def lifted(self) -> Self:
        return self.filter(state="leve")

    def open(self) -> Self:
        return self.filter(state__in=["signale", "en-discussion"])

    def lifted_first(self) -> Self:
        """What was lifted, then what is discussed: what serves first to who meets the same."""
        rank = models.Case(
            models.When(state="leve", then=0),
            models.When(state="en-discussion", then=1),
            models.When(state="signale", then=2),
            default=3,
        )
        return self.order_by(rank, "-created_at", "-pk")

    def for_list(self) -> Self:
        """With all that a line of a list says."""
        return self.select_related("innovation__merged_into", "territory", "replication__territory")

    def with_reading(self) -> Self:
        """With ``allowed`` and ``refused``: how many published interpretations allow, refuse."""
        return self.annotate(allowed=self._told(allows=True), refused=self._told(allows=False))

    @staticmethod
    def _told(**chosen: Any) -> Any:
        from essaimage.models import Interpretation

        rows = Interpretation.objects.published().filter(obstacle=OuterRef("pk"), **chosen)
        counts = rows.order_by().values("obstacle").annotate(number=models.Count("pk"))
        return Coalesce(models.Subquery(counts.values("number")), 0)

    def alike(self, pks: list[int]) -> Self:
        """Before the same authority as one of these, or under the same text of law."""
        from essaimage.models import ObstacleWords

        own = ObstacleWords.objects.filter(pk__in=pks)
        same = Q(words__authority_key__in=own.values("authority_key"))
        same |= Q(words__legal_key__in=own.exclude(legal_key="").values("legal_key"))
        return self.filter(same)

    def not_of(self, innovation: Any) -> Self:
        """Of other innovations, and of none that was merged into this one."""
        ours = Q(innovation=innovation) | Q(innovation__merged_into=innovation)
        return self.exclude(pk__in=type(self)(self.model).filter(ours).values("pk"))


class InterpretationQuerySet(models.QuerySet["Interpretation"]):
    def published(self) -> Self:
        return self.filter(publication=PUBLISHED)

    def to_review(self) -> Self:
        return self.filter(publication__in=UNDECIDED)


class ExperimentQuerySet(models.QuerySet["Experiment"]):
    def published(self) -> Self:
        return self.filter(publication=PUBLISHED)

    def of_public(self) -> Self:
        """Published; those of an innovation, when it is public."""
        free = Q(innovation=None) | Q(innovation__status=PUBLISHED)
        return self.published().filter(free | Q(innovation__merged_into__status=PUBLISHED))

    def for_list(self) -> Self:
        return self.select_related("innovation__merged_into").prefetch_related("territories")

    def of(self, innovation: Any) -> Self:
        return self.filter(Q(innovation=innovation) | Q(innovation__merged_into=innovation))

    def within(self, territory: Any) -> Self:
        """Those led in this territory or inside it, each once."""
        inside = self.model.territories.through.objects.filter(
            territory__ancestor_ids__contains=[territory.pk]
        )
        return self.filter(pk__in=inside.values("experiment"))

    def in_state(self, state: str) -> Self:
        """Those whose state, computed from dates and outcome, is this one today."""
        today = timezone.localdate()
        begun = Q(outcome="", starts_on__lte=today)
        past = Q(ends_on__lt=today)
        states = {
            "close": ~Q(outcome=""),
            "preparee": Q(outcome="") & (Q(starts_on=None) | Q(starts_on__gt=today)),
            "a-evaluer": begun & past,
            "en-cours": begun & (Q(ends_on=None) | Q(ends_on__gte=today)),
        }
        return self.filter(states[state])

    def ending_before(self, day: datetime.date) -> Self:
        """Those, neither closed nor set aside, whose end comes before ``day``, past or not."""
        return self.exclude(publication="ecartee").filter(outcome="", ends_on__lt=day)

    def near(self) -> Self:
        """Those whose end is in ninety days at most, or past, without an outcome."""
        return self.ending_before(timezone.localdate() + datetime.timedelta(days=91))


class TellingQuerySet(models.QuerySet["Telling"]):
    def waiting(self) -> Self:
        return self.filter(state="a-relire")

    def to_read(self) -> Self:
        """Those that wait, but for those of a replication that is set aside: it shows nothing."""
        shown = self.waiting().filter(replication__publication__in=[*UNDECIDED, PUBLISHED])
        return shown.filter(step__annulled_at=None)

    def accounts(self) -> Self:
        """Those that say what a replication became, not why its state changed."""
        return self.filter(step=None)

    def for_staff(self) -> Self:
        return self.select_related(
            "replication__innovation__merged_into", "replication__territory", "step"
        ).prefetch_related("replication__public_actors")

    def refused_last(self, replication: Any, side: str, step: Any = None) -> Any:
        """The last text of a side, of its account or of a step, when it was set aside; it then
        says why."""
        last = self.filter(replication=replication, side=side, step=step)
        found = last.order_by("-created_at", "-pk").first()
        return found if found and found.state == "ecarte" else None
