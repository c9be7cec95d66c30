"""How an innovation is documented: in which forms, and whether someone worked upon what is told."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from innovations.models.innovation import Innovation


class DocumentKind(models.TextChoices):
    ARTICLE = "article", "Article"
    EXPERIENCE = "fiche-experience", "Fiche d’expérience"
    VIDEO = "video", "Vidéo"
    INFOGRAPHIC = "infographie", "Infographie"


class DocumentBasis(models.TextChoices):
    DECLARED = "declaree", "Déclarée par le porteur de projet"
    WORKED = "travaillee", "Travaillée avec un tiers (entretien, visite, évaluation)"


class Documentation(models.Model):
    """Written by composition from the staff's words."""

    innovation = models.OneToOneField(
        Innovation, on_delete=models.CASCADE, primary_key=True, related_name="documentation"
    )
    kinds = ArrayField(
        models.CharField(max_length=20, choices=DocumentKind),
        verbose_name="documents disponibles",
        default=list,
        blank=True,
    )
    basis = models.CharField(
        "origine de la documentation",
        max_length=12,
        choices=DocumentBasis,
        blank=True,
        default="",
    )

    class Meta:
        verbose_name = "documentation"
        verbose_name_plural = "documentations"

    def __str__(self) -> str:
        return f"Documentation : {self.innovation_id}"

    @property
    def shown_kinds(self) -> list[str]:
        return [DocumentKind(kind).label for kind in self.kinds]
