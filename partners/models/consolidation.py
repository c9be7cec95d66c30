"""One innovation, many partners: pairs of records compared, decisions, and what they moved."""

from typing import ClassVar

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from carrefour.undoable import Undoable
from innovations.models import Innovation
from partners.models.record import SourceRecord
from partners.querysets import PairQuerySet, RegroupingQuerySet


class Verdict(models.TextChoices):
    SAME = "meme", "Même innovation"
    SITE = "site", "Autre lieu de la même innovation"
    DISTINCT = "distinctes", "Innovations distinctes"
    UNCERTAIN = "incertain", "Incertain"

    @property
    def links(self) -> bool:
        """Whether both records belong to one public record."""
        return self in {Verdict.SAME, Verdict.SITE}


class PairState(models.TextChoices):
    WAITING = "a-decider", "À décider"
    LATER = "plus-tard", "Remise à plus tard"
    LINKED = "liee-par-regle", "Liée par une règle"
    DECIDED = "decidee", "Décidée par l’équipe"
    FADED = "sans-objet", "Ne se ressemblent plus"


@pghistory.track(exclude=["compared_at"])
class Pair(models.Model):
    """Two records that may speak of one innovation; ``first`` is the older.

    ``proposed`` and ``score`` (0 to 1) are the machine's, ``verdict`` what holds: a rule's while
    ``state`` is LINKED, the staff's once DECIDED, which no machine changes. ``explanation`` is a
    list of {"field", "label", "first", "second", "similarity" (0 to 1 or None), "says"}.
    """

    first = models.ForeignKey(
        SourceRecord, on_delete=models.CASCADE, related_name="+", verbose_name="première fiche"
    )
    second = models.ForeignKey(
        SourceRecord, on_delete=models.CASCADE, related_name="+", verbose_name="seconde fiche"
    )
    score = models.FloatField("ressemblance", default=0.0)
    proposed = models.CharField("proposition", max_length=12, choices=Verdict)
    explanation = models.JSONField("explication", default=list)
    engine = models.CharField("version du comparateur", max_length=20, blank=True)
    rule = models.CharField("règle appliquée", max_length=40, blank=True)
    network = models.CharField(
        "réseau",
        max_length=40,
        blank=True,
        default="",
        help_text="Code du réseau qui est tout ce que les deux fiches ont en commun.",
    )
    state = models.CharField("état", max_length=16, choices=PairState, default=PairState.WAITING)
    verdict = models.CharField(
        "verdict", max_length=12, choices=Verdict, blank=True, default="", help_text="Ce qui vaut."
    )
    reason = models.CharField("motif", max_length=500, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        # The decision outlives its author's account.
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="décidée par",
    )
    decided_at = models.DateTimeField("décidée le", null=True, blank=True)
    compared_at = models.DateTimeField("comparée le", auto_now=True)
    created_at = models.DateTimeField("proposée le", auto_now_add=True)

    objects: ClassVar[PairQuerySet] = PairQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "rapprochement"
        verbose_name_plural = "rapprochements"
        ordering = ["-score", "pk"]
        permissions = [("decide_pair", "Peut décider d’un rapprochement")]
        constraints = [
            models.UniqueConstraint(
                fields=["first", "second"],
                name="partners_pair_unique",
                violation_error_message="Ces deux fiches sont déjà rapprochées.",
            ),
            models.CheckConstraint(
                condition=Q(first__lt=F("second")),
                name="partners_pair_ordered",
                violation_error_message="La première des deux fiches est la plus ancienne.",
            ),
            models.CheckConstraint(
                condition=Q(state="decidee", decided_at__isnull=False) & ~Q(verdict="")
                | ~Q(state="decidee"),
                name="partners_pair_decided",
                violation_error_message="Une décision porte un verdict et une date.",
            ),
        ]
        indexes = [
            # The queue, page by page, whatever the number of pairs settled.
            models.Index(
                fields=["-score", "id"],
                condition=Q(state="a-decider"),
                name="partners_pair_waiting",
            ),
            models.Index(fields=["second", "state"], name="partners_pair_second"),
            models.Index(
                fields=["network", "id"],
                condition=~Q(network=""),
                name="partners_pair_network",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} ↔ {self.second_id}"

    @property
    def mark(self) -> str:
        """Changes with each decision: two people who decide at once know it."""
        at = self.decided_at.isoformat() if self.decided_at else ""
        return f"{self.state}|{self.verdict}|{at}"

    @property
    def is_staffs(self) -> bool:
        return self.state == PairState.DECIDED


class RegroupingKind(models.TextChoices):
    MERGE = "reunion", "Réunion"
    SPLIT = "separation", "Séparation"


@pghistory.track()
class Regrouping(Undoable):
    """Source records moved from one public record to another, and how to move them back.

    ``records`` moved from ``origin`` to ``target``. A merge empties ``origin``, whose address then
    leads to ``target``; ``followers`` are the public records that had been merged into it.
    """

    kind = models.CharField("geste", max_length=12, choices=RegroupingKind)
    origin = models.ForeignKey(
        Innovation, on_delete=models.CASCADE, related_name="departures", verbose_name="de la fiche"
    )
    target = models.ForeignKey(
        Innovation, on_delete=models.CASCADE, related_name="arrivals", verbose_name="vers la fiche"
    )
    records = ArrayField(models.BigIntegerField(), verbose_name="fiches sources déplacées")
    sites = ArrayField(
        models.BigIntegerField(),
        verbose_name="fiches devenues un lieu",
        default=list,
        blank=True,
    )
    followers = ArrayField(
        models.BigIntegerField(), verbose_name="fiches réunies auparavant", default=list, blank=True
    )
    status_before = models.CharField("état d’avant", max_length=12, blank=True)
    target_status_before = models.CharField(
        "état d’avant de la fiche d’arrivée", max_length=12, blank=True, default=""
    )
    verdict = models.CharField("verdict", max_length=12, choices=Verdict, blank=True, default="")
    pair = models.ForeignKey(
        Pair,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="regroupings",
        verbose_name="rapprochement",
    )
    rule = models.CharField("règle appliquée", max_length=40, blank=True)
    reason = models.CharField("motif", max_length=500, blank=True)

    objects: ClassVar[RegroupingQuerySet] = RegroupingQuerySet.as_manager()  # type: ignore[assignment]

    class Meta(Undoable.Meta):
        verbose_name = "réunion ou séparation"
        verbose_name_plural = "réunions et séparations"
        constraints = [
            models.CheckConstraint(
                condition=~Q(origin=F("target")),
                name="partners_regrouping_moves",
                violation_error_message="On ne réunit pas une fiche à elle-même.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.origin_id} → {self.target_id}"


@pghistory.track()
class LinkageRule(models.Model):
    """A rule by which certain pairs are linked without asking, unless staff switched it off."""

    code = models.SlugField("code", max_length=40, unique=True)
    label = models.CharField("règle", max_length=200)
    description = models.TextField("ce qu’elle lie", blank=True)
    is_active = models.BooleanField("appliquée", default=True)

    class Meta:
        verbose_name = "règle de rapprochement"
        verbose_name_plural = "règles de rapprochement"
        ordering = ["code"]

    def __str__(self) -> str:
        return self.label
