"""Expressions that mean the same in the field, and the words that the directory knows."""

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from carrefour.text import key, one_line


def spoken(text: str) -> str:
    """What two spellings of one expression share: « Tiers-lieux » → « tier lieu »."""
    return " ".join(word[:-1] if len(word) > 3 and word[-1] in "sx" else word
                    for word in key(text).split())  # fmt: skip


class EquivalentQuerySet(models.QuerySet):
    def active(self) -> "EquivalentQuerySet":
        return self.filter(is_active=True)

    def saying(self, *keys: str) -> "EquivalentQuerySet":
        """The groups that hold one of these expressions (see ``spoken``)."""
        return self.filter(keys__overlap=list(keys))


@pghistory.track(exclude=["keys"])
class Equivalent(models.Model):
    """Expressions that a search takes for one another: « CCAS », « centre communal d’action
    sociale ».

    Never deleted: put out of use, so that the list given with the platform does not bring back
    what staff removed.
    """

    code = models.SlugField("code", max_length=60, blank=True, editable=False)
    expressions = ArrayField(
        models.CharField(max_length=120), verbose_name="expressions équivalentes"
    )
    keys = ArrayField(models.CharField(max_length=120), editable=False, default=list)
    note = models.CharField("note", max_length=300, blank=True)
    is_active = models.BooleanField("en service", default=True)

    objects = EquivalentQuerySet.as_manager()

    class Meta:
        verbose_name = "équivalence de recherche"
        verbose_name_plural = "équivalences de recherche"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["code"],
                condition=~Q(code=""),
                name="innovations_equivalent_code_unique",
                violation_error_message="Ce code existe déjà.",
            ),
            models.CheckConstraint(
                condition=Q(expressions__len__gte=2),
                name="innovations_equivalent_two_at_least",
                violation_error_message="Il faut au moins deux expressions.",
            ),
        ]

    def __str__(self) -> str:
        return " = ".join(self.expressions)

    def save(self, *args: object, **kwargs: object) -> None:
        self.expressions = list(dict.fromkeys(one_line(e) for e in self.expressions))
        self.keys = list(dict.fromkeys(spoken(e) for e in self.expressions))
        super().save(*args, **kwargs)  # type: ignore[arg-type]


class KnownWord(models.Model):
    """A word of titles, themes, organisations, places and equivalents; rebuilt at any time (see
    innovations/vocabulary.py). ``key`` is without accents, ``lexeme`` as the search compares it.
    """

    key = models.CharField(max_length=60, primary_key=True)
    word = models.CharField(max_length=60)
    lexeme = models.CharField(max_length=60, db_index=True)
    uses = models.PositiveIntegerField()

    class Meta:
        verbose_name = "mot connu"
        verbose_name_plural = "mots connus"
        indexes = [
            GinIndex(fields=["key"], opclasses=["gin_trgm_ops"], name="innovations_word_likeness")
        ]

    def __str__(self) -> str:
        return self.word


class KnownWords(models.Model):
    """When the vocabulary was made, and how many changes of rows it had seen; one row at most."""

    made_at = models.DateTimeField(auto_now=True)
    seen = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = "état du vocabulaire"
        verbose_name_plural = "états du vocabulaire"

    def __str__(self) -> str:
        return str(self.made_at)
