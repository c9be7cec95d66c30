"""Administrative obstacles, how they are read elsewhere, and how they were lifted.

« France expérimentation territoriale », study p. 48: recorded so that they are not negotiated again
at each replication.
"""

from typing import Any, ClassVar

import pghistory
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.urls import reverse
from django.utils import timezone

from essaimage import dates
from essaimage.models.machines import machine, publication_machine
from essaimage.models.replication import Replication
from essaimage.models.words import (
    Interpreter,
    ObstacleOrigin,
    ObstacleStage,
    ObstacleState,
    Publication,
    Relief,
    Teller,
)
from essaimage.querysets import InterpretationQuerySet, ObstacleQuerySet
from innovations.models import Innovation

O = ObstacleState  # noqa: E741
# What was lifted or kept may be discussed again: a reading changes.
NEXT_OBSTACLE: dict[str, tuple[str, ...]] = {
    O.SIGNALE: (O.EN_DISCUSSION, O.LEVE, O.MAINTENU),
    O.EN_DISCUSSION: (O.LEVE, O.MAINTENU),
    O.LEVE: (O.EN_DISCUSSION,),
    O.MAINTENU: (O.EN_DISCUSSION,),
}


@pghistory.track()
class Obstacle(models.Model):
    innovation = models.ForeignKey(
        Innovation,
        on_delete=models.PROTECT,
        related_name="obstacle_cases",
        verbose_name="innovation",
    )
    replication = models.ForeignKey(
        Replication,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="obstacles",
        verbose_name="reprise où il est apparu",
        help_text="Vide : au lieu d’origine.",
    )
    title = models.CharField("en une phrase", max_length=200)
    description = models.TextField("ce qui bloque")
    authority = models.CharField("autorité", max_length=200, help_text="Celle qui décide.")
    interpreter = models.CharField(
        "qui l’interprète", max_length=24, choices=Interpreter, blank=True, default=""
    )
    territory = models.ForeignKey(
        "territories.Territory",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="territoire",
    )
    legal_basis = models.CharField(
        "texte en cause", max_length=300, blank=True, help_text="Article, arrêté, circulaire…"
    )
    origin = models.CharField(
        "ce qui est en cause", max_length=12, choices=ObstacleOrigin, blank=True, default=""
    )
    stage = models.CharField(
        "à quel stade", max_length=16, choices=ObstacleStage, blank=True, default=""
    )
    relief = models.CharField(
        "ce qui est demandé ou obtenu", max_length=16, choices=Relief, blank=True, default=""
    )
    state = models.CharField(
        "état", max_length=16, choices=ObstacleState, default=ObstacleState.SIGNALE
    )
    resolution = models.TextField("comment il a été levé", blank=True)
    told_by = models.CharField("dit par", max_length=12, choices=Teller, default=Teller.STAFF)
    publication = models.CharField(
        "publication", max_length=12, choices=Publication, default=Publication.WAITING
    )
    publication_reason = models.TextField("motif de la décision", blank=True)
    emptied_at = models.DateTimeField(
        "texte effacé le", null=True, blank=True, help_text="Écarté depuis longtemps."
    )
    created_at = models.DateTimeField("enregistré le", auto_now_add=True)

    objects: ClassVar[ObstacleQuerySet] = ObstacleQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "obstacle"
        verbose_name_plural = "obstacles"
        ordering = ["-created_at", "-pk"]
        permissions = [("review_obstacle", "Peut relire les obstacles signalés")]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state=ObstacleState.LEVE) | ~models.Q(resolution=""),
                name="essaimage_obstacle_lifted_how",
                violation_error_message="Un obstacle levé dit comment il l’a été.",
            )
        ]
        triggers = [
            machine("essaimage_obstacle_states", "state", NEXT_OBSTACLE),
            publication_machine("essaimage_obstacle_publication"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("essaimage:obstacle", args=[self.pk])

    @property
    def shown_innovation(self) -> Innovation:
        """The public record that tells it: the one that its own was merged into, if any."""
        return self.innovation.merged_into or self.innovation

    @property
    def is_lifted(self) -> bool:
        return self.state == ObstacleState.LEVE

    @property
    def place(self) -> Any:
        """The territory where it stands, else that of the replication that met it, if the public
        may read it; None when it is not told."""
        met = self.replication
        return self.territory or (met.territory if met and met.is_public else None)

    @property
    def where(self) -> str:
        """« à Lormes », "" when it is not told."""
        return self.place.located if self.place else ""

    @property
    def next_states(self) -> list[ObstacleState]:
        return [ObstacleState(state) for state in NEXT_OBSTACLE[self.state]]


class ObstacleStep(models.Model):
    """A dated state of an obstacle, with its author and reason; rows are only added."""

    obstacle = models.ForeignKey(Obstacle, on_delete=models.CASCADE, related_name="steps")
    state = models.CharField("état", max_length=16, choices=ObstacleState)
    date = models.CharField(
        "date", max_length=10, blank=True, help_text=dates.HELP, validators=[dates.validate]
    )
    reason = models.TextField("motif", blank=True)
    author = models.CharField("auteur", max_length=200, blank=True)
    user = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField("inscrit le", auto_now_add=True)

    class Meta:
        verbose_name = "étape d’un obstacle"
        verbose_name_plural = "étapes d’un obstacle"
        ordering = ["obstacle", "pk"]

    def __str__(self) -> str:
        return f"{self.obstacle} : {self.get_state_display()}"


@pghistory.track()
class Interpretation(models.Model):
    """How the same rule is read elsewhere."""

    obstacle = models.ForeignKey(Obstacle, on_delete=models.CASCADE, related_name="interpretations")
    authority = models.CharField("autorité", max_length=200)
    territory = models.ForeignKey(
        "territories.Territory",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="territoire",
    )
    text = models.TextField("comment elle l’entend")
    allows = models.BooleanField("elle permet le projet")
    source = models.CharField("d’où on le tient", max_length=300, blank=True)
    told_by = models.CharField("dit par", max_length=12, choices=Teller, default=Teller.STAFF)
    publication = models.CharField(
        "publication", max_length=12, choices=Publication, default=Publication.PUBLISHED
    )
    publication_reason = models.TextField("motif de la décision", blank=True)
    emptied_at = models.DateTimeField(
        "texte effacé le", null=True, blank=True, help_text="Écartée depuis longtemps."
    )
    created_at = models.DateTimeField("enregistrée le", default=timezone.now)

    objects: ClassVar[InterpretationQuerySet] = InterpretationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "interprétation"
        verbose_name_plural = "interprétations"
        ordering = ["obstacle", "-allows", "pk"]
        triggers = [publication_machine("essaimage_interpretation_publication")]

    def __str__(self) -> str:
        return f"{self.authority} : {'permet' if self.allows else 'refuse'}"


class ObstacleWords(models.Model):
    """What a search of obstacles reads: triggers of the database write it (a migration).

    The words are those of the obstacle and of its published interpretations, in the house's French;
    the keys are what two authorities, or two texts of law, are compared by.
    """

    # The database takes them away with the obstacle: its own triggers may write them until then.
    obstacle = models.OneToOneField(
        Obstacle,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        primary_key=True,
        related_name="words",
    )
    authority_key = models.TextField("autorité comparée", db_index=True)
    legal_key = models.TextField("texte en cause comparé", db_index=True)
    words = SearchVectorField("mots")

    class Meta:
        verbose_name = "mots d’un obstacle"
        verbose_name_plural = "mots des obstacles"
        indexes = [GinIndex(fields=["words"], name="essaimage_obstacle_words")]

    def __str__(self) -> str:
        return f"Mots de l’obstacle n° {self.pk}"
