"""Evidence in three facts: the effect reported, what it rests on, the order of cost."""

from typing import ClassVar

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models

from essaimage.models.party import Party
from essaimage.models.replication import Replication
from essaimage.models.words import Cost, Effect, Origin, Publication, Strength, StrengthReason
from essaimage.querysets import FactsQuerySet
from innovations.models import Innovation

# When those who declared are asked again, in months after it began.
MONTHS = (3, 12, 24, 36)


@pghistory.track()
class Facts(models.Model):
    """« Cela a-t-il marché ? », of an innovation at its origin or of one of its replications."""

    innovation = models.ForeignKey(
        Innovation, on_delete=models.PROTECT, related_name="facts", verbose_name="innovation"
    )
    replication = models.ForeignKey(
        Replication,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="facts",
        verbose_name="reprise",
        help_text="Vide : au lieu d’origine.",
    )
    months = models.PositiveSmallIntegerField(
        "mois après le début", null=True, blank=True, help_text="0 : au démarrage."
    )
    effect = models.CharField("effet", max_length=12, choices=Effect)
    effect_text = models.TextField("l’effet, en clair", blank=True)
    strength = models.CharField("solidité", max_length=12, choices=Strength, blank=True, default="")
    reasons = ArrayField(
        models.CharField(max_length=16, choices=StrengthReason),
        verbose_name="ce sur quoi cela repose",
        default=list,
        blank=True,
    )
    cost = models.CharField("ordre de coût", max_length=12, choices=Cost, blank=True, default="")
    cost_text = models.CharField("le coût, en clair", max_length=300, blank=True)
    beyond = models.TextField(
        "au-delà des indicateurs",
        blank=True,
        help_text="Ce que les indicateurs habituels ne disent pas.",
    )
    told_by = models.CharField("dit par", max_length=12, choices=Origin, default=Origin.STAFF)
    publication = models.CharField(
        "publication", max_length=12, choices=Publication, default=Publication.WAITING
    )
    reported_at = models.DateTimeField("dit le", auto_now_add=True)

    objects: ClassVar[FactsQuerySet] = FactsQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "résultats en trois faits"
        verbose_name_plural = "résultats en trois faits"
        ordering = ["innovation", "replication", "months", "pk"]

    def __str__(self) -> str:
        return f"{self.replication or self.innovation_id} : {self.get_effect_display()}"


class FollowUp(models.Model):
    """A question due to one side, at 3, 12, 24 or 36 months after the replication began."""

    party = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="follow_ups")
    months = models.PositiveSmallIntegerField("mois après le début")
    due_on = models.DateField("à poser le")
    asked_at = models.DateTimeField("posée le", null=True, blank=True)
    reminded_at = models.DateTimeField("rappelée le", null=True, blank=True)
    answered_at = models.DateTimeField("répondue le", null=True, blank=True)
    facts = models.OneToOneField(
        Facts, on_delete=models.SET_NULL, null=True, blank=True, related_name="follow_up"
    )

    class Meta:
        verbose_name = "question de suivi"
        verbose_name_plural = "questions de suivi"
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["party", "months"], name="essaimage_follow_up_once")
        ]

    def __str__(self) -> str:
        return f"{self.party} · {self.months} mois"
