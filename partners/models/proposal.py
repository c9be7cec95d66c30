"""Projects proposed by porteurs whose platform is no member, until a partner vouches for them."""

import datetime
import hashlib
import json
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from carrefour.french import counted
from partners.querysets import OfferQuerySet, ProposalQuerySet


class ProposalState(models.TextChoices):
    DRAFT = "brouillon", "Brouillon"
    WAITING = "en-attente", "En attente d’un répondant"
    VOUCHED = "publiee", "Publiée, un partenaire en répond"
    REFUSED = "ecartee", "Écartée"


class Proposal(models.Model):
    """``answers`` is the raw row that the form fills: it becomes a source record once sent.

    ``is_corrected``: the porteur changed a published proposal, and someone must read it again.
    """

    email = models.EmailField("adresse du porteur", blank=True)
    email_confirmed_at = models.DateTimeField("adresse confirmée le", null=True, blank=True)
    answers = models.JSONField("réponses", default=dict, blank=True)
    state = models.CharField(
        "état", max_length=10, choices=ProposalState, default=ProposalState.DRAFT
    )
    wants_sending = models.BooleanField(
        "à envoyer dès l’adresse confirmée", default=False, editable=False
    )
    is_corrected = models.BooleanField("corrections à relire", default=False)
    record = models.OneToOneField(
        "partners.SourceRecord",
        # What goes by the right to object takes its proposal along.
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="proposal",
        verbose_name="fiche source",
    )
    created_at = models.DateTimeField("commencée le", auto_now_add=True)
    updated_at = models.DateTimeField("modifiée le", auto_now=True)
    sent_at = models.DateTimeField("envoyée le", null=True, blank=True)
    decided_at = models.DateTimeField("décidée le", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="décidée par",
    )
    answer = models.TextField("raison donnée", blank=True)
    reminded_at = models.DateTimeField("rappelée à l’équipe le", null=True, blank=True)

    objects: ClassVar[ProposalQuerySet] = ProposalQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "projet proposé"
        verbose_name_plural = "projets proposés"
        ordering = ["sent_at", "pk"]
        indexes = [models.Index(fields=["state", "sent_at"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="brouillon") | Q(sent_at__isnull=False),
                name="partners_proposal_sent",
                violation_error_message="Un projet proposé porte la date de son envoi.",
            )
        ]

    def __str__(self) -> str:
        return str(self.answers.get("titre") or f"Projet proposé n° {self.pk}")

    @property
    def title_sent(self) -> str:
        """The title that the team and the partners judge; the porteur may be writing another."""
        return str(self.record or self)

    @property
    def mark(self) -> str:
        """Changes with each word of the porteur: who reads it and who writes it may be at once."""
        said = json.dumps(self.answers, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(said.encode()).hexdigest()[:16]

    @property
    def waited(self) -> datetime.timedelta:
        """How long it waited for a partner, or has waited until now."""
        return (self.decided_at or timezone.now()) - (self.sent_at or self.created_at)

    @property
    def days(self) -> int:
        return self.waited.days

    @property
    def days_told(self) -> str:
        return in_days(self.days)


class OfferState(models.TextChoices):
    WAITING = "en-attente", "En attente de réponse"
    VOUCHED = "repond", "Répond du projet"
    DECLINED = "decline", "Ne répond pas du projet"
    CLOSED = "sans-objet", "Sans objet"


class Offer(models.Model):
    """A proposal shown to one partner, who vouches for it or declines with a reason."""

    proposal = models.ForeignKey(
        Proposal, on_delete=models.CASCADE, related_name="offers", verbose_name="projet proposé"
    )
    partner = models.ForeignKey(
        "partners.Partner",
        on_delete=models.CASCADE,
        related_name="offers",
        verbose_name="partenaire",
    )
    state = models.CharField("état", max_length=10, choices=OfferState, default=OfferState.WAITING)
    reason = models.TextField("raison", blank=True)
    offered_at = models.DateTimeField("proposé le", auto_now_add=True)
    offered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="proposé par",
    )
    answered_at = models.DateTimeField("répondu le", null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="répondu par",
    )
    reminded_at = models.DateTimeField("rappelé le", null=True, blank=True)

    objects: ClassVar[OfferQuerySet] = OfferQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "projet soumis à un partenaire"
        verbose_name_plural = "projets soumis à des partenaires"
        ordering = ["offered_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["proposal", "partner"],
                name="partners_offer_unique",
                violation_error_message="Ce projet a déjà été soumis à ce partenaire.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.proposal} → {self.partner}"

    @property
    def days(self) -> int:
        return ((self.answered_at or timezone.now()) - self.offered_at).days

    @property
    def days_told(self) -> str:
        return in_days(self.days)


def in_days(days: int) -> str:
    """« moins d’un jour », « 12 jours »."""
    return counted(days, "jour") if days else "moins d’un jour"
