"""The public innovation: what composition made of partners' records and staff's edits."""

import datetime
from typing import TYPE_CHECKING, ClassVar

import pghistory
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse

from innovations.models.organisation import Organisation
from innovations.models.taxonomy import Term
from innovations.querysets import InnovationQuerySet

if TYPE_CHECKING:
    from innovations.models.location import Location


class Nature(models.TextChoices):
    SOCIALE = "sociale", "Innovation sociale"
    PUBLIQUE = "publique", "Innovation publique"
    TERRITORIALE = "territoriale", "Innovation territoriale"


class Maturity(models.TextChoices):
    IDEE = "idee", "Idée"
    EXPERIMENTATION = "experimentation", "Expérimentation"
    DEPLOYEE = "deployee", "Déployée"
    ESSAIMEE = "essaimee", "Essaimée"
    GENERALISEE = "generalisee", "Généralisée"
    ARRETEE = "arretee", "Arrêtée"
    INABOUTIE = "inaboutie", "Expérience inaboutie"


class Reach(models.TextChoices):
    COMMUNE = "commune", "Communale"
    EPCI = "epci", "Intercommunale"
    DEPARTEMENT = "departement", "Départementale"
    REGION = "region", "Régionale"
    NATIONAL = "pays", "Nationale"


class Status(models.TextChoices):
    PUBLISHED = "publiee", "Publiée"
    IN_REVIEW = "a-relire", "À relire"
    TO_COMPLETE = "a-completer", "À compléter"
    UNPUBLISHED = "depubliee", "Dépubliée par l’équipe"
    SENT_BACK = "renvoyee", "Renvoyée au partenaire"
    WITHDRAWN = "retiree", "Retirée par ses sources"
    MERGED = "reunie", "Réunie à une autre fiche"


@pghistory.track(exclude=["composed_at", "alternatives"])
class Innovation(models.Model):
    slug = models.SlugField("adresse", max_length=120, unique=True)
    status = models.CharField("état", max_length=12, choices=Status, default=Status.IN_REVIEW)
    title = models.CharField("titre", max_length=300)
    title_key = models.CharField(max_length=300, editable=False, default="")
    nature = models.CharField("nature", max_length=12, choices=Nature, blank=True, default="")
    summary = models.TextField("résumé", blank=True)
    description = models.TextField("description (HTML assaini)", blank=True)
    organisation = models.ForeignKey(
        Organisation,
        # An organisation cited by a record is merged, never deleted under it.
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="innovations",
        verbose_name="structure porteuse",
    )
    started_year = models.PositiveSmallIntegerField(
        "année de démarrage",
        null=True,
        blank=True,
        validators=[MinValueValidator(1800), MaxValueValidator(2100)],
    )
    website = models.URLField("site web", max_length=500, blank=True)
    maturity = models.CharField("maturité", max_length=16, choices=Maturity, blank=True, default="")
    reach = models.CharField("portée", max_length=12, choices=Reach, blank=True, default="")
    is_commun = models.BooleanField("commun", null=True, blank=True)
    commun_governance = models.TextField("gouvernance du commun", blank=True)
    commun_licence = models.CharField("licence du commun", max_length=120, blank=True)
    terms = models.ManyToManyField(
        Term, related_name="innovations", blank=True, verbose_name="thèmes, publics et méthodes"
    )
    is_reference = models.BooleanField(
        "simple référence",
        default=False,
        help_text="Aucune source sous licence ouverte : court extrait et lien, hors exports.",
    )
    origins = models.JSONField(
        "origine de chaque champ",
        default=dict,
        editable=False,
        help_text="Champ → « staff » ou numéro de la fiche source.",
    )
    alternatives = models.JSONField(
        "ce que d’autres sources disent",
        default=dict,
        editable=False,
        help_text="Champ → liste de {record, value}, quand des sources diffèrent.",
    )
    merged_into = models.ForeignKey(
        # What must go, by the right to object, goes with all that led to it.
        "self",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        editable=False,
        related_name="merged",
        verbose_name="réunie à",
    )
    created_at = models.DateTimeField("créée le", auto_now_add=True)
    published_at = models.DateTimeField("publiée le", null=True, blank=True, db_index=True)
    updated_at = models.DateTimeField("modifiée le", auto_now=True)
    composed_at = models.DateTimeField("recomposée le", null=True, editable=False)

    objects: ClassVar[InnovationQuerySet] = InnovationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "innovation"
        verbose_name_plural = "innovations"
        ordering = ["-published_at", "-pk"]
        indexes = [models.Index(fields=["status", "-published_at", "-id"])]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(started_year__isnull=True)
                | models.Q(started_year__range=(1800, 2100)),
                name="innovations_year_plausible",
                violation_error_message=(
                    "L’année de démarrage doit être comprise entre 1800 et 2100."
                ),
            ),
            models.CheckConstraint(
                condition=~models.Q(status="publiee")
                | (models.Q(published_at__isnull=False) & ~models.Q(title="")),
                name="innovations_published_has_title",
                violation_error_message="Une fiche publiée a un titre et une date de publication.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("innovations:detail", kwargs={"slug": self.slug})

    @property
    def is_public(self) -> bool:
        return self.status == Status.PUBLISHED

    @property
    def shown_locations(self) -> list["Location"]:
        """The places the public sees: of a reference, the territories that the look-up gave."""
        places = self.locations.all()
        return [p for p in places if p.territory_id or not self.is_reference]

    @property
    def is_recent(self) -> bool:
        """Published within the last thirty days."""
        if self.published_at is None:
            return False
        age = datetime.datetime.now(tz=datetime.UTC) - self.published_at
        return age < datetime.timedelta(days=30)
