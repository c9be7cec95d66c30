"""What staff wrote on a record: it wins over partners' values and is never overwritten."""

from typing import ClassVar

import pghistory
from django.conf import settings
from django.db import models

from innovations.models.innovation import Innovation
from innovations.querysets import FieldEditQuerySet


@pghistory.track()
class FieldEdit(models.Model):
    innovation = models.ForeignKey(
        Innovation, on_delete=models.CASCADE, related_name="edits", verbose_name="innovation"
    )
    field = models.CharField("champ", max_length=40)
    value = models.JSONField("valeur")
    partner_value = models.JSONField(
        "ce que disaient les partenaires",
        null=True,
        blank=True,
        help_text="{value}, à l’écriture ou à la dernière relecture.",
    )
    difference = models.JSONField(
        "ce qu’ils disent depuis",
        null=True,
        blank=True,
        help_text="{value} : une valeur nouvelle des partenaires, à prendre ou à laisser.",
    )
    differs_since = models.DateTimeField("diffère depuis", null=True, blank=True)
    note = models.CharField("motif", max_length=300, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        # The edit outlives its author's account.
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name="auteur",
    )
    created_at = models.DateTimeField("écrite le", auto_now_add=True)

    objects: ClassVar[FieldEditQuerySet] = FieldEditQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "modification de l’équipe"
        verbose_name_plural = "modifications de l’équipe"
        ordering = ["field"]
        constraints = [
            models.UniqueConstraint(
                fields=["innovation", "field"],
                name="innovations_edit_one_per_field",
                violation_error_message="Ce champ a déjà une modification de l’équipe.",
            )
        ]
        indexes = [
            models.Index(
                fields=["-differs_since"],
                condition=models.Q(differs_since__isnull=False),
                name="innovations_edit_differs",
            )
        ]

    def __str__(self) -> str:
        return f"{self.innovation_id} · {self.field}"
