"""What staff wrote on a record: it wins over partners' values and is never overwritten."""

import pghistory
from django.conf import settings
from django.db import models

from innovations.models.innovation import Innovation


@pghistory.track()
class FieldEdit(models.Model):
    innovation = models.ForeignKey(
        Innovation, on_delete=models.CASCADE, related_name="edits", verbose_name="innovation"
    )
    field = models.CharField("champ", max_length=40)
    value = models.JSONField("valeur")
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

    def __str__(self) -> str:
        return f"{self.innovation_id} · {self.field}"
