"""National take-up of an innovation, done or wished (study, ≈ pp. 30–31)."""

from typing import ClassVar

import pghistory
from django.db import models

from essaimage.querysets import AttachedQuerySet
from innovations.models import Innovation


class NationalMode(models.TextChoices):
    DISPOSITIF = "dispositif", "Axe d’action d’un dispositif national"
    LOI = "loi", "Création ou modification d’une loi"
    PROGRAMME = "programme", "Reprise dans des documents programmatiques officiels"


@pghistory.track()
class NationalTakeUp(models.Model):
    innovation = models.ForeignKey(
        Innovation,
        on_delete=models.PROTECT,
        related_name="national_take_ups",
        verbose_name="innovation",
    )
    mode = models.CharField("mode", max_length=12, choices=NationalMode)
    is_done = models.BooleanField("réalisée", help_text="Sinon, seulement souhaitée.")
    summary = models.TextField("en quoi", blank=True)
    evidence = models.JSONField("références", default=list, blank=True)

    objects: ClassVar[AttachedQuerySet] = AttachedQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "reprise nationale"
        verbose_name_plural = "reprises nationales"
        ordering = ["innovation", "mode"]
        constraints = [
            models.UniqueConstraint(
                fields=["innovation", "mode"],
                name="essaimage_take_up_unique",
                violation_error_message="Ce mode de reprise nationale est déjà inscrit.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.innovation_id} · {self.get_mode_display()}"

    @property
    def shown_innovation(self) -> Innovation:
        """The public record that tells it: the one that its own was merged into, if any."""
        return self.innovation.merged_into or self.innovation
