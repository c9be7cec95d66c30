"""What a partner gave: one source record per project, its raw rows kept; and what was refused."""

from typing import ClassVar

import pghistory
from django.db import models

from innovations.licences import Licence
from innovations.models import Innovation
from partners.querysets import SourceRecordQuerySet


class RecordType(models.TextChoices):
    INNOVATION = "innovation", "Innovation"
    ACTOR = "acteur", "Acteur ou lieu"
    CALL = "appel", "Appel à projets"
    OTHER = "autre", "Autre"
    # Not public until a partner vouches for it: see partners.proposals.
    PROPOSAL = "proposition", "Projet proposé, sans répondant"


class RecordState(models.TextChoices):
    COMPLETE = "complete", "Complète"
    TO_COMPLETE = "a-completer", "À compléter"
    WITHDRAWN = "retiree", "Disparue de la source"


@pghistory.track(exclude=["seen_at", "missing_since", "page_key", "likeness"])
class SourceRecord(models.Model):
    """One per source and project; several raw rows when the partner writes one per place."""

    source = models.ForeignKey(
        "partners.Source",
        on_delete=models.PROTECT,
        related_name="records",
        verbose_name="source",
    )
    external_id = models.CharField("identifiant chez le partenaire", max_length=500)
    url = models.URLField("page chez le partenaire", max_length=1000, blank=True)
    record_type = models.CharField("nature", max_length=16, choices=RecordType)
    state = models.CharField("état", max_length=12, choices=RecordState)
    raw = models.JSONField("lignes brutes", help_text="Liste des lignes telles que reçues.")
    fingerprint = models.CharField(
        "empreinte", max_length=64, help_text="SHA-256 des lignes brutes et de la correspondance."
    )
    values = models.JSONField("valeurs après correspondance", default=dict)
    sites = models.JSONField("lieux", default=list)
    problems = models.JSONField("remarques", default=list, blank=True)
    licence = models.CharField("licence", max_length=16, choices=Licence)
    innovation = models.ForeignKey(
        Innovation,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="source_records",
        verbose_name="innovation",
    )
    is_site = models.BooleanField(
        "un lieu de l’innovation",
        default=False,
        editable=False,
        help_text="Elle ne donne que son lieu : le récit vient des autres fiches.",
    )
    page = models.CharField(
        "page dite par le connecteur", max_length=1000, blank=True, editable=False
    )
    page_key = models.CharField(
        "adresse normalisée",
        max_length=1000,
        blank=True,
        editable=False,
        help_text="Sans schéma, « www », barre finale ni paramètres de suivi.",
    )
    likeness = models.CharField(
        "empreinte du contenu",
        max_length=64,
        blank=True,
        editable=False,
        help_text="De ce que dit la fiche, sans son identifiant ni son adresse.",
    )
    dated_at = models.DateTimeField("datée par la source du", null=True, blank=True)
    first_seen_at = models.DateTimeField("vue la première fois le", auto_now_add=True)
    changed_at = models.DateTimeField("changée le")
    seen_at = models.DateTimeField("vue le")
    missing_since = models.DateTimeField("absente depuis", null=True, blank=True)

    objects: ClassVar[SourceRecordQuerySet] = SourceRecordQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "fiche source"
        verbose_name_plural = "fiches sources"
        ordering = ["-changed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_id"],
                name="partners_record_unique",
                violation_error_message="Cette source a déjà une fiche portant cet identifiant.",
            )
        ]
        indexes = [models.Index(fields=["source", "state"])]

    def __str__(self) -> str:
        return str(self.values.get("title") or self.external_id)


class RejectedRow(models.Model):
    """A row that could not become a record: kept with its reason until the partner mends it."""

    source = models.ForeignKey(
        "partners.Source", on_delete=models.CASCADE, related_name="rejected_rows"
    )
    run = models.ForeignKey(
        "partners.Run", on_delete=models.SET_NULL, null=True, related_name="rejected_rows"
    )
    fingerprint = models.CharField(max_length=64)
    position = models.CharField("où", max_length=200, help_text="Ligne, page ou rang.")
    external_id = models.CharField("identifiant", max_length=500, blank=True)
    raw = models.JSONField("ligne brute")
    page = models.CharField(
        "page dite par le connecteur", max_length=1000, blank=True, editable=False
    )
    errors = models.JSONField("motifs", help_text="Liste de {field, code, message}.")
    first_seen_at = models.DateTimeField("vue la première fois le", auto_now_add=True)
    seen_at = models.DateTimeField("vue le", auto_now=True)

    class Meta:
        verbose_name = "ligne refusée"
        verbose_name_plural = "lignes refusées"
        ordering = ["source", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "fingerprint"], name="partners_rejected_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.source} · {self.position}"
