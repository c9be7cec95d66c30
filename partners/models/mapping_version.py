"""Every mapping a source ever had: who wrote it, when, and why."""

from typing import ClassVar

from django.conf import settings
from django.db import models


class MappingVersion(models.Model):
    """One version of ``Source.mapping``; never changed once written."""

    source = models.ForeignKey(
        "partners.Source",
        on_delete=models.CASCADE,
        related_name="mapping_versions",
        verbose_name="source",
    )
    number = models.PositiveIntegerField("version")
    rules = models.JSONField("règles", default=list)
    note = models.CharField("remarque", max_length=300, blank=True)
    created_at = models.DateTimeField("écrite le", auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="écrite par",
    )

    class Meta:
        verbose_name = "version de correspondance"
        verbose_name_plural = "versions de correspondances"
        ordering: ClassVar = ["source", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "number"], name="partners_mapping_version_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.source} – version {self.number}"
