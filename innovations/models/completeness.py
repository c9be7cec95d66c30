"""How complete a record is, kept beside it: see ``innovations.quality``."""

from django.db import models

from innovations import quality
from innovations.models.innovation import Innovation


class Completeness(models.Model):
    """Apart from the innovation: it changes as time goes by, which is no change of the record."""

    innovation = models.OneToOneField(
        Innovation, on_delete=models.CASCADE, primary_key=True, related_name="completeness"
    )
    score = models.PositiveSmallIntegerField("complétude", help_text="De 0 à 100.")
    values = models.JSONField("par critère", help_text="Pour cent ; vide quand il est sans objet.")
    gains = models.JSONField("ce qu’il manque", help_text="Points que le critère ferait gagner.")

    class Meta:
        verbose_name = "complétude"
        verbose_name_plural = "complétudes"
        indexes = [models.Index(fields=["score", "innovation"], name="innovations_complete_score")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(score__range=(0, 100)),
                name="innovations_complete_percent",
                violation_error_message="La complétude va de 0 à 100.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.innovation_id} : {self.score}"

    @property
    def reasons(self) -> list[quality.Reason]:
        """Criterion by criterion; reads the innovation's maturity."""
        return quality.reasons(self.values, self.gains, self.innovation.maturity)

    @property
    def best(self) -> list[quality.Reason]:
        """The three that would raise the score most."""
        return quality.best(self.reasons)
