"""The directory's own vocabularies; partners' words are mapped onto them source by source."""

from typing import ClassVar

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models

from carrefour.text import key
from innovations.querysets import TermQuerySet


class Vocabulary(models.TextChoices):
    THEME = "theme", "Thème"
    PUBLIC = "public", "Public"
    METHOD = "method", "Méthode"


@pghistory.track()
class Term(models.Model):
    """A theme (two levels: domaine, sous-domaine), a public or a method."""

    vocabulary = models.CharField("vocabulaire", max_length=10, choices=Vocabulary)
    code = models.SlugField("code", max_length=60)
    label = models.CharField("libellé", max_length=120)
    description = models.TextField("description", blank=True)
    parent = models.ForeignKey(
        # A domaine is merged or moved by staff, never deleted under its children.
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name="terme parent",
    )
    position = models.PositiveSmallIntegerField("rang", default=0)
    is_active = models.BooleanField("actif", default=True)
    merged_into = models.ForeignKey(
        # Its code, still written in addresses and by partners, leads there.
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="merged",
        verbose_name="fusionné dans",
    )
    cis_codes = ArrayField(
        models.CharField(max_length=20),
        verbose_name="codes historiques du Carrefour",
        default=list,
        blank=True,
    )

    objects: ClassVar[TermQuerySet] = TermQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "terme"
        verbose_name_plural = "termes"
        ordering = ["vocabulary", "position", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["vocabulary", "code"],
                name="innovations_term_code_unique",
                violation_error_message="Ce code existe déjà dans ce vocabulaire.",
            ),
            models.CheckConstraint(
                condition=models.Q(merged_into__isnull=True) | models.Q(is_active=False),
                name="innovations_term_merged_is_inactive",
                violation_error_message="Un terme fusionné dans un autre n’est plus actif.",
            ),
        ]

    def __str__(self) -> str:
        return self.label


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class TermSynonym(models.Model):
    """Another way of saying a term; ``key`` is its normalised form (see carrefour.text.key)."""

    term = models.ForeignKey(
        Term, on_delete=models.CASCADE, related_name="synonyms", verbose_name="terme"
    )
    label = models.CharField("synonyme", max_length=160)
    key = models.CharField(max_length=160, editable=False, db_index=True)

    class Meta:
        verbose_name = "synonyme"
        verbose_name_plural = "synonymes"
        ordering = ["key"]
        constraints = [
            models.UniqueConstraint(
                fields=["term", "key"],
                name="innovations_synonym_unique",
                violation_error_message="Ce synonyme existe déjà pour ce terme.",
            )
        ]

    def __str__(self) -> str:
        return self.label

    def save(self, *args: object, **kwargs: object) -> None:
        self.key = key(self.label)
        super().save(*args, **kwargs)  # type: ignore[arg-type]
