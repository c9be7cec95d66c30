"""One import of what staff manages: what was given, what it changed, how to take it back."""

from typing import Any, ClassVar

import pghistory
from django.conf import settings
from django.db import models


class ExchangeKind(models.TextChoices):
    TERMS = "taxonomie", "Taxonomie"
    WORDS = "mots", "Mots des partenaires"
    PARTNERS = "partenaires", "Partenaires"
    PAIRS = "rapprochements", "Décisions de rapprochement"


class ImportState(models.TextChoices):
    WAITING = "a-confirmer", "À confirmer"
    DONE = "applique", "Appliqué"
    UNDONE = "annule", "Annulé"


@pghistory.track(exclude=["rows", "told", "done"])
class Import(models.Model):
    """``rows`` are [{column: text}]; ``done`` is [{"pk", "before": {column: text} or None when the
    row was created, "after": {column: text}}], in the order of writing. ``told`` is the outcome of
    the rehearsal, line by line (see ``partners.exchange.importing.Line``). With age all three are
    emptied."""

    kind = models.CharField("ce qui est importé", max_length=16, choices=ExchangeKind)
    name = models.CharField("fichier", max_length=255)
    rows = models.JSONField("lignes", default=list, editable=False)
    told = models.JSONField("essai, ligne par ligne", default=list, editable=False)
    told_at = models.DateTimeField("essayé le", null=True, blank=True, editable=False)
    state = models.CharField(
        "état", max_length=12, choices=ImportState, default=ImportState.WAITING
    )
    done = models.JSONField("ce qui a changé", default=list, editable=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name="auteur",
    )
    created_at = models.DateTimeField("déposé le", auto_now_add=True)
    applied_at = models.DateTimeField("appliqué le", null=True, blank=True)
    undone_at = models.DateTimeField("annulé le", null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="annulé par",
    )

    cleared_at = models.DateTimeField("contenu effacé le", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "import"
        verbose_name_plural = "imports"
        ordering: ClassVar[list[Any]] = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} – {self.name}"
