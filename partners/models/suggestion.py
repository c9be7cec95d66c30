"""Corrections proposed from outside the team, by a visitor or by the project's own porteur."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from innovations.models import Innovation
from partners.querysets import SuggestionQuerySet


class SuggestionState(models.TextChoices):
    RECEIVED = "recue", "Adresse à confirmer"
    WAITING = "a-examiner", "À examiner"
    SENT = "transmise", "Transmise au partenaire"
    ACCEPTED = "acceptee", "Acceptée"
    REFUSED = "refusee", "Non retenue"


class Suggestion(models.Model):
    """One value proposed for one field.

    ``shown``: what the record said then. The address is erased with the answer, the rest some time
    after (see ``partners.suggestions``); what is accepted lives on as a ``FieldEdit``, with the
    name that the person asked to show.
    """

    innovation = models.ForeignKey(
        Innovation, on_delete=models.CASCADE, related_name="suggestions", verbose_name="fiche"
    )
    field = models.CharField("champ", max_length=40)
    value = models.JSONField("valeur proposée")
    shown = models.JSONField("ce que disait la fiche", null=True, blank=True)
    why = models.TextField("raison", blank=True)
    credit = models.CharField("nom à citer", max_length=120, blank=True)
    email = models.EmailField("adresse de la personne", blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="suggestions",
        verbose_name="porteur",
        help_text="Le compte du porteur ; vide pour un visiteur.",
    )
    state = models.CharField(
        "état", max_length=12, choices=SuggestionState, default=SuggestionState.RECEIVED
    )
    created_at = models.DateTimeField("reçue le", auto_now_add=True)
    confirmed_at = models.DateTimeField("confirmée le", null=True, blank=True)
    partner = models.ForeignKey(
        "partners.Partner",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="suggestions",
        verbose_name="transmise à",
    )
    sent_at = models.DateTimeField("transmise le", null=True, blank=True)
    partner_answer = models.TextField("réponse du partenaire", blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="répondue par",
    )
    answer = models.TextField("réponse de l’équipe", blank=True)
    decided_at = models.DateTimeField("décidée le", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="décidée par",
    )

    objects: ClassVar[SuggestionQuerySet] = SuggestionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "suggestion"
        verbose_name_plural = "suggestions"
        ordering = ["created_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["innovation", "field", "author"],
                condition=Q(author__isnull=False, state__in=["a-examiner", "transmise"]),
                name="partners_suggestion_one_waiting",
                violation_error_message="Une proposition attend déjà pour ce champ.",
            )
        ]
        indexes = [models.Index(fields=["state", "created_at"])]

    def __str__(self) -> str:
        return f"Suggestion n° {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state in {SuggestionState.WAITING, SuggestionState.SENT}

    @property
    def is_porteurs(self) -> bool:
        return self.author_id is not None
