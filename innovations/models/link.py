"""The addresses that public records give, and whether they answer."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import MD5
from django.utils import timezone

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
