"""Which rows: what one account follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Prefetch

if TYPE_CHECKING:
    from essaimage.models import Following  # noqa: F401


class FollowingQuerySet(models.QuerySet["Following"]):
    def of(self, user: Any) -> Self:
        """Its own only: nobody reads another's."""
        return self.filter(user=user.pk)

    def for_list(self) -> Self:
        """With all that the list shows, public data only: five queries whatever their number."""
        from essaimage.models import Facts, Obstacle, Party, Replication, ReplicationStep

        public = Replication.objects.of_public().filter(pk=OuterRef("replication"))
        parties = Party.objects.order_by("side")
        steps = ReplicationStep.objects.filter(annulled_at=None).order_by("pk")
        return (
            self.annotate(is_public=Exists(public), is_stuck=Exists(public.stuck()))
            .select_related(
                "replication__innovation__merged_into__organisation",
                "replication__innovation__organisation",
                "replication__territory",
                "replication__repreneur",
            )
            .prefetch_related(
                Prefetch("replication__steps", steps),
                Prefetch("replication__parties", parties),
                Prefetch("replication__obstacles", Obstacle.objects.published().order_by("pk")),
                Prefetch("replication__facts", Facts.objects.published().order_by("pk")),
            )
        )
