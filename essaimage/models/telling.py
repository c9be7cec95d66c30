"""What one side wrote of a replication, read by staff before the public reads it."""

from typing import Any, ClassVar

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q

from essaimage.models.machines import machine
from essaimage.models.replication import Replication
from essaimage.models.words import Side
from essaimage.querysets import TellingQuerySet


class TellingState(models.TextChoices):
    WAITING = "a-relire", "À relire"
    ACCEPTED = "retenu", "Retenu"
    SET_ASIDE = "ecarte", "Écarté"


T = TellingState


@pghistory.track()
class Telling(models.Model):
    """``values``: field of the replication → text or code, and « public_actors » → list of {name,
    roles, actions, detail}, « reasons » → list of {step, state, text}. One side has at most one
    that waits: what it adds joins it."""

    replication = models.ForeignKey(Replication, on_delete=models.CASCADE, related_name="tellings")
    side = models.CharField("côté", max_length=12, choices=Side)
    values = models.JSONField("ce qui est écrit", default=dict)
    state = models.CharField("état", max_length=12, choices=T, default=T.WAITING)
    answer = models.TextField("réponse", blank=True)
    created_at = models.DateTimeField("reçu le", auto_now_add=True)
    decided_at = models.DateTimeField("décidé le", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="décidé par",
    )

    objects: ClassVar[TellingQuerySet] = TellingQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "texte proposé par un côté"
        verbose_name_plural = "textes proposés par un côté"
        ordering = ["created_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["replication", "side"],
                condition=Q(state=T.WAITING),
                name="essaimage_telling_one_waits",
                violation_error_message="Un texte de ce côté attend déjà d’être relu.",
            )
        ]
        triggers = [
            machine("essaimage_telling_states", "state", {T.WAITING: (T.ACCEPTED, T.SET_ASIDE)})
        ]

    def __str__(self) -> str:
        return f"{self.replication} · {self.get_side_display()}"

    @property
    def actors(self) -> list[dict[str, Any]]:
        return list(self.values.get("public_actors", []))

    @property
    def reasons(self) -> list[dict[str, Any]]:
        return list(self.values.get("reasons", []))
