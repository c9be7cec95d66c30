"""The journal of a partner's life: each step, dated, with who recorded it and why."""

from typing import Any, ClassVar

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from partners.models.partner import Partner, PartnerStep


class RecordsChoice(models.TextChoices):
    KEPT = "gardees", "Ses fiches restent publiques, avec son nom et son lien"
    WITHDRAWN = "retirees", "Ses fiches sont retirées"


@pghistory.track()
class PartnerMove(models.Model):
    """From one step to another. An admission or a refusal is the collective's: ``reference`` names
    its meeting or decision, ``author`` only recorded it."""

    partner = models.ForeignKey(
        Partner, on_delete=models.CASCADE, related_name="moves", verbose_name="partenaire"
    )
    before = models.CharField("de l’étape", max_length=12, choices=PartnerStep, blank=True)
    after = models.CharField("à l’étape", max_length=12, choices=PartnerStep)
    happened_on = models.DateField("date")
    reference = models.CharField("réunion ou décision du collectif", max_length=200, blank=True)
    note = models.TextField("note ou motif", blank=True)
    records_choice = models.CharField(
        "ce que deviennent ses fiches", max_length=10, choices=RecordsChoice, blank=True
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="enregistré par",
    )
    created_at = models.DateTimeField("enregistré le", auto_now_add=True)

    class Meta:
        verbose_name = "étape d’un partenaire"
        verbose_name_plural = "étapes des partenaires"
        ordering: ClassVar[list[Any]] = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(after__in=["admis", "refuse"]) | ~Q(reference=""),
                name="partners_move_decision_is_the_collectives",
                violation_error_message=(
                    "Une admission ou un refus nomme la réunion ou la décision du collectif."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(after="parti") | ~Q(records_choice=""),
                name="partners_move_leaving_says_records",
                violation_error_message="Un départ dit ce que deviennent les fiches.",
            ),
            models.CheckConstraint(
                condition=~Q(before=F("after")),
                name="partners_move_moves",
                violation_error_message="Une étape mène à une autre.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.partner} – {self.get_after_display()}"
