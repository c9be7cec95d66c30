"""The right to object: requests, and the list that keeps away what must not come back.

What is suppressed is never kept in clear: only a keyed digest (HMAC-SHA-256) that a harvest can
compare with what it reads (GDPR art. 17 and 21).
"""

from typing import ClassVar

from django.conf import settings
from django.db import models

from carrefour.french import counted
from innovations.models import Innovation
from partners.querysets import ObjectionQuerySet


class ObjectionState(models.TextChoices):
    RECEIVED = "recue", "Reçue, adresse à confirmer"
    CONFIRMED = "confirmee", "Confirmée, à traiter"
    APPLIED = "appliquee", "Appliquée"
    REFUSED = "refusee", "Refusée"


class ObjectionScope(models.TextChoices):
    RECORD = "fiche", "Toute la fiche"
    DATUM = "donnee", "Une donnée de la fiche"


class Objection(models.Model):
    """A request by a porteur or a person; its personal data are erased once it is settled."""

    innovation = models.ForeignKey(
        Innovation,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="objections",
        verbose_name="fiche visée",
    )
    record_url = models.CharField("adresse de la fiche", max_length=500, blank=True)
    scope = models.CharField("portée", max_length=8, choices=ObjectionScope)
    datum = models.CharField("donnée à retirer", max_length=300, blank=True)
    reason = models.TextField("motif", blank=True)
    email = models.EmailField("adresse du demandeur", blank=True)
    state = models.CharField(
        "état", max_length=10, choices=ObjectionState, default=ObjectionState.RECEIVED
    )
    created_at = models.DateTimeField("reçue le", auto_now_add=True)
    confirmed_at = models.DateTimeField("confirmée le", null=True, blank=True)
    settled_at = models.DateTimeField("réglée le", null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    answer = models.TextField("réponse faite", blank=True)
    effects = models.JSONField("effets", default=dict, blank=True)

    objects: ClassVar[ObjectionQuerySet] = ObjectionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "demande d’opposition"
        verbose_name_plural = "demandes d’opposition"
        ordering = ["created_at", "pk"]

    def __str__(self) -> str:
        return f"Opposition n° {self.pk}"


class SuppressedRecord(models.Model):
    """A record that must not come back: digests of its identity at its source, URL and title."""

    digest = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=12)
    objection = models.ForeignKey(Objection, on_delete=models.PROTECT, related_name="records")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "fiche à ne plus publier"
        verbose_name_plural = "fiches à ne plus publier"

    def __str__(self) -> str:
        return f"{self.kind} {self.digest[:8]}"


class SuppressedDatum(models.Model):
    """A datum (name, phone, address…) that must not come back, from any source.

    ``words``: how many normalised words the datum has, so that a harvest can slide a window of
    that length over what it reads and compare digests.
    """

    digest = models.CharField(max_length=64, unique=True)
    words = models.PositiveSmallIntegerField()
    objection = models.ForeignKey(Objection, on_delete=models.PROTECT, related_name="data")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "donnée à ne plus publier"
        verbose_name_plural = "données à ne plus publier"

    def __str__(self) -> str:
        return f"{counted(self.words, 'mot')} {self.digest[:8]}"
