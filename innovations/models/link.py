"""The addresses that public records give, and whether they answer."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import MD5
from django.utils import timezone

from innovations.models.innovation import Innovation
from innovations.querysets import LinkQuerySet


class LinkState(models.TextChoices):
    WAITING = "a-verifier", "À vérifier"
    ALIVE = "repond", "Répond"
    MOVED = "deplace", "A changé d’adresse"
    FAILING = "en-echec", "Ne répond pas, à confirmer"
    DEAD = "mort", "Inaccessible"
    UNSURE = "non-verifiable", "Ne peut être vérifié"


class Link(models.Model):
    """One address, whatever number of records give it. ``moved_to``: where it is for good now."""

    url = models.CharField("adresse", max_length=1000)
    host = models.CharField("site", max_length=255)
    state = models.CharField("état", max_length=14, choices=LinkState, default=LinkState.WAITING)
    message = models.CharField("ce qui a été constaté", max_length=300, blank=True)
    moved_to = models.CharField("nouvelle adresse", max_length=1000, blank=True)
    failures = models.PositiveSmallIntegerField("échecs de suite", default=0)
    failing_since = models.DateTimeField("en échec depuis", null=True, blank=True)
    checked_at = models.DateTimeField("vérifiée le", null=True, blank=True)
    next_check_at = models.DateTimeField("prochaine vérification", default=timezone.now)

    objects: ClassVar[LinkQuerySet] = LinkQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "lien"
        verbose_name_plural = "liens"
        ordering = ["pk"]
        constraints = [
            # Addresses may be longer than an index entry: their digest is what is unique.
            models.UniqueConstraint(MD5("url"), name="innovations_link_unique"),
        ]
        indexes = [
            models.Index(fields=["next_check_at"], name="innovations_link_next"),
            models.Index(fields=["state", "failing_since"], name="innovations_link_state"),
        ]

    def __str__(self) -> str:
        return self.url

    @property
    def is_dead(self) -> bool:
        return self.state == LinkState.DEAD


class LinkRole(models.TextChoices):
    WEBSITE = "site", "Site web du projet"
    SOURCE = "source", "Page chez le partenaire"
    DOCUMENT = "document", "Document cité"


class LinkUse(models.Model):
    """A public record that gives the address. ``partner_slug``: whose page it is, for a source."""

    link = models.ForeignKey(Link, on_delete=models.CASCADE, related_name="uses")
    innovation = models.ForeignKey(Innovation, on_delete=models.CASCADE, related_name="link_uses")
    role = models.CharField("rôle", max_length=10, choices=LinkRole)
    partner_slug = models.SlugField("partenaire", max_length=120, blank=True)

    class Meta:
        verbose_name = "emploi d’un lien"
        verbose_name_plural = "emplois des liens"
        constraints = [
            models.UniqueConstraint(
                fields=["link", "innovation", "role", "partner_slug"],
                name="innovations_linkuse_unique",
            )
        ]

    def __str__(self) -> str:
        return f"{self.innovation_id} · {self.link_id}"
