"""A replication: an innovation taken up elsewhere, by whom, how, and what became of it."""

from typing import Any, ClassVar

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse

from essaimage import dates, journal
from essaimage.models.machines import machine, publication_machine
from essaimage.models.words import (
    Adaptation,
    Approach,
    DiffusionForm,
    Dynamic,
    Extent,
    Origin,
    Publication,
    ReplicationState,
    Strategy,
    TakeUpMode,
)
from essaimage.querysets import BEGUN, ReplicationQuerySet, StepQuerySet
from innovations.models import Innovation, Organisation

S = ReplicationState
# From each state, those that may follow. What was stopped may be taken up again, from its
# preparation; nothing else goes back: a step written by mistake is annulled (see moving.annul).
NEXT: dict[str, tuple[str, ...]] = {
    S.ENVISAGEE: (S.EN_PREPARATION, S.ABANDONNEE),
    S.EN_PREPARATION: (S.EN_COURS, S.ABANDONNEE),
    S.EN_COURS: (S.PERENNISEE, S.ABANDONNEE),
    S.PERENNISEE: (S.ABANDONNEE,),
    S.ABANDONNEE: (S.EN_PREPARATION,),
}
# The name of the trigger that annulling a step goes round.
STATES = "essaimage_states"


def _list_of(choices: Any, name: str, length: int = 24) -> Any:
    return ArrayField(
        models.CharField(max_length=length, choices=choices),
        verbose_name=name,
        default=list,
        blank=True,
    )


