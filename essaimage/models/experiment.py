"""Experiments under the droit à l'expérimentation (art. 37-1 and 72 of the Constitution)."""

import datetime
from typing import ClassVar

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.urls import reverse
from django.utils import timezone

from essaimage.models.machines import publication_machine
from essaimage.models.obstacle import Obstacle
from essaimage.models.words import ExperimentOutcome, ExperimentState, LegalGround, Publication
from essaimage.querysets import ExperimentQuerySet
from innovations.models import Innovation, Organisation


@pghistory.track()
class Experiment(models.Model):
    """A derogation with its object, limited in time, carried by an alliance, closed by a bilan."""

    title = models.CharField("objet en une phrase", max_length=200)
    object = models.TextField("objet")
    innovation = models.ForeignKey(
        Innovation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="experiments",
        verbose_name="innovation",
    )
    obstacles = models.ManyToManyField(
        Obstacle, blank=True, related_name="experiments", verbose_name="obstacles concernés"
    )
    ground = models.CharField(
        "fondement", max_length=8, choices=LegalGround, blank=True, default=""
    )
    rules = ArrayField(
        models.CharField(max_length=300),
        verbose_name="règles auxquelles il est dérogé",
        default=list,
        blank=True,
    )
    alliance = models.ManyToManyField(
        Organisation, blank=True, related_name="+", verbose_name="alliance qui la porte"
    )
    territories = models.ManyToManyField(
        "territories.Territory", blank=True, related_name="+", verbose_name="territoires"
    )
    starts_on = models.DateField("début", null=True, blank=True)
    ends_on = models.DateField("terme", null=True, blank=True)
    bilan = models.TextField("bilan", blank=True)
    outcome = models.CharField(
        "issue", max_length=16, choices=ExperimentOutcome, blank=True, default=""
    )
    closed_on = models.DateField("close le", null=True, blank=True)
    publication = models.CharField(
        "publication", max_length=12, choices=Publication, default=Publication.WAITING
    )
    publication_reason = models.TextField("motif de la décision", blank=True, default="")
    evidence = models.JSONField("références", default=list, blank=True)
    created_at = models.DateTimeField("enregistrée le", auto_now_add=True)

    objects: ClassVar[ExperimentQuerySet] = ExperimentQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "expérimentation"
        verbose_name_plural = "expérimentations"
        ordering = ["ends_on", "pk"]
        triggers = [publication_machine("essaimage_experiment_publication")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(starts_on=None)
                | models.Q(ends_on=None)
                | models.Q(ends_on__gt=models.F("starts_on")),
                name="essaimage_experiment_lasts",
                violation_error_message="Le terme vient après le début.",
            ),
            models.CheckConstraint(
                condition=models.Q(outcome="")
                | (~models.Q(bilan="") & models.Q(closed_on__isnull=False)),
                name="essaimage_experiment_closed",
                violation_error_message="Une issue s’accompagne du bilan et de sa date.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("essaimage:experiment", args=[self.pk])

    @property
    def shown_innovation(self) -> Innovation | None:
        """The public record of its innovation: the one that it was merged into, if any."""
        return (self.innovation.merged_into or self.innovation) if self.innovation else None

    @property
    def state(self) -> ExperimentState:
        """Where it stands today, from its dates and its outcome."""
        today = timezone.localdate()
        if self.outcome:
            return ExperimentState.CLOSE
        if self.starts_on is None or self.starts_on > today:
            return ExperimentState.PREPAREE
        if self.ends_on and self.ends_on < today:
            return ExperimentState.A_EVALUER
        return ExperimentState.EN_COURS

    @property
    def days_left(self) -> int | None:
        """Days before its end, negative once past; None when it has none or is closed."""
        if self.ends_on is None or self.outcome:
            return None
        left: datetime.timedelta = self.ends_on - timezone.localdate()
        return left.days


class ExperimentAlert(models.Model):
    """A deadline that was told, so that it is told once."""

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="alerts")
    days = models.PositiveSmallIntegerField("jours avant le terme")
    ends_on = models.DateField("terme annoncé")
    sent_at = models.DateTimeField("envoyée le", auto_now_add=True)

    class Meta:
        verbose_name = "alerte d’expérimentation"
        verbose_name_plural = "alertes d’expérimentation"
        constraints = [
            models.UniqueConstraint(
                fields=["experiment", "days", "ends_on"], name="essaimage_experiment_alert_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.experiment} · J-{self.days}"
