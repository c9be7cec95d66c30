from django.contrib.postgres.fields import ArrayField
from django.db import models

from territories.models.territory import Territory


class TerritoryOutline(models.Model):
    """Simplified outline, apart from the territory so that lists never read it."""

    territory = models.OneToOneField(
        # The outline is a part of the territory.
        Territory,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="outline",
        verbose_name="territoire",
    )
    geometry = models.JSONField(
        "contour", help_text="Polygon ou MultiPolygon GeoJSON, en degrés (WGS 84)."
    )
    bbox = ArrayField(
        models.FloatField(),
        size=4,
        verbose_name="emprise",
        help_text="Ouest, sud, est, nord, en degrés.",
    )

    class Meta:
        verbose_name = "contour de territoire"
        verbose_name_plural = "contours de territoires"

    def __str__(self) -> str:
        return f"contour n° {self.pk}"
