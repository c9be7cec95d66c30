"""Which rows: the questions asked of replications."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    from essaimage.models import Replication  # noqa: F401

BEGUN = ("en-cours", "perennisee")


class OfInnovation:
    """What is attached to a record, those merged into it included."""

    def of(self, innovation: Any) -> Any:
        its = models.Q(innovation=innovation) | models.Q(innovation__merged_into=innovation)
        return self.filter(its)  # type: ignore[attr-defined]


class AttachedQuerySet(OfInnovation, models.QuerySet):
    """Statements and national take-ups."""


class ReplicationQuerySet(OfInnovation, models.QuerySet["Replication"]):
    def begun(self) -> ReplicationQuerySet:
        """Those that count as spread: begun somewhere new."""
        return self.filter(state__in=BEGUN)

    def of_public(self) -> ReplicationQuerySet:
        """Those of a published record, or of one merged into a published record."""
        merged = models.Q(innovation__merged_into__status="publiee")
        return self.filter(models.Q(innovation__status="publiee") | merged)

    def for_record(self) -> ReplicationQuerySet:
        return self.select_related("territory", "repreneur").prefetch_related("steps", "partners")
