"""Which rows: the questions asked of replications."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from essaimage.models import Replication  # noqa: F401

BEGUN = ("en-cours", "perennisee")


class ReplicationQuerySet(models.QuerySet["Replication"]):
    def begun(self) -> ReplicationQuerySet:
        """Those that count as spread: begun somewhere new."""
        return self.filter(state__in=BEGUN)

    def for_record(self) -> ReplicationQuerySet:
        return self.select_related("territory", "repreneur").prefetch_related("steps", "partners")
