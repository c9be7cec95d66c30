"""What a document says of an innovation's diffusion at a date, « not spread » included."""

from typing import ClassVar

import pghistory
from django.db import models

from essaimage.querysets import AttachedQuerySet
from innovations.models import Innovation


class DiffusionStatus(models.TextChoices):
    NOT_SPREAD = "non-diffusee", "Non diffusée au-delà du premier périmètre"
    REQUESTED = "sollicitee", "Sollicitée par d’autres territoires"
    SPREAD = "diffusee", "Diffusée"


@pghistory.track()
class DiffusionStatement(models.Model):
    innovation = models.ForeignKey(
        Innovation,
        on_delete=models.PROTECT,
        related_name="diffusion_statements",
        verbose_name="innovation",
    )
    status = models.CharField("constat", max_length=16, choices=DiffusionStatus)
    as_of = models.CharField(
        "à la date de", max_length=10, help_text="AAAA, AAAA-MM ou AAAA-MM-JJ."
    )
    text = models.TextField("en clair", blank=True)
    evidence = models.JSONField("références", default=list, blank=True)

    objects: ClassVar[AttachedQuerySet] = AttachedQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "constat de diffusion"
        verbose_name_plural = "constats de diffusion"
        ordering = ["innovation", "-as_of"]
        constraints = [
            models.UniqueConstraint(
                fields=["innovation", "as_of"],
                name="essaimage_statement_unique",
                violation_error_message="Un constat existe déjà pour cette date.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.innovation_id} · {self.get_status_display()} ({self.as_of})"

    @property
    def shown_innovation(self) -> Innovation:
        """The public record that tells it: the one that its own was merged into, if any."""
        return self.innovation.merged_into or self.innovation
