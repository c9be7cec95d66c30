"""A partner's own words, mapped onto the taxonomy source by source; unknown ones wait here."""

from typing import ClassVar

import pghistory
from django.db import models

from innovations.models import Term, Vocabulary
from partners.querysets import VocabularyQuerySet


@pghistory.track(exclude=["occurrences"])
class VocabularyEntry(models.Model):
    """One word of one source. Neither decided nor matched by label: it waits for staff."""

    source = models.ForeignKey(
        "partners.Source", on_delete=models.CASCADE, related_name="vocabulary"
    )
    vocabulary = models.CharField("vocabulaire", max_length=10, choices=Vocabulary)
    value = models.CharField("mot du partenaire", max_length=300)
    key = models.CharField(max_length=300, editable=False)
    terms = models.ManyToManyField(
        Term, blank=True, related_name="vocabulary_entries", verbose_name="termes"
    )
    is_decided = models.BooleanField(
        "décidé",
        default=False,
        help_text="Un mot décidé sans terme est volontairement ignoré.",
    )
    is_automatic = models.BooleanField("reconnu par son libellé", default=False)
    occurrences = models.PositiveIntegerField("occurrences", default=0)
    note = models.CharField("remarque", max_length=300, blank=True)

    objects: ClassVar[VocabularyQuerySet] = VocabularyQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "mot de partenaire"
        verbose_name_plural = "mots de partenaires"
        ordering = ["source", "vocabulary", "key"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "vocabulary", "key"],
                name="partners_vocabulary_unique",
                violation_error_message="Ce mot est déjà dans le vocabulaire de cette source.",
            )
        ]

    def __str__(self) -> str:
        return self.value
