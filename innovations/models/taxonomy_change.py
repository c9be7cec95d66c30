"""The journal of what changed the taxonomy: how far records followed, and how to go back."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from carrefour.undoable import Undoable
from innovations.models.taxonomy import Term


class TermChangeKind(models.TextChoices):
    ADD = "ajout", "Ajout"
    WORDING = "libelle", "Libellé, description ou synonymes"
    MOVE = "deplacement", "Déplacement"
    MERGE = "fusion", "Fusion"
    ACTIVATION = "activation", "Mise en service ou hors service"


class TermChange(Undoable):
    """One act on ``term``; a merge into ``target`` keeps what undoing needs.

    ``held``: innovations that had the term; ``gained``: those of them that had not the target;
    ``children`` and ``followers``: terms under it or merged into it, that went to the target.
    ``done`` search rows out of ``total`` follow, up to the innovation ``cursor``.
    """

    kind = models.CharField("geste", max_length=12, choices=TermChangeKind)
    term = models.ForeignKey(
        Term, on_delete=models.CASCADE, related_name="changes", verbose_name="terme"
    )
    target = models.ForeignKey(
        Term,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="vers le terme",
    )
    held = ArrayField(models.BigIntegerField(), default=list, blank=True, editable=False)
    gained = ArrayField(models.BigIntegerField(), default=list, blank=True, editable=False)
    children = ArrayField(models.BigIntegerField(), default=list, blank=True, editable=False)
    followers = ArrayField(models.BigIntegerField(), default=list, blank=True, editable=False)
    total = models.PositiveIntegerField("fiches à mettre à jour", default=0)
    done = models.PositiveIntegerField("fiches mises à jour", default=0)
    cursor = models.BigIntegerField(default=0, editable=False)
    finished_at = models.DateTimeField("suivi jusqu’au bout le", null=True, blank=True)

    class Meta(Undoable.Meta):
        verbose_name = "changement de la taxonomie"
        verbose_name_plural = "changements de la taxonomie"

    def __str__(self) -> str:
        return f"{self.get_kind_display()} – {self.term}"

    @property
    def is_undoable(self) -> bool:
        return self.kind == TermChangeKind.MERGE and self.undone_at is None

    @property
    def percentage(self) -> int:
        return 100 if not self.total else min(100, round(100 * self.done / self.total))
