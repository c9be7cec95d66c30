"""Evidence in three facts: the effect reported, what it rests on, the order of cost."""

from typing import ClassVar

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from essaimage.facts_querysets import FactsQuerySet, FollowUpQuerySet
from essaimage.models.machines import publication_machine
from essaimage.models.party import Party
from essaimage.models.replication import Replication
from essaimage.models.words import Cost, Effect, Origin, Publication, Strength, StrengthReason
from innovations.models import Innovation

# When those who declared are asked again, in months after it began.
MONTHS = (3, 12, 24, 36)
R = StrengthReason
# « Forte » claims that the effect is due to the project: something beyond the project's own count
# must say so. « Moyenne » rests at least on figures; accounts alone are « faible ».
MAKES_STRONG = (R.COMPARAISON, R.TIERS, R.PUBLIEE, R.RETROUVE)
MAKES_MEDIUM = (R.SUIVI, R.AVANT_APRES, *MAKES_STRONG)
NOT_STRONG = (
    "Une solidité forte repose sur une comparaison, sur l’évaluation d’un tiers, sur une "
    "évaluation publiée ou sur le même effet retrouvé ailleurs : cochez ce qui vaut ici, ou "
    "choisissez « moyenne »."
)
NOT_MEDIUM = (
    "Une solidité moyenne repose au moins sur un suivi chiffré ou sur une mesure avant et après : "
    "des témoignages seuls font une solidité faible."
)
NO_REASON = "Dites sur quoi repose cette solidité."
TOO_EARLY = (
    "S’il est trop tôt pour dire l’effet, il n’y a pas encore de solidité à en dire : laissez-la "
    "vide."
)
NO_EFFECT = "Dites l’effet constaté : sans lui, il n’y a pas de solidité à en dire."
NOTHING_SAID = "Dites au moins une chose : l’effet, le coût, ou ce qui a été appris."


def _rests_on(*reasons: str) -> Q:
    return Q(reasons__overlap=[str(reason) for reason in reasons])


