"""What a member of the team did, and may be undone: who, when, undone by whom, when."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models


class UndoableQuerySet(models.QuerySet):
    def standing(self) -> Self:
        """Those that nobody undid."""
        return self.filter(undone_at__isnull=True)


class Undoable(models.Model):
    """A gesture; it outlives the accounts of its author and of who undid it. No author: a rule, or
    the platform itself."""

    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="auteur",
    )
    made_at = models.DateTimeField("fait le", auto_now_add=True)
    undone_at = models.DateTimeField("défait le", null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="défait par",
    )

    class Meta:
        abstract = True
        ordering: ClassVar[list[Any]] = ["-made_at", "-pk"]
