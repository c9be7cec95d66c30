"""Records published together from the review queue: kept, so that the whole can be undone."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from partners.querysets import ReleaseQuerySet


class Release(models.Model):
    """One act of publishing a source's waiting records; ``innovation_ids`` are those it published,
    ``first_ids`` those of them that had never been public before."""

    source = models.ForeignKey(
        "partners.Source", on_delete=models.CASCADE, related_name="releases", verbose_name="source"
    )
    innovation_ids = ArrayField(models.BigIntegerField(), default=list, verbose_name="fiches")
    first_ids = ArrayField(models.BigIntegerField(), default=list, verbose_name="jamais publiées")
    made_at = models.DateTimeField("faite le", auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name="faite par",
    )
    undone_at = models.DateTimeField("annulée le", null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="annulée par",
    )

    objects: ClassVar[ReleaseQuerySet] = ReleaseQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "publication groupée"
        verbose_name_plural = "publications groupées"
        ordering: ClassVar[list[Any]] = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.source} – {self.made_at:%d/%m/%Y %H:%M}"

    @property
    def count(self) -> int:
        return len(self.innovation_ids)
