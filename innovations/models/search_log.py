"""What visitors look for, without the visitors: counted by day, settled by staff as work."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class SearchKind(models.TextChoices):
    ALL = "toutes", "Toutes les recherches"
    TEXT = "texte", "Texte"
    PLACE = "lieu", "Lieu"
    TEXT_PLACE = "texte-lieu", "Texte et lieu"
    FACET = "facette", "Filtre"


class SearchCount(models.Model):
    """How many visitors asked this on that day: never fewer than the threshold, nothing of them.

    ``value`` is what is compared (« garde d enfants », « region-53 », « theme:sante »), ``label``
    what is shown; ``total`` how many records held all the words, for texts.
    """

    day = models.DateField("jour")
    kind = models.CharField("sorte", max_length=10, choices=SearchKind)
    value = models.CharField("valeur", max_length=200)
    label = models.CharField("libellé", max_length=250, blank=True)
    visitors = models.PositiveIntegerField("visiteurs")
    total = models.PositiveIntegerField("fiches trouvées", null=True)

    class Meta:
        verbose_name = "recherches d’un jour"
        verbose_name_plural = "recherches par jour"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "value", "day"], name="innovations_searchcount_unique"
            )
        ]
        indexes = [models.Index(fields=["kind", "day"], name="innovations_searchcount_day")]

    def __str__(self) -> str:
        return f"{self.label or self.value} ({self.day:%d/%m/%Y}) : {self.visitors}"


class SearchOutcome(models.TextChoices):
    SYNONYM = "synonyme", "Synonyme à ajouter"
    TAXONOMY = "taxonomie", "Terme à ajouter à la taxonomie"
    MISSING = "innovation-manquante", "Innovation manquante"
    NEED = "besoin", "Besoin à faire connaître"
    NOTHING = "sans-suite", "Sans suite"
    REOPENED = "a-traiter", "À traiter de nouveau"


class SearchDecision(models.Model):
    """What the team made of a search; the last one counts, the others are its history."""

    value = models.CharField("texte", max_length=200, db_index=True)
    outcome = models.CharField("suite donnée", max_length=24, choices=SearchOutcome)
    note = models.TextField("note", blank=True, max_length=1000)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name="auteur",
    )
    at = models.DateTimeField("le", db_default=Now())

    class Meta:
        verbose_name = "suite donnée à une recherche"
        verbose_name_plural = "suites données aux recherches"

    def __str__(self) -> str:
        return f"{self.value} : {self.get_outcome_display()}"
