"""Who wants to be told of which source, and what they were told last."""

from typing import ClassVar

from django.conf import settings
from django.db import models


class Alert(models.Model):
    """One person's wish for one source. ``told`` is what was last sent: the same trouble
    is not told twice."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="harvest_alerts",
        verbose_name="compte",
    )
    source = models.ForeignKey(
        "partners.Source",
        on_delete=models.CASCADE,
        related_name="alerts",
        verbose_name="source",
    )
    told = models.JSONField(
        "dit par le dernier message",
        default=dict,
        blank=True,
        editable=False,
        help_text="Motif → nombre dit ; vide quand tout allait bien.",
    )
    told_at = models.DateTimeField("envoyé le", null=True, blank=True, editable=False)
    created_at = models.DateTimeField("demandée le", auto_now_add=True)

    class Meta:
        verbose_name = "alerte"
        verbose_name_plural = "alertes"
        ordering: ClassVar = ["source", "user"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "source"],
                name="partners_alert_unique",
                violation_error_message="Cette personne est déjà prévenue de cette source.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} – {self.source}"
