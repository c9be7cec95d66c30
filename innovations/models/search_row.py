"""The narrow, denormalised row that search, map, facets and API read."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from innovations.models.innovation import Innovation
from innovations.querysets import SearchRowQuerySet


class SearchRow(models.Model):
    """One row per published innovation; rebuilt from the rest at any time (see searchrows.py)."""

    innovation = models.OneToOneField(
        Innovation, on_delete=models.CASCADE, primary_key=True, related_name="search_row"
    )
    vector = SearchVectorField("texte indexé")
    term_ids = ArrayField(models.BigIntegerField(), default=list)
    territory_ids = ArrayField(models.BigIntegerField(), default=list)
    partner_slugs = ArrayField(models.CharField(max_length=120), default=list)
    nature = models.CharField(max_length=12, default="")
    maturity = models.CharField(max_length=16, default="")
    legal_form = models.CharField(max_length=24, default="")
    year = models.PositiveSmallIntegerField(null=True)
    longitude = models.FloatField(null=True)
    latitude = models.FloatField(null=True)
    tags = ArrayField(models.CharField(max_length=60), default=list)
    departement_id = models.BigIntegerField(null=True)
    is_open = models.BooleanField(default=True)
    published_at = models.DateTimeField()
    title_key = models.CharField(max_length=300)
    merit = models.FloatField(
        default=0,
        help_text="Complétude et fraîcheur : ce qui départage des fiches également pertinentes.",
    )

    objects: ClassVar[SearchRowQuerySet] = SearchRowQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "ligne de recherche"
        verbose_name_plural = "lignes de recherche"
        indexes = [
            GinIndex(fields=["vector"], name="innovations_search_vector"),
            GinIndex(fields=["term_ids"], name="innovations_search_terms"),
            GinIndex(fields=["territory_ids"], name="innovations_search_places"),
            GinIndex(fields=["partner_slugs"], name="innovations_search_partner"),
            GinIndex(fields=["tags"], name="innovations_search_tags"),
            models.Index(fields=["-merit", "-innovation"], name="innovations_search_merit"),
            models.Index(fields=["-published_at", "-innovation"], name="innovations_search_recent"),
            models.Index(fields=["title_key", "innovation"], name="innovations_search_title"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class SearchPlace(models.Model):
    """A place that a map can show: a point, or the centre of a territory; rebuilt with its row.

    Of a reference only the territories are kept, never the points of its sources. « Nationwide » is
    no place.
    """

    innovation = models.ForeignKey(Innovation, on_delete=models.CASCADE, related_name="+")
    longitude = models.FloatField()
    latitude = models.FloatField()
    location_id = models.BigIntegerField()

    class Meta:
        verbose_name = "lieu cherché"
        verbose_name_plural = "lieux cherchés"

    def __str__(self) -> str:
        return f"{self.longitude}, {self.latitude}"


class SearchExtra(models.Model):
    """What the apps above add to a row (« diffusion:reseaux »): they write it, then refresh."""

    innovation = models.OneToOneField(
        Innovation, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    tags = ArrayField(models.CharField(max_length=60), default=list)

    class Meta:
        verbose_name = "complément de recherche"
        verbose_name_plural = "compléments de recherche"

    def __str__(self) -> str:
        return " ".join(self.tags)