@pghistory.track()
class Facts(models.Model):
    """« Cela a-t-il marché ? », of an innovation at its origin or of one of its replications."""

    innovation = models.ForeignKey(
        Innovation, on_delete=models.PROTECT, related_name="facts", verbose_name="innovation"
    )
    replication = models.ForeignKey(
        Replication,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="facts",
        verbose_name="reprise",
        help_text="Vide : au lieu d’origine.",
    )
    months = models.PositiveSmallIntegerField(
        "mois après le début", null=True, blank=True, help_text="0 : au démarrage."
    )
    effect = models.CharField("effet", max_length=12, choices=Effect, blank=True, default="")
    effect_text = models.TextField("l’effet, en clair", blank=True)
    strength = models.CharField("solidité", max_length=12, choices=Strength, blank=True, default="")
    reasons = ArrayField(
        models.CharField(max_length=16, choices=StrengthReason),
        verbose_name="ce sur quoi cela repose",
        default=list,
        blank=True,
    )
    cost = models.CharField("ordre de coût", max_length=12, choices=Cost, blank=True, default="")
    cost_text = models.CharField("le coût, en clair", max_length=300, blank=True)
    beyond = models.TextField(
        "au-delà des indicateurs",
        blank=True,
        help_text="Ce que les indicateurs habituels ne disent pas.",
    )
    stopped_because = models.TextField("pourquoi elle s’est arrêtée", blank=True)
    learnt = models.TextField("ce qui a été appris", blank=True)
    told_by = models.CharField("dit par", max_length=12, choices=Origin, default=Origin.STAFF)
    told_name = models.CharField(
        "dit par, tel que montré",
        max_length=200,
        blank=True,
        help_text="Une structure ou une fonction, jamais une personne.",
    )
    publication = models.CharField(
        "publication", max_length=12, choices=Publication, default=Publication.WAITING
    )
    publication_reason = models.TextField("motif de la décision", blank=True)
    aside_told_at = models.DateTimeField(
        "mise à l’écart annoncée le",
        null=True,
        blank=True,
        help_text="Le dernier courriel à qui les a écrits, quand son adresse est connue.",
    )
    emptied_at = models.DateTimeField(
        "texte effacé le", null=True, blank=True, help_text="Écartés depuis longtemps."
    )
    reported_at = models.DateTimeField("dit le", auto_now_add=True)

    objects: ClassVar[FactsQuerySet] = FactsQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "résultats en trois faits"
        verbose_name_plural = "résultats en trois faits"
        ordering = ["innovation", "replication", "months", "pk"]
        triggers = [publication_machine("essaimage_facts_publication")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(strength=Strength.FORTE) | _rests_on(*MAKES_STRONG),
                name="essaimage_facts_strong",
                violation_error_message=NOT_STRONG,
            ),
            models.CheckConstraint(
                condition=~Q(strength=Strength.MOYENNE) | _rests_on(*MAKES_MEDIUM),
                name="essaimage_facts_medium",
                violation_error_message=NOT_MEDIUM,
            ),
            models.CheckConstraint(
                condition=Q(strength="") | (~Q(effect__in=["", Effect.TROP_TOT]) & ~Q(reasons=[])),
                name="essaimage_facts_strength_of_an_effect",
                violation_error_message=NO_REASON,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.replication or self.innovation_id} : {self.get_effect_display()}"

    def clean(self) -> None:
        """Raises ``ValidationError``, by field: what is said must hold together."""
        if not any((self.effect, self.cost, self.stopped_because, self.learnt, self.beyond)):
            raise ValidationError({"effect": NOTHING_SAID})
        self._clean_strength()
        if self.replication and self.replication.innovation_id != self.innovation_id:
            raise ValidationError(
                {"replication": "Cette reprise est celle d’une autre innovation."}
            )

    def _clean_strength(self) -> None:
        if not self.strength:
            if self.reasons:
                raise ValidationError({"strength": "Dites la solidité que cela donne."})
            return
        if self.effect == Effect.TROP_TOT:
            raise ValidationError({"strength": TOO_EARLY})
        if not self.effect:
            raise ValidationError({"effect": NO_EFFECT})
        if not self.reasons:
            raise ValidationError({"reasons": NO_REASON})
        if self.strength == Strength.FORTE and not self._rests(MAKES_STRONG):
            raise ValidationError({"reasons": NOT_STRONG})
        if self.strength == Strength.MOYENNE and not self._rests(MAKES_MEDIUM):
            raise ValidationError({"reasons": NOT_MEDIUM})

    def _rests(self, reasons: tuple[StrengthReason, ...]) -> bool:
        return any(reason in self.reasons for reason in reasons)

    @property
    def is_public(self) -> bool:
        return self.publication == Publication.PUBLISHED

    @property
    def is_by_staff(self) -> bool:
        """Of a side's words staff only decide whether they are published."""
        return self.told_by in {Origin.STAFF, Origin.DOCUMENT}

    @property
    def shown_innovation(self) -> Innovation:
        """The public record that tells it: the one that its own was merged into, if any."""
        return self.innovation.merged_into or self.innovation

    @property
    def reason_labels(self) -> list[str]:
        """What the strength rests on, from the weakest to the strongest."""
        return [str(reason.label) for reason in StrengthReason if reason in self.reasons]

    @property
    def teller(self) -> str:
        """Who says it, as shown."""
        return self.told_name or str(Origin(self.told_by).label)

    @property
    def is_of_stop(self) -> bool:
        return bool(self.stopped_because or self.learnt)


class FollowUp(models.Model):
    """A question to one side, at 3, 12, 24 or 36 months after the replication began, or when it
    stopped (``months`` is then None)."""

    party = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="follow_ups")
    months = models.PositiveSmallIntegerField(
        "mois après le début", null=True, blank=True, help_text="Vide : à l’arrêt de la reprise."
    )
    due_on = models.DateField("à poser le")
    asked_at = models.DateTimeField("posée le", null=True, blank=True)
    reminded_at = models.DateTimeField("rappelée le", null=True, blank=True)
    answered_at = models.DateTimeField("répondue le", null=True, blank=True)
    facts = models.OneToOneField(
        Facts, on_delete=models.SET_NULL, null=True, blank=True, related_name="follow_up"
    )

    objects: ClassVar[FollowUpQuerySet] = FollowUpQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "question de suivi"
        verbose_name_plural = "questions de suivi"
        ordering = ["due_on", "pk"]
        indexes = [
            models.Index(
                fields=["due_on"],
                condition=Q(answered_at=None),
                name="essaimage_follow_up_open",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["party", "months"], nulls_distinct=False, name="essaimage_follow_up_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.party} · {self.term}"

    @property
    def term(self) -> str:
        """« à 12 mois », « à l’arrêt »."""
        return "à l’arrêt" if self.months is None else f"à {self.months} mois"


class MailRefusal(models.Model):
    """An address that wants no question any more; only its digest is kept (see ``asking``)."""

    digest = models.CharField("empreinte", max_length=64, unique=True)
    created_at = models.DateTimeField("dit le", auto_now_add=True)

    class Meta:
        verbose_name = "refus de courriels de suivi"
        verbose_name_plural = "refus de courriels de suivi"

    def __str__(self) -> str:
        return f"{self.digest[:8]}… · {self.created_at:%d/%m/%Y}"
