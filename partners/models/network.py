"""What staff decide of all the places of one network at once."""

from typing import Any, ClassVar

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from innovations.models import Innovation


class NetworkChoice(models.TextChoices):
    PLACES = "lieux", "Autres lieux du même projet"
    DISTINCT = "distinctes", "Innovations distinctes"
    LATER = "plus-tard", "Remise à plus tard"


@pghistory.track()
class NetworkDecision(models.Model):
    """One gesture on the places of a network, and how to undo it.

    Its pairs are those of the network decided at ``made_at``; ``steps`` are the primary keys of the
    regroupings that it made, in order.
    """

    network = models.CharField("réseau", max_length=40)
    choice = models.CharField("décision", max_length=12, choices=NetworkChoice)
    reason = models.CharField("motif", max_length=500, blank=True)
    places = models.PositiveIntegerField("lieux", default=0)
    pairs = models.PositiveIntegerField("rapprochements", default=0)
    steps = ArrayField(models.BigIntegerField(), verbose_name="réunions", default=list, blank=True)
    target = models.ForeignKey(
        Innovation,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="fiche qui les réunit",
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="auteur",
    )
    made_at = models.DateTimeField("décidée le")
    undone_at = models.DateTimeField("annulée le", null=True, blank=True)

    class Meta:
        verbose_name = "décision sur un réseau"
        verbose_name_plural = "décisions sur des réseaux"
        ordering: ClassVar[list[Any]] = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.network} : {self.get_choice_display()}"
