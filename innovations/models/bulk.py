"""The journal of gestures on many rows at once: what each row was before, so that all is undone."""

from typing import ClassVar

from django.db import models

from carrefour.undoable import Undoable
from innovations.models.innovation import Innovation
from innovations.querysets import BulkActionQuerySet


class BulkAction(Undoable):
    """One gesture on many rows; ``kind`` is a code of ``innovations.bulk``, ``subject`` what the
    whole is about, when it is one thing (the address of a source)."""

    kind = models.CharField("geste", max_length=40)
    label = models.CharField("en clair", max_length=200)
    reason = models.CharField("motif", max_length=500, blank=True)
    subject = models.CharField("objet", max_length=120, blank=True, default="")

    objects: ClassVar[BulkActionQuerySet] = BulkActionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta(Undoable.Meta):
        verbose_name = "geste en lot"
        verbose_name_plural = "gestes en lot"
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
