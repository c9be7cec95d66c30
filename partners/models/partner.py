"""A partner platform, and the people who belong to it."""

from typing import ClassVar

import pghistory
from django.conf import settings
from django.db import models
from django.urls import reverse

from innovations.licences import Licence
from partners.querysets import PartnerQuerySet


class PartnerKind(models.TextChoices):
    INSTITUTIONNEL = "institutionnel", "Institutionnel"
    ASSOCIATIF = "associatif", "Associatif"
    FONDATION = "fondation", "Fondation"
    MEDIA = "media", "Média"
    AUTRE = "autre", "Autre"


class PartnerStep(models.TextChoices):
    CONTACT = "contact", "En contact"
    REFUSED = "refuse", "Non admis par le collectif"
    ADMITTED = "admis", "Admis par le collectif"
    CHARTER = "charte", "Charte signée"
    SOURCE = "source", "Source en réglage"
    LIVE = "en-ligne", "En ligne"
    PAUSED = "en-pause", "En pause"
    LEFT = "parti", "Parti"


# Not admitted: nothing of theirs is read on a schedule, nor published unread.
OUTSIDE = frozenset({PartnerStep.CONTACT, PartnerStep.REFUSED, PartnerStep.LEFT})


@pghistory.track(exclude=["logo"])
class Partner(models.Model):
    name = models.CharField("nom", max_length=200)
    slug = models.SlugField("adresse", max_length=120, unique=True)
    kind = models.CharField("nature", max_length=16, choices=PartnerKind)
    description = models.TextField("présentation", blank=True)
    website = models.URLField("site web", max_length=500)
    contact_email = models.EmailField(
        "adresse de contact", blank=True, help_text="Jamais publiée ni exportée."
    )
    step = models.CharField(
        "étape", max_length=12, choices=PartnerStep, default=PartnerStep.CONTACT, editable=False
    )
    charter_signed_on = models.DateField("charte signée le", null=True, blank=True)
    charter_accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="charte acceptée par",
    )
    licence = models.CharField(
        "licence de ses fiches",
        max_length=16,
        choices=Licence,
        default=Licence.UNKNOWN,
        help_text="Proposée à chaque nouvelle source.",
    )
    logo = models.BinaryField("logo (WebP)", null=True, blank=True, editable=False)
    logo_digest = models.CharField("empreinte du logo", max_length=64, blank=True, editable=False)
    is_active = models.BooleanField("actif", default=True)
    created_at = models.DateTimeField("créé le", auto_now_add=True)

    objects: ClassVar[PartnerQuerySet] = PartnerQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "partenaire"
        verbose_name_plural = "partenaires"
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                name="partners_partner_name_unique",
                violation_error_message="Un partenaire porte déjà ce nom.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("partners:detail", kwargs={"slug": self.slug})

    @property
    def is_admitted(self) -> bool:
        """By the collective: its sources may be scheduled, and publish directly."""
        return self.step not in OUTSIDE


class Membership(models.Model):
    """A user who acts for a partner; gives rights over that partner's objects only."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="memberships",
        verbose_name="compte",
    )
    partner = models.ForeignKey(
        Partner, on_delete=models.CASCADE, related_name="memberships", verbose_name="partenaire"
    )

    class Meta:
        verbose_name = "rattachement"
        verbose_name_plural = "rattachements"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "partner"],
                name="partners_membership_unique",
                violation_error_message="Ce compte est déjà rattaché à ce partenaire.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} – {self.partner}"
