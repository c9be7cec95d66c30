"""Organisations: structures porteuses, support bodies, collectivités, partners of a project."""

from typing import ClassVar

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.urls import reverse

from carrefour.text import key
from innovations.querysets import OrganisationQuerySet


class LegalForm(models.TextChoices):
    ASSOCIATION = "association", "Association"
    COOPERATIVE = "cooperative", "Coopérative (Scic, Scop…)"
    MUTUELLE = "mutuelle", "Mutuelle"
    FONDATION = "fondation", "Fondation"
    SOCIETE = "societe", "Société commerciale (dont Esus)"
    COLLECTIF = "collectif", "Collectif"
    COLLECTIVITE = "collectivite", "Collectivité ou groupement"
    CCAS = "ccas", "CCAS ou CIAS"
    ETABLISSEMENT = "etablissement-public", "Établissement public"
    ETAT = "etat", "État"


class OrganisationRole(models.TextChoices):
    PORTEUR = "porteur", "Structure porteuse"
    ACCOMPAGNATEUR = "accompagnateur", "Accompagnateur"
    COLLECTIVITE = "collectivite", "Collectivité menant une stratégie de soutien"
    PARTENAIRE = "partenaire", "Partenaire"
    FINANCEUR = "financeur", "Financeur"


@pghistory.track()
class Organisation(models.Model):
    name = models.CharField("nom", max_length=250)
    name_key = models.CharField(max_length=250, editable=False)
    slug = models.SlugField("adresse", max_length=120, unique=True)
    legal_form = models.CharField(
        "forme juridique", max_length=24, choices=LegalForm, blank=True, default=""
    )
    roles = ArrayField(
        models.CharField(max_length=20, choices=OrganisationRole),
        verbose_name="rôles",
        default=list,
        blank=True,
    )
    kind = models.CharField(
        "nature",
        max_length=120,
        blank=True,
        help_text="Tel que la source la nomme : pépinière, incubateur…",
    )
    description = models.TextField("présentation", blank=True)
    website = models.URLField("site web", max_length=500, blank=True)
    territory = models.ForeignKey(
        "territories.Territory",
        # A territory is never deleted, only made inactive.
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="organisations",
        verbose_name="territoire",
    )

    objects: ClassVar[OrganisationQuerySet] = OrganisationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "organisation"
        verbose_name_plural = "organisations"
        ordering = ["name_key", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["name_key"],
                name="innovations_organisation_unique",
                violation_error_message="Une organisation porte déjà ce nom.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: object, **kwargs: object) -> None:
        self.name_key = key(self.name)
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    def get_absolute_url(self) -> str:
        return reverse("innovations:organisation", kwargs={"slug": self.slug})
