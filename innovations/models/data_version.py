"""What public pages are made of has a version: triggers note each statement that writes it."""

from django.db import models
from django.db.models.functions import Now


class DataChange(models.Model):
    """A statement that wrote what the public may read, once committed; old ones are summed up.

    The sum of the weights is the version: whatever the order in which transactions end, it grows
    with each, which neither a sequence nor a greatest identifier would do.
    """

    weight = models.BigIntegerField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "changement de données publiques"
        verbose_name_plural = "changements de données publiques"

    def __str__(self) -> str:
        return f"{self.weight}, {self.at:%d/%m/%Y %H:%M}"
