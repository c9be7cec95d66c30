"""How complete the public records were, day after day: of all, of a partner, of a source."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from partners.models.partner import Partner
from partners.models.source import Source


class QualitySnapshot(models.Model):
    """One per day and scope: all (neither partner nor source), a partner, one of its sources."""

    day = models.DateField("jour")
    partner = models.ForeignKey(
        Partner, on_delete=models.CASCADE, null=True, blank=True, related_name="quality_snapshots"
    )
    source = models.ForeignKey(
        Source, on_delete=models.CASCADE, null=True, blank=True, related_name="quality_snapshots"
    )
    records = models.PositiveIntegerField("fiches publiées")
    mean = models.FloatField("moyenne")
    median = models.FloatField("médiane")
    distribution = ArrayField(
        models.PositiveIntegerField(), verbose_name="répartition", help_text="Par dizaine."
    )
    fills = models.JSONField("par critère", help_text="Critère → pour cent, en moyenne.")
    gains = models.JSONField("ce qui manque", help_text="Critère → points perdus, en moyenne.")

    class Meta:
        verbose_name = "relevé de complétude"
        verbose_name_plural = "relevés de complétude"
        ordering: ClassVar = ["-day", "partner", "source"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["day", "partner", "source"],
                nulls_distinct=False,
                name="partners_snapshot_unique",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["partner", "source", "day"], name="partners_snapshot_history")
        ]

    def __str__(self) -> str:
        return f"{self.day} · {self.source or self.partner or 'toutes les fiches'}"
