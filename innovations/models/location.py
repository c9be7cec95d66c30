"""The sites of an innovation: each place where it acts, as its sources wrote it."""

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models

from innovations.models.innovation import Innovation


@pghistory.track()
class Location(models.Model):
    innovation = models.ForeignKey(
        Innovation, on_delete=models.CASCADE, related_name="locations", verbose_name="innovation"
    )
    territory = models.ForeignKey(
        "territories.Territory",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="locations",
        verbose_name="territoire",
    )
    label = models.CharField("lieu tel qu’écrit", max_length=300, blank=True)
    longitude = models.FloatField("longitude", null=True, blank=True)
    latitude = models.FloatField("latitude", null=True, blank=True)
    confidence = models.FloatField("certitude", default=1.0, help_text="De 0 à 1.")
    note = models.CharField("remarque", max_length=300, blank=True)
    source_records = ArrayField(
        models.BigIntegerField(), verbose_name="fiches sources", default=list, blank=True
    )
    position = models.PositiveSmallIntegerField("rang", default=0)

    class Meta:
        verbose_name = "lieu"
        verbose_name_plural = "lieux"
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(longitude__isnull=True, latitude__isnull=True)
                | models.Q(longitude__range=(-180, 180), latitude__range=(-90, 90)),
                name="innovations_location_point",
                violation_error_message="Un point a une longitude et une latitude valides.",
            ),
            models.CheckConstraint(
                condition=models.Q(confidence__range=(0, 1)),
                name="innovations_location_confidence",
                violation_error_message="La certitude va de 0 à 1.",
            ),
        ]

    def __str__(self) -> str:
        return self.label or str(self.territory or "")
