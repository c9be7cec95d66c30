"""Which rows: the questions asked of the evidence in three facts, and of what is asked by mail."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from essaimage.querysets import PUBLISHED, Shown

if TYPE_CHECKING:
    from essaimage.models import Facts, FollowUp  # noqa: F401

# One reminder, so long after the question; later it would remind of nothing.
REMIND_AFTER = datetime.timedelta(days=21)
REMIND_UNTIL = datetime.timedelta(days=60)


class FactsQuerySet(Shown, models.QuerySet["Facts"]):
    def of_public(self) -> Self:
        """Published, of a public record, and of a published replication when of one."""
        shown: Self = super().of_public()
        return shown.filter(Q(replication=None) | Q(replication__publication=PUBLISHED))

    def at_origin(self) -> Self:
        return self.filter(replication=None)

    def for_reading(self) -> Self:
        """All that a line of them shows, in one query."""
        return self.select_related(
            "innovation__merged_into", "replication__territory", "replication__repreneur"
        )

    def in_time(self) -> Self:
        """From the start on; what has no month last."""
        return self.order_by(models.F("months").asc(nulls_last=True), "reported_at", "pk")


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    def planned(self) -> Self:
        return self.filter(asked_at=None)

    def due(self, today: datetime.date) -> Self:
        return self.planned().filter(due_on__lte=today)

    def unanswered(self) -> Self:
        return self.filter(asked_at__isnull=False, answered_at=None)

    def to_remind(self, now: datetime.datetime | None = None) -> Self:
        now = now or timezone.now()
        return self.unanswered().filter(
            reminded_at=None, asked_at__lte=now - REMIND_AFTER, asked_at__gt=now - REMIND_UNTIL
        )

    def with_party(self) -> Self:
        return self.select_related("party__replication__innovation__merged_into")
