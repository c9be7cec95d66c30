"""Files dropped by hand for a source that has no address of its own."""

from typing import ClassVar

from django.conf import settings
from django.db import models


class Deposit(models.Model):
    """One file; the latest is what a harvest of its source reads. Kept in the database, so that
    every worker on every host reads it, and that a backup holds it."""

    source = models.ForeignKey(
        "partners.Source",
        on_delete=models.CASCADE,
        related_name="deposits",
        verbose_name="source",
    )
    name = models.CharField("nom du fichier", max_length=255)
    content = models.BinaryField("contenu", editable=False)
    size = models.PositiveIntegerField("taille (octets)")
    sha256 = models.CharField("empreinte", max_length=64)
    cleared_at = models.DateTimeField("contenu effacé le", null=True, blank=True, editable=False)
    created_at = models.DateTimeField("déposé le", auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="déposé par",
    )

    class Meta:
        verbose_name = "fichier déposé"
        verbose_name_plural = "fichiers déposés"
        ordering: ClassVar = ["source", "-created_at", "-pk"]
        indexes: ClassVar = [models.Index(fields=["source", "-created_at"])]

    def __str__(self) -> str:
        return self.name

    @property
    def is_held(self) -> bool:
        """Whether its content is still here: neither cleared with age nor removed on request."""
        return self.cleared_at is None and self.size > 0
