"""A source: one place where a partner keeps records, how to read it, and what to do with it."""

import datetime
from typing import ClassVar

import pghistory
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone

from innovations.licences import Licence
from partners.models.partner import Partner
from partners.models.record import RecordType
from partners.querysets import SourceQuerySet


class Frequency(models.TextChoices):
    MANUAL = "manuelle", "À la demande"
    HOURLY = "horaire", "Toutes les heures"
    DAILY = "quotidienne", "Chaque jour"
    WEEKLY = "hebdomadaire", "Chaque semaine"
    MONTHLY = "mensuelle", "Chaque mois"

    @property
    def interval(self) -> datetime.timedelta | None:
        return {
            Frequency.HOURLY: datetime.timedelta(hours=1),
            Frequency.DAILY: datetime.timedelta(days=1),
            Frequency.WEEKLY: datetime.timedelta(weeks=1),
            Frequency.MONTHLY: datetime.timedelta(days=30),
        }.get(self)


@pghistory.track(exclude=["next_run_at", "failures"])
class Source(models.Model):
    partner = models.ForeignKey(
        Partner,
        # A partner with sources is paused, never deleted.
        on_delete=models.PROTECT,
        related_name="sources",
        verbose_name="partenaire",
    )
    name = models.CharField("nom", max_length=200)
    slug = models.SlugField("identifiant", max_length=120, unique=True)
    connector = models.CharField("connecteur", max_length=30)
    url = models.URLField("adresse à moissonner", max_length=1000)
    options = models.JSONField("options du connecteur", default=dict, blank=True)
    mapping = models.JSONField("correspondance des champs", default=list, blank=True)
    record_type = models.CharField(
        "ce que sont ses fiches", max_length=16, choices=RecordType, default=RecordType.INNOVATION
    )
    licence = models.CharField("licence", max_length=16, choices=Licence, default=Licence.UNKNOWN)
    publishes_directly = models.BooleanField(
        "publie directement",
        default=True,
        help_text="Le partenaire répond de ses projets ; sinon chaque fiche attend une relecture.",
    )
    frequency = models.CharField(
        "fréquence", max_length=16, choices=Frequency, default=Frequency.WEEKLY
    )
    is_active = models.BooleanField("active", default=True)
    next_run_at = models.DateTimeField("prochain moissonnage", null=True, blank=True)
    withdraw_after_days = models.PositiveSmallIntegerField(
        "retrait après (jours)",
        default=7,
        help_text="Délai avant de retirer une fiche qui a disparu de la source.",
    )
    priority = models.SmallIntegerField(
        "priorité",
        default=0,
        help_text="La plus grande l’emporte quand deux partenaires diffèrent.",
    )
    field_priorities = models.JSONField(
        "priorité par champ",
        default=dict,
        blank=True,
        help_text="Champ → priorité, à la place de la priorité de la source.",
    )
    mapping_number = models.PositiveIntegerField(
        "version de la correspondance", default=0, editable=False
    )
    expected_at_least = models.PositiveIntegerField("au moins (fiches)", null=True, blank=True)
    expected_at_most = models.PositiveIntegerField("au plus (fiches)", null=True, blank=True)
    mandatory = models.JSONField(
        "champs obligatoires",
        default=list,
        blank=True,
        help_text="Champs sans lesquels une fiche est refusée, en plus du titre.",
    )
    largest_loss = models.PositiveSmallIntegerField(
        "perte admise (%)",
        default=30,
        validators=[MaxValueValidator(100)],
        help_text="Au-delà, les retraits attendent une décision de l’équipe.",
    )
    sample = models.JSONField(
        "échantillon de référence",
        default=dict,
        blank=True,
        editable=False,
        help_text="Ce que la source donnait quand elle a été réglée : {taken_at, rows, fills}.",
    )
    full_reading_days = models.PositiveSmallIntegerField(
        "lecture entière tous les (jours)",
        default=7,
        help_text="Entre deux, seules les nouveautés sont demandées si la source le permet.",
    )
    failures = models.PositiveSmallIntegerField("échecs de suite", default=0, editable=False)
    held_back = models.JSONField(
        "retraits en attente d’une décision",
        default=dict,
        blank=True,
        editable=False,
        help_text="{run, missing, total, at} ; vide quand rien n’attend.",
    )
    created_at = models.DateTimeField("créée le", auto_now_add=True)

    objects: ClassVar[SourceQuerySet] = SourceQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "source"
        verbose_name_plural = "sources"
        ordering = ["partner__name", "name", "pk"]
        permissions = [("run_source", "Peut lancer un moissonnage")]
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "name"],
                name="partners_source_name_unique",
                violation_error_message="Ce partenaire a déjà une source de ce nom.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_harvested(self) -> bool:
        """Not the projects that porteurs propose: they arrive by a form."""
        return self.connector != "proposals"

    def clean(self) -> None:
        """A partner that the collective has not admitted is read on demand, and read over."""
        if self.partner.is_admitted:
            return
        who = f"Le collectif n’a pas (encore) admis {self.partner} :"
        faults = {}
        if self.publishes_directly:
            faults["publishes_directly"] = f"{who} ses fiches attendent une relecture."
        if self.frequency != Frequency.MANUAL:
            faults["frequency"] = f"{who} sa source se moissonne à la demande."
        if faults:
            raise ValidationError(faults)

    def schedule_next(self) -> None:
        """Set ``next_run_at`` from the frequency (None when on demand, or when the partner is not
        admitted); does not save."""
        interval = Frequency(self.frequency).interval
        is_planned = interval and self.is_active and self.partner.is_admitted
        self.next_run_at = timezone.now() + interval if interval and is_planned else None