@pghistory.track()
class Replication(models.Model):
    code = models.SlugField("identifiant", max_length=80, unique=True)
    innovation = models.ForeignKey(
        Innovation,
        # A replicated innovation is unpublished, never deleted under its replications.
        on_delete=models.PROTECT,
        related_name="replications",
        verbose_name="innovation",
    )
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name="reprise de",
        help_text="La reprise qui a été reprise à son tour ; vide : le projet d’origine.",
    )
    repreneur = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="replications",
        verbose_name="repreneur",
    )
    repreneur_name = models.CharField(
        "repreneur, tel qu’il se nomme",
        max_length=200,
        blank=True,
        help_text="Une structure, jamais une personne.",
    )
    territory = models.ForeignKey(
        "territories.Territory",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="replications",
        verbose_name="territoire visé",
    )
    sector = models.CharField("autre secteur visé", max_length=200, blank=True)
    service = models.CharField("service d’une administration visé", max_length=200, blank=True)
    network = models.CharField("réseau qui la porte", max_length=200, blank=True)
    partners = models.ManyToManyField(
        Organisation, blank=True, related_name="+", verbose_name="partenaires"
    )
    state = models.CharField("état", max_length=16, choices=ReplicationState)
    publication = models.CharField(
        "publication", max_length=12, choices=Publication, default=Publication.PUBLISHED
    )
    publication_reason = models.TextField("motif de la décision", blank=True)
    origin = models.CharField("origine", max_length=12, choices=Origin, default=Origin.DOCUMENT)
    approach = models.CharField("approche", max_length=16, choices=Approach, blank=True, default="")
    forms = _list_of(DiffusionForm, "formes de diffusion", 16)
    strategies = _list_of(Strategy, "stratégies de changement d’échelle")
    dynamics = _list_of(Dynamic, "dynamiques", 16)
    extent = models.CharField("portée", max_length=16, choices=Extent, blank=True, default="")
    take_up = models.CharField(
        "mode de reprise publique", max_length=12, choices=TakeUpMode, blank=True, default=""
    )
    summary = models.TextField("ce qui est repris", blank=True)
    adaptation = models.CharField(
        "degré d’adaptation", max_length=12, choices=Adaptation, blank=True, default=""
    )
    kept = models.TextField("ce qui est resté du cœur du concept", blank=True)
    changed = models.TextField("ce qui a changé", blank=True)
    changed_by = models.CharField(
        "par qui", max_length=200, blank=True, help_text="Une structure ou une fonction."
    )
    workshop = models.CharField("dans quel atelier", max_length=200, blank=True)
    results = models.TextField("résultats", blank=True)
    lessons = models.TextField("enseignements", blank=True)
    evidence = models.JSONField(
        "références",
        default=list,
        blank=True,
        help_text="Liste de {document, section, page, quote}.",
    )
    aside_told_at = models.DateTimeField(
        "mise à l’écart annoncée le",
        null=True,
        blank=True,
        help_text="Le dernier courriel à qui l’a déclarée, quand son adresse est connue.",
    )
    emptied_at = models.DateTimeField(
        "texte effacé le", null=True, blank=True, help_text="Écartée depuis longtemps."
    )
    created_at = models.DateTimeField("enregistrée le", auto_now_add=True)

    objects: ClassVar[ReplicationQuerySet] = ReplicationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "reprise"
        verbose_name_plural = "reprises"
        ordering = ["innovation", "pk"]
        permissions = [("review_replication", "Peut relire les reprises avant publication")]
        indexes = [
            models.Index(fields=["publication", "state"], name="essaimage_repl_shown"),
            models.Index(fields=["-created_at", "-id"], name="essaimage_repl_recent"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(parent=None) | ~Q(parent=models.F("pk")),
                name="essaimage_replication_not_its_own",
                violation_error_message="Une reprise ne vient pas d’elle-même.",
            )
        ]
        triggers = [
            machine(STATES, "state", NEXT),
            publication_machine("essaimage_publication"),
        ]

    def __str__(self) -> str:
        return self.code

    def get_absolute_url(self) -> str:
        return reverse("essaimage:replication", args=[self.code])

    def clean(self) -> None:
        """Raises ``ValidationError``: what it was taken from must be of the same innovation, and
        may not come from it."""
        above = self.parent
        if above is not None and above.shown_innovation.pk != self.shown_innovation.pk:
            raise ValidationError({"parent": "Cette reprise est celle d’une autre innovation."})
        seen: set[int] = set()
        while above is not None and above.pk not in seen:
            if above.pk == self.pk:
                raise ValidationError({"parent": "Ces reprises viendraient l’une de l’autre."})
            seen.add(above.pk)
            above = above.parent

    @property
    def shown_innovation(self) -> Innovation:
        """The public record that tells it: the one that its own was merged into, if any."""
        return self.innovation.merged_into or self.innovation

    @property
    def is_public(self) -> bool:
        return self.publication == Publication.PUBLISHED

    @property
    def repreneur_shown(self) -> str:
        return self.repreneur.name if self.repreneur else self.repreneur_name

    @property
    def target(self) -> str:
        """What it aims at: a place, another sector, a service, or else who carries it."""
        where = self.territory.located if self.territory else ""
        parts = [part for part in (where, self.service, self.sector) if part]
        return " · ".join(parts) or (f"par {self.network}" if self.network else "")

    @property
    def name(self) -> str:
        """How one tells it from the others: what it aims at, or who takes it up."""
        return self.target or self.repreneur_shown or self.summary[:80] or self.code

    @property
    def journal(self) -> "list[ReplicationStep]":
        """Its valid steps, the first one first; read at once where ``for_record`` was asked."""
        return sorted((s for s in self.steps.all() if s.annulled_at is None), key=lambda s: s.pk)

    @property
    def has_begun(self) -> bool:
        """Whether it ran one day, stopped since or not: it then counts as spread."""
        return self.state in BEGUN or journal.has_begun(self.state, self.journal)

    @property
    def began_on(self) -> str:
        """« AAAA[-MM[-JJ]] », "" when it is not known or has not begun."""
        return journal.began_on(self.journal)

    @property
    def stop(self) -> "ReplicationStep | None":
        """The step by which it stopped, when it is stopped today."""
        return journal.stop(self.state, self.journal) if self.state == S.ABANDONNEE else None

    @property
    def stopped_on(self) -> str:
        return self.stop.date if self.stop else ""

    @property
    def stop_reason(self) -> str:
        return self.stop.reason if self.stop else ""

    @property
    def state_shown(self) -> str:
        """« Arrêtée » once it ran, « Expérience inaboutie » when it was given up before."""
        if self.state == S.ABANDONNEE:
            return "Arrêtée" if self.has_begun else "Expérience inaboutie"
        return ReplicationState(self.state).label

    @property
    def is_waiting(self) -> bool:
        """Told of, neither begun nor given up."""
        return self.state in (S.ENVISAGEE, S.EN_PREPARATION) and not self.has_begun

    @property
    def runs(self) -> bool:
        return self.state in BEGUN

    @property
    def next_states(self) -> list[ReplicationState]:
        return [ReplicationState(state) for state in NEXT[self.state]]


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent())
class ReplicationPartner(Replication.partners.through):  # type: ignore[name-defined]
    """A partner of a replication: who was added or taken away stays in the history."""

    class Meta:
        proxy = True


@pghistory.track(pghistory.UpdateEvent(), pghistory.DeleteEvent())
class ReplicationStep(models.Model):
    """A dated state, with its author and reason: rows are added, or annulled by staff, no more."""

    replication = models.ForeignKey(Replication, on_delete=models.CASCADE, related_name="steps")
    state = models.CharField("état", max_length=16, choices=ReplicationState)
    date = models.CharField(
        "date", max_length=10, blank=True, help_text=dates.HELP, validators=[dates.validate]
    )
    reason = models.TextField("motif", blank=True)
    author = models.CharField("auteur", max_length=200, blank=True)
    user = models.ForeignKey(
        "accounts.User",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="compte",
    )
    is_retold = models.BooleanField(
        "dite après coup",
        default=False,
        help_text="Une étape passée, dite en même temps qu’une plus récente.",
    )
    annulled_at = models.DateTimeField("annulée le", null=True, blank=True)
    annulled_by = models.CharField("annulée par", max_length=200, blank=True)
    annulled_reason = models.TextField("motif de l’annulation", blank=True)
    created_at = models.DateTimeField("inscrit le", auto_now_add=True)

    objects: ClassVar[StepQuerySet] = StepQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "étape"
        verbose_name_plural = "étapes"
        ordering = ["replication", "pk"]

    def __str__(self) -> str:
        return f"{self.replication} : {self.get_state_display()}"
