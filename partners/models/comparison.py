"""What record linkage keeps for itself: narrow rows to compare, words counted, its passes."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from partners.models.record import SourceRecord


class ComparedRecord(models.Model):
    """One per record of a public innovation: all that comparing it reads (made anew with it).

    ``packed`` is a row of partners.consolidation.features.PACKED, ``keys`` what it is looked up by.
    """

    record = models.OneToOneField(
        SourceRecord,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="+",
        verbose_name="fiche source",
    )
    title = models.CharField("mots du titre", max_length=120, blank=True)
    core = models.CharField("mots du nom", max_length=120, blank=True)
    porteur = models.CharField("mots du porteur", max_length=120, blank=True)
    packed = models.BinaryField("traits")
    keys: "ArrayField[Any, Any]" = ArrayField(models.BigIntegerField(), verbose_name="clés")
    made_from = models.DateTimeField("de la fiche changée le")
    version = models.PositiveSmallIntegerField("version")

    class Meta:
        verbose_name = "fiche comparée"
        verbose_name_plural = "fiches comparées"
        indexes = [GinIndex(fields=["keys"], name="partners_compared_keys")]

    def __str__(self) -> str:
        return self.title


class WordFrequency(models.Model):
    """How many compared records hold a word or a web site (by its hash); key 0 counts them all."""

    key = models.BigIntegerField("mot", primary_key=True)
    count = models.IntegerField("fiches")

    class Meta:
        verbose_name = "fréquence d’un mot"
        verbose_name_plural = "fréquences des mots"

    def __str__(self) -> str:
        return f"{self.key} : {self.count}"


class LinkagePass(models.Model):
    """One comparison of what changed, or of everything; unfinished, the next one does it again."""

    is_full = models.BooleanField("de toutes les fiches", default=False)
    started_at = models.DateTimeField("commencée le", auto_now_add=True)
    finished_at = models.DateTimeField("finie le", null=True, blank=True)
    records = models.PositiveIntegerField("fiches comparées", default=0)
    kept = models.PositiveIntegerField("paires gardées", default=0)
    linked = models.PositiveIntegerField("paires liées", default=0)

    class Meta:
        verbose_name = "passage du rapprochement"
        verbose_name_plural = "passages du rapprochement"
        ordering: ClassVar[list[Any]] = ["-started_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.started_at:%d/%m/%Y %H:%M}"
