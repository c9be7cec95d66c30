"""The journal of gestures on many rows at once: what each row was before, so that all is undone."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from innovations.models.innovation import Innovation
from innovations.querysets import BulkActionQuerySet


class BulkAction(models.Model):
    """One gesture of a member of the team; ``kind`` is a code of ``innovations.bulk``."""

    kind = models.CharField("geste", max_length=40)
    label = models.CharField("en clair", max_length=200)
    reason = models.CharField("motif", max_length=500, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        # The journal outlives its authors' accounts.
        on_delete=models.SET_NULL,
        null=True,
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

    objects: ClassVar[BulkActionQuerySet] = BulkActionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "geste en lot"
        verbose_name_plural = "gestes en lot"
        ordering = ["-made_at", "-pk"]
        indexes = [models.Index(fields=["-made_at", "-id"], name="innovations_bulk_latest")]

    def __str__(self) -> str:
        return self.label


class BulkChange(models.Model):
    """One row of a gesture, before and after it; None when it did not or does not exist."""

    action = models.ForeignKey(
        BulkAction, on_delete=models.CASCADE, related_name="changes", verbose_name="geste"
    )
    row = models.BigIntegerField("numéro de la ligne")
    label = models.CharField("ligne", max_length=300)
    innovation = models.ForeignKey(
        Innovation,
        # What must go, by the right to object, goes from the journal too.
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="innovation",
    )
    before = models.JSONField("avant", null=True)
    after = models.JSONField("après", null=True)
    is_undone = models.BooleanField("défait", default=False)

    class Meta:
        verbose_name = "ligne d’un geste en lot"
        verbose_name_plural = "lignes de gestes en lot"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["action", "row"],
                name="innovations_bulk_row_once",
                violation_error_message="Un geste touche une ligne une seule fois.",
            )
        ]

    def __str__(self) -> str:
        return self.label
