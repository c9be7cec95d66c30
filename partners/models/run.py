"""A harvest run and its own journal."""

import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from partners.querysets import RunQuerySet

# A running run whose heartbeat is older than this has lost its worker.
STUCK_AFTER = datetime.timedelta(seconds=settings.HARVEST_STUCK_SECONDS)


class RunState(models.TextChoices):
    QUEUED = "en-attente", "En attente"
    RUNNING = "en-cours", "En cours"
    DONE = "terminee", "Terminé"
    DONE_WITH_ERRORS = "terminee-avec-erreurs", "Terminé avec des lignes refusées"
    FAILED = "echouee", "Échoué"
    CANCELLED = "arretee", "Arrêté"


class Trigger(models.TextChoices):
    MANUAL = "manuel", "Lancé à la main"
    SCHEDULED = "programme", "Programmé"
    COMMAND = "commande", "Ligne de commande"
    REPLAY = "rejeu", "Rejoué sans relire la source"


ACTIVE = (RunState.QUEUED, RunState.RUNNING)
COUNTS = ("seen", "created", "updated", "unchanged", "withdrawn", "rejected")


def no_counts() -> dict[str, int]:
    return dict.fromkeys(COUNTS, 0)


class Run(models.Model):
    source = models.ForeignKey(
        "partners.Source", on_delete=models.CASCADE, related_name="runs", verbose_name="source"
    )
    state = models.CharField("état", max_length=24, choices=RunState, default=RunState.QUEUED)
    trigger = models.CharField("origine", max_length=12, choices=Trigger)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="demandé par",
    )
    created_at = models.DateTimeField("demandé le", auto_now_add=True)
    started_at = models.DateTimeField("commencé le", null=True, blank=True)
    heartbeat_at = models.DateTimeField("dernier signe de vie", null=True, blank=True)
    finished_at = models.DateTimeField("terminé le", null=True, blank=True)
    cancel_requested = models.BooleanField("arrêt demandé", default=False)
    expected = models.PositiveIntegerField("lignes annoncées", null=True, blank=True)
    counts = models.JSONField("comptes", default=no_counts)
    message = models.TextField("message", blank=True)
    warnings = models.JSONField("avertissements", default=list, blank=True)
    requests = models.JSONField("requêtes HTTP", default=list, blank=True)

    configuration = models.CharField(
        "empreinte de la configuration",
        max_length=64,
        blank=True,
        editable=False,
        help_text="Posée par une lecture entière : permet de demander « rien de neuf ? ».",
    )

    cursor = models.JSONField(
        "point de reprise",
        null=True,
        blank=True,
        editable=False,
        help_text="Où le connecteur reprend la lecture, écrit avec chaque lot.",
    )
    reading_since = models.DateTimeField(
        "lecture commencée le",
        null=True,
        blank=True,
        help_text="Celle que ce moissonnage mène ou reprend : ce qui n’a pas été vu depuis manque.",
    )
    is_incremental = models.BooleanField("nouveautés seulement", default=False)
    attempt = models.PositiveSmallIntegerField("essai", default=1)
    events = models.JSONField(
        "journal", default=list, blank=True, help_text="Liste de {at, level, text}."
    )
    journal_cleared_at = models.DateTimeField(
        "journal effacé le", null=True, blank=True, editable=False
    )
    present = models.PositiveIntegerField("fiches présentes à la fin", null=True, blank=True)
    fills = models.JSONField(
        "champs remplis",
        default=dict,
        blank=True,
        help_text="Champ → part des fiches présentes où il est rempli, de 0 à 1.",
    )

    objects: ClassVar[RunQuerySet] = RunQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "moissonnage"
        verbose_name_plural = "moissonnages"
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["source"],
                condition=models.Q(state__in=["en-attente", "en-cours"]),
                name="partners_run_one_active",
                violation_error_message="Un moissonnage de cette source est déjà en cours.",
            )
        ]
        indexes = [models.Index(fields=["source", "-created_at"])]

    def __str__(self) -> str:
        return f"{self.source} – {self.created_at:%d/%m/%Y %H:%M}"

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE

    @property
    def read_before(self) -> int:
        """Rows that earlier runs gave to the reading which this one took over."""
        return int((self.cursor or {}).get("before", 0))

    @property
    def late(self) -> int:
        """How many times in a row the time ran out before the end of its reading."""
        return int((self.cursor or {}).get("late", 0))

    @property
    def can_resume(self) -> bool:
        """Whether the next run goes on where this one stopped."""
        return not self.is_active and (self.cursor or {}).get("resume") is not None

    @property
    def progress(self) -> int | None:
        """Percentage done, 0 to 100, when the source told how many rows it has."""
        if not self.expected:
            return None
        read = self.counts.get("seen", 0) + self.read_before
        return min(100, round(100 * read / self.expected))

    @property
    def rate(self) -> float | None:
        """Rows per second so far; None before the first."""
        seconds = self.duration.total_seconds() if self.duration else 0
        seen = self.counts.get("seen", 0)
        return seen / seconds if seen and seconds > 0 else None

    @property
    def time_left(self) -> datetime.timedelta | None:
        """How long the rest will take at the present rate; None when nothing tells."""
        if self.state != RunState.RUNNING or not (self.expected and self.rate):
            return None
        left = self.expected - self.counts.get("seen", 0) - self.read_before
        return datetime.timedelta(seconds=max(0, round(left / self.rate)))

    @property
    def grouped(self) -> int:
        """Rows read that only completed another row's record (one project on several rows)."""
        told = sum(self.counts.get(n, 0) for n in ("created", "updated", "unchanged", "rejected"))
        return max(0, self.counts.get("seen", 0) - told)

    @property
    def duration(self) -> datetime.timedelta | None:
        if self.started_at is None:
            return None
        return (self.finished_at or timezone.now()) - self.started_at
