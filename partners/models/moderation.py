"""What staff decide of public records, what partners say of it, and works that follow a setting."""

from typing import ClassVar

import pghistory
from django.conf import settings
from django.db import models

from carrefour.undoable import Undoable
from innovations.models import BulkAction, Innovation
from partners.models.record import SourceRecord
from partners.querysets import ModerationQuerySet, RemarkQuerySet


class Decision(models.TextChoices):
    PUBLISH = "publier", "Publiée"
    SEND_BACK = "renvoyer", "Renvoyée au partenaire"
    UNPUBLISH = "depublier", "Dépubliée"


class Motive(models.TextChoices):
    """Never merit: the partner vouches for it."""

    FORM = "forme", "Forme : illisible, vide ou mal rangée"
    LEGALITY = "legalite", "Légalité : propos ou contenu contraire à la loi, droits d’un tiers"
    PERSONAL = "personnelles", "Données personnelles : coordonnées ou faits sur une personne"
    DUPLICATE = "doublon", "Doublon : le même projet a déjà une fiche"


@pghistory.track()
class Moderation(Undoable):
    """A decision on a public record; the latest that nobody undid is the one that holds."""

    innovation = models.ForeignKey(
        Innovation, on_delete=models.CASCADE, related_name="moderations", verbose_name="innovation"
    )
    decision = models.CharField("décision", max_length=12, choices=Decision)
    motive = models.CharField("motif", max_length=16, choices=Motive, blank=True, default="")
    text = models.TextField("précision", blank=True)
    action = models.ForeignKey(
        BulkAction,
        on_delete=models.SET_NULL,
        null=True,
        related_name="moderations",
        verbose_name="geste",
    )

    objects: ClassVar[ModerationQuerySet] = ModerationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta(Undoable.Meta):
        verbose_name = "décision de relecture"
        verbose_name_plural = "décisions de relecture"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.innovation_id} · {self.get_decision_display()}"


@pghistory.track()
class Remark(models.Model):
    """What a member of a partner says of its own record's merge: « ce n’est pas la même »."""

    record = models.ForeignKey(
        SourceRecord, on_delete=models.CASCADE, related_name="remarks", verbose_name="fiche source"
    )
    text = models.TextField("ce qui est dit", max_length=2000)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name="auteur",
    )
    created_at = models.DateTimeField("dite le", auto_now_add=True)
    settled_at = models.DateTimeField("traitée le", null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="traitée par",
    )

    objects: ClassVar[RemarkQuerySet] = RemarkQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "remarque d’un partenaire"
        verbose_name_plural = "remarques de partenaires"
        ordering = ["created_at", "pk"]
        indexes = [
            models.Index(
                fields=["created_at", "id"],
                condition=models.Q(settled_at__isnull=True),
                name="partners_remark_waiting",
            )
        ]

    def __str__(self) -> str:
        return self.text


class Recomposition(models.Model):
    """The public records of a source composed again after a change of its priorities."""

    source = models.ForeignKey(
        "partners.Source", on_delete=models.CASCADE, related_name="recompositions"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    total = models.PositiveIntegerField("fiches à recomposer", default=0)
    done = models.PositiveIntegerField("fiches recomposées", default=0)
    created_at = models.DateTimeField("demandée le", auto_now_add=True)
    ended_at = models.DateTimeField("finie le", null=True, blank=True)
    message = models.CharField("ce qui s’est passé", max_length=300, blank=True)

    class Meta:
        verbose_name = "recomposition"
        verbose_name_plural = "recompositions"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.source} · {self.done}/{self.total}"

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 100
