"""« Votre projet est-il essaimable ? »: a self-assessment, kept over time and compared."""

import hashlib
from collections.abc import Mapping
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from carrefour.text import key
from innovations.models import Innovation, Reproduction

# A title may be longer: its beginning is then the name proposed.
LONGEST_NAME = 200
WITHOUT_NAME = "Projet dont la fiche a été retirée"


def text_digest(text: Any) -> str:
    """Of what a text says, however it is spaced: enough to know it again, not to read it."""
    return hashlib.sha256(" ".join(str(text).split()).encode()).hexdigest()


def _lent_by(innovation: Innovation | None) -> set[str]:
    """Digests of what the record says « pour reproduire ce projet »."""
    said = getattr(innovation, "reproduction", None)
    texts = [getattr(said, field.name) for field in Reproduction.text_fields()] if said else []
    return {text_digest(text) for text in texts if text}


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    def give_back(self) -> None:
        """Forget the name and the texts that were taken from a record which is removed.

        Texts begun with its words go, changed since or not; what was answered stays. The digests
        keep away a page opened before that would bring them back.
        """
        for assessment in self.select_for_update(of=("self",)).select_related("innovation"):
            digests = set(assessment.given_back) | _lent_by(assessment.innovation)
            for turn in assessment.rounds.select_for_update():
                taken = {k: v for k, v in turn.answers.items() if k in assessment.borrowed}
                digests |= {text_digest(text) for text in taken.values()}
                turn.answers = {k: v for k, v in turn.answers.items() if k not in taken}
                turn.save(update_fields=["answers"])
            if assessment.is_named_after or assessment.names(assessment.innovation):
                assessment.project = WITHOUT_NAME
            assessment.given_back = sorted(digests)
            assessment.record_removed_at = timezone.now()
            assessment.save(update_fields=["project", "given_back", "record_removed_at"])


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
    project = models.CharField("projet", max_length=LONGEST_NAME)
    is_named_after = models.BooleanField(
        "porte le titre de la fiche",
        default=False,
        help_text="Tel qu’il était au début : la fiche a pu en changer.",
    )
    # Answers that the record lent its words to, and digests of those that it took back.
    borrowed = ArrayField(
        models.CharField(max_length=60), default=list, blank=True, verbose_name="textes de la fiche"
    )
    given_back = ArrayField(
        models.CharField(max_length=64), default=list, blank=True, verbose_name="textes rendus"
    )
    record_removed_at = models.DateTimeField("fiche retirée le", null=True, blank=True)
    created_at = models.DateTimeField("commencée le", auto_now_add=True)
    seen_at = models.DateTimeField("ouverte le", auto_now=True)

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        verbose_name = "auto-évaluation"
        verbose_name_plural = "auto-évaluations"

    def __str__(self) -> str:
        return self.project

    def names(self, innovation: Innovation | None) -> bool:
        """Whether its name holds the title that the record has today."""
        title = key(innovation.title[:LONGEST_NAME]) if innovation else ""
        return bool(title) and title in key(self.project)

    def may_keep(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        """The answers without the empty ones, nor the texts that a removed record took back."""
        return {k: v for k, v in answers.items() if v and text_digest(v) not in self.given_back}


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
