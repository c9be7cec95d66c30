"""What was noticed in a partner's record: personal data, a text that says nothing."""

from typing import ClassVar

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from partners.models.record import SourceRecord
from partners.querysets import FlagQuerySet


class FlagFamily(models.TextChoices):
    PERSONAL = "donnee", "Donnée personnelle"
    TEXT = "texte", "Qualité du texte"


class FlagState(models.TextChoices):
    OPEN = "a-decider", "À décider"
    MASKED = "masquee", "Masquée par l’équipe"
    LEFT = "laissee", "Laissée par l’équipe"
    GONE = "corrigee", "Disparue de la source"


@pghistory.track(exclude=["seen_at"])
class Flag(models.Model):
    """One per record and datum, or per record and field for a text. Personal data are never kept:
    ``identity`` is a keyed digest of the datum (the field's name for a text), ``excerpt`` masked.
    A staff decision stands whatever the next harvests bring.
    """

    record = models.ForeignKey(
        SourceRecord, on_delete=models.CASCADE, related_name="flags", verbose_name="fiche source"
    )
    family = models.CharField("famille", max_length=8, choices=FlagFamily)
    kind = models.CharField("ce qui est signalé", max_length=16)
    identity = models.CharField("empreinte", max_length=64)
    fields = ArrayField(models.CharField(max_length=60), verbose_name="champs", default=list)
    excerpt = models.CharField("extrait masqué", max_length=120, blank=True)
    is_certain = models.BooleanField("certaine", default=True)
    state = models.CharField("état", max_length=10, choices=FlagState, default=FlagState.OPEN)
    first_seen_at = models.DateTimeField("signalée le")
    seen_at = models.DateTimeField("vue le")
    decided_at = models.DateTimeField("décidée le", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        # The decision outlives its author's account.
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="décidée par",
    )

    objects: ClassVar[FlagQuerySet] = FlagQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "signalement"
        verbose_name_plural = "signalements"
        ordering = ["-first_seen_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["record", "kind", "identity"],
                name="partners_flag_unique",
                violation_error_message="Cette donnée est déjà signalée dans cette fiche.",
            )
        ]
        indexes = [
            models.Index(
                fields=["family", "-first_seen_at", "-id"],
                condition=models.Q(state="a-decider"),
                name="partners_flag_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.label} · {self.record_id}"

    @property
    def label(self) -> str:
        """« Numéro de téléphone », « Texte coupé »."""
        from partners.screening import label_of

        return label_of(self.kind)

    @property
    def is_open(self) -> bool:
        return self.state == FlagState.OPEN

    @property
    def is_personal(self) -> bool:
        return self.family == FlagFamily.PERSONAL

    @property
    def hides(self) -> bool:
        """Whether the datum is kept from the public page."""
        if not self.is_personal:
            return False
        return self.state == FlagState.MASKED or (self.is_open and self.is_certain)
