"""A public actor in a replication: its roles, and what it does concretely (study, ≈ p. 26)."""

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models

from essaimage.models.replication import Replication
from essaimage.models.words import PublicAction, PublicRole, roles_held
from innovations.models import Organisation


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class PublicActor(models.Model):
    replication = models.ForeignKey(
        Replication, on_delete=models.CASCADE, related_name="public_actors"
    )
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="organisation connue",
    )
    name = models.CharField("acteur public", max_length=200)
    roles = ArrayField(
        models.CharField(max_length=16, choices=PublicRole),
        verbose_name="rôles",
        default=list,
        blank=True,
    )
    actions = ArrayField(
        models.CharField(max_length=32, choices=PublicAction),
        verbose_name="ce qu’il fait",
        default=list,
        blank=True,
    )
    detail = models.TextField("en clair", blank=True)

    class Meta:
        verbose_name = "acteur public"
        verbose_name_plural = "acteurs publics"
        ordering = ["replication", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["replication", "name"],
                name="essaimage_public_actor_unique",
                violation_error_message="Cet acteur public est déjà inscrit.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def all_roles(self) -> list[PublicRole]:
        """The roles said, and those that its actions imply, in the study's order."""
        return list(roles_held(tuple(self.roles), tuple(self.actions)))
