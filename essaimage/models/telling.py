"""What one side wrote of a replication, read by staff before the public reads it."""

from typing import Any, ClassVar

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q

from essaimage.models.machines import machine
from essaimage.models.replication import Replication, ReplicationStep
from essaimage.models.words import Side
from essaimage.querysets import TellingQuerySet


class TellingState(models.TextChoices):
    WAITING = "a-relire", "À relire"
    ACCEPTED = "retenu", "Retenu"
    SET_ASIDE = "ecarte", "Écarté"


T = TellingState


@pghistory.track()
class Telling(models.Model):
    """The account that a side gives, or why it changed the state (``step``).

    ``values``: of an account, field of the replication → text or code, « note » → text, and
    « public_actors » → list of {name, roles, actions, detail}; of a step, « reason » → text. One
    side has at most one account that waits, what it adds joins it, and one reason for each step.
    ``replaced``: of one that is accepted, what its values took the place of.
    """

    replication = models.ForeignKey(Replication, on_delete=models.CASCADE, related_name="tellings")
    step = models.ForeignKey(
        ReplicationStep,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="tellings",
        verbose_name="étape dont c’est le motif",
    )
    side = models.CharField("côté", max_length=12, choices=Side)
    values = models.JSONField("ce qui est écrit", default=dict)
    replaced = models.JSONField("ce que cela remplace", default=dict, blank=True)
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

    told_at = models.DateTimeField(
        "mise à l’écart annoncée le",
        null=True,
        blank=True,
        help_text="Le courriel à qui l’a écrit, quand son adresse est connue.",
    )

    objects: ClassVar[TellingQuerySet] = TellingQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "texte proposé par un côté"
        verbose_name_plural = "textes proposés par un côté"
        ordering = ["created_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["replication", "side"],
                condition=Q(state=T.WAITING, step=None),
                name="essaimage_telling_one_waits",
                violation_error_message="Un texte de ce côté attend déjà d’être relu.",
            ),
            models.UniqueConstraint(
                fields=["step", "side"],
                condition=Q(state=T.WAITING, step__isnull=False),
                name="essaimage_telling_one_reason",
                violation_error_message="Un motif de cette étape attend déjà d’être relu.",
            ),
        ]
        triggers = [
            machine(
                "essaimage_telling_states",
                "state",
                {
                    T.WAITING: (T.ACCEPTED, T.SET_ASIDE),
                    # A decision is taken back.
                    T.ACCEPTED: (T.WAITING,),
                    T.SET_ASIDE: (T.WAITING,),
                },
            )
        ]

    def __str__(self) -> str:
        return f"{self.replication} · {self.get_side_display()}"

    @property
    def actors(self) -> list[dict[str, Any]]:
        return list(self.values.get("public_actors", []))

    @property
    def reason(self) -> str:
        return str(self.values.get("reason", ""))
