"""Who follows which replications, with what they mean to do next."""

import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models

from essaimage.models.replication import Replication
from essaimage.watching_querysets import FollowingQuerySet


class Following(models.Model):
    """A member of staff or an accompagnateur who follows a replication.

    The note is its author's only: no page, export or screen of the admin shows it to another.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="followings"
    )
    replication = models.ForeignKey(
        Replication, on_delete=models.CASCADE, related_name="followings"
    )
    note = models.TextField("note", blank=True)
    next_step = models.CharField("prochaine action", max_length=200, blank=True)
    next_on = models.DateField("pour le", null=True, blank=True)
    since = models.DateTimeField("suivie depuis", auto_now_add=True)

    objects: ClassVar[FollowingQuerySet] = FollowingQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "suivi d’une reprise"
        verbose_name_plural = "suivis de reprises"
        ordering = ["next_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "replication"], name="essaimage_following_once")
        ]

    def __str__(self) -> str:
        return f"{self.replication} · {self.user}"

    def is_late(self, today: datetime.date) -> bool:
        return self.next_on is not None and self.next_on < today
