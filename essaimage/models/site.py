"""The sites that the harvest found for an innovation, and what staff make of each."""

from typing import ClassVar

import pghistory
from django.db import models

from essaimage.models.replication import Replication
from essaimage.models.words import SiteChoice
from essaimage.querysets import AttachedQuerySet
from innovations.models import Innovation


@pghistory.track()
class HarvestedSite(models.Model):
    """One innovation in one territory. The rows of ``innovations.Location`` are written anew at
    each composition; this one stays, so that nothing is asked twice."""

    innovation = models.ForeignKey(
        Innovation, on_delete=models.CASCADE, related_name="+", verbose_name="innovation"
    )
    territory = models.ForeignKey(
        "territories.Territory",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="territoire",
    )
    choice = models.CharField(
        "ce qu’il est", max_length=12, choices=SiteChoice, blank=True, default=SiteChoice.NONE
    )
    replication = models.OneToOneField(
        Replication,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="site",
        verbose_name="reprise",
    )

    objects: ClassVar[AttachedQuerySet] = AttachedQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "site moissonné"
        verbose_name_plural = "sites moissonnés"
        ordering = ["innovation", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["innovation", "territory"], name="essaimage_site_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(replication=None) | models.Q(choice=SiteChoice.REPLICATION),
                name="essaimage_site_replication",
                violation_error_message="Seul un site qui est une reprise en désigne une.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.innovation_id} · {self.territory_id}"
