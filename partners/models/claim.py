"""« C’est mon projet »: a person says to carry a project, and is then allowed to complete it."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from innovations.models import Innovation
from partners.querysets import ClaimQuerySet


class ClaimState(models.TextChoices):
    RECEIVED = "recue", "Adresse à confirmer"
    WAITING = "a-examiner", "À examiner"
    ACCEPTED = "acceptee", "Acceptée"
    REFUSED = "refusee", "Refusée"
    ENDED = "terminee", "Retirée"


class Claim(models.Model):
    """Once accepted, and joined by ``user``, it is the right to complete this innovation only.

    ``token_digest`` is the SHA-256 of the invitation's secret, which is nowhere kept.
    """

    innovation = models.ForeignKey(
        Innovation, on_delete=models.CASCADE, related_name="claims", verbose_name="fiche"
    )
    name = models.CharField("nom de la personne", max_length=120)
    organisation = models.CharField("organisation", max_length=250)
    role = models.CharField("fonction", max_length=120)
    email = models.EmailField("adresse électronique", blank=True)
    proof = models.TextField("ce qui le montre", blank=True)
    state = models.CharField("état", max_length=12, choices=ClaimState, default=ClaimState.RECEIVED)
    created_at = models.DateTimeField("reçue le", auto_now_add=True)
    confirmed_at = models.DateTimeField("confirmée le", null=True, blank=True)
    decided_at = models.DateTimeField("décidée le", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="décidée par",
    )
    answer = models.TextField("réponse de l’équipe", blank=True)
    token_digest = models.CharField(max_length=64, blank=True, editable=False)
    invited_until = models.DateTimeField("invitation valable jusqu’au", null=True, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        # Without its account the right is nobody's.
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="claims",
        verbose_name="compte du porteur",
    )

    objects: ClassVar[ClaimQuerySet] = ClaimQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "demande de porteur"
        verbose_name_plural = "demandes de porteurs"
        ordering = ["created_at", "pk"]
        indexes = [models.Index(fields=["state", "created_at"])]

    def __str__(self) -> str:
        return f"Demande de porteur n° {self.pk}"

    @property
    def is_invited(self) -> bool:
        """Accepted, and the invitation still serves."""
        return (
            self.state == ClaimState.ACCEPTED
            and self.user_id is None
            and self.invited_until is not None
            and self.invited_until > timezone.now()
        )
