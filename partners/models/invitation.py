"""An invitation to act for a partner, sent by e-mail and used once."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone


class Invitation(models.Model):
    """``token_digest`` is the SHA-256 of the link's secret, which is nowhere kept."""

    partner = models.ForeignKey(
        "partners.Partner",
        on_delete=models.CASCADE,
        related_name="invitations",
        verbose_name="partenaire",
    )
    email = models.EmailField("adresse électronique")
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField("envoyée le", auto_now_add=True)
    expires_at = models.DateTimeField("valable jusqu’au")
    accepted_at = models.DateTimeField("acceptée le", null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="envoyée par",
    )

    class Meta:
        verbose_name = "invitation"
        verbose_name_plural = "invitations"
        ordering: ClassVar = ["partner", "-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                "partner",
                Lower("email"),
                condition=models.Q(accepted_at__isnull=True),
                name="partners_invitation_one_open",
                violation_error_message="Une invitation attend déjà cette personne.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} – {self.partner}"

    @property
    def is_over(self) -> bool:
        """Out of date: its link no longer serves."""
        return self.expires_at <= timezone.now()
