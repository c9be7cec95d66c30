"""What staff wrote on a record: it wins over partners' values and is never overwritten."""

import hashlib
import json
from typing import ClassVar

import pghistory
from django.conf import settings
from django.db import models
from django.utils import timezone

from innovations.models.innovation import Innovation
from innovations.querysets import FieldEditQuerySet


class CreditKind(models.TextChoices):
    VISITOR = "visiteur", "Corrigé grâce à"
    PORTEUR = "porteur", "Complété par le porteur de projet"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
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
        help_text="{value} : une valeur nouvelle des partenaires, à prendre ou à laisser.",
    )
    differs_since = models.DateTimeField("diffère depuis", null=True, blank=True)
    note = models.CharField("motif", max_length=300, blank=True)
    credit_kind = models.CharField(
        "proposée par", max_length=8, choices=CreditKind, blank=True, default=""
    )
    credit = models.CharField(
        "nom à citer",
        max_length=120,
        blank=True,
        help_text="Celui que la personne a demandé à voir cité, et lui seul.",
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        # The edit outlives its author's account.
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name="auteur",
    )
    created_at = models.DateTimeField("écrite la première fois le", auto_now_add=True)
    written_at = models.DateTimeField("écrite le", default=timezone.now)

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

    @property
    def mark(self) -> str:
        """Changes with each value of either side: two people, or a harvest, may come at once."""
        said = json.dumps([self.value, self.difference], sort_keys=True, default=str)
        return hashlib.sha256(said.encode()).hexdigest()[:16]
