"""« Votre projet est-il essaimable ? »: a self-assessment, kept over time and compared."""

from django.db import models

from innovations.models import Innovation


class Assessment(models.Model):
    """A project that someone assesses, round after round, by a link that only they hold.

    Of the link only the digest is kept, and nothing of who holds it.
    """

    key = models.CharField("empreinte du lien", max_length=64, unique=True)
    innovation = models.ForeignKey(
        Innovation,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="innovation",
    )
    project = models.CharField("projet", max_length=200)
    created_at = models.DateTimeField("commencée le", auto_now_add=True)
    seen_at = models.DateTimeField("ouverte le", auto_now=True)

    class Meta:
        verbose_name = "auto-évaluation"
        verbose_name_plural = "auto-évaluations"

    def __str__(self) -> str:
        return self.project


class AssessmentRound(models.Model):
    """The answers given at one time to one version of the questions.

    ``answers``: {question code: value}; the questions are in essaimage/data/auto-evaluation/.
    """

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="rounds")
    version = models.CharField("version des questions", max_length=12)
    answers = models.JSONField("réponses", default=dict, blank=True)
    started_at = models.DateTimeField("commencé le", auto_now_add=True)
    changed_at = models.DateTimeField("modifié le", auto_now=True)
    completed_at = models.DateTimeField("terminé le", null=True, blank=True)

    class Meta:
        verbose_name = "passage d’une auto-évaluation"
        verbose_name_plural = "passages d’une auto-évaluation"
        ordering = ["assessment", "pk"]

    def __str__(self) -> str:
        return f"{self.assessment} ({self.version})"
