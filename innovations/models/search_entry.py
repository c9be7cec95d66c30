"""What a visitor may be proposed while typing; kept by triggers on the rows that it stands for."""

from django.db import models
from django.db.models.functions import Left


class EntryKind(models.TextChoices):
    INNOVATION = "innovation", "Innovation"
    ORGANISATION = "organisation", "Structure porteuse"
    TERRITORY = "territoire", "Lieu"


class SearchEntry(models.Model):
    """A title or a name from one of its words on: « jardin des voisins », « voisins ».

    Never written from Python: triggers on search rows, organisations and territories do it in the
    same statement (migration 0014). ``weight`` orders the entries of one kind; the beginning of a
    name weighs more than its other words.
    """

    pk = models.CompositePrimaryKey("target_id", "kind", "rank")
    target_id = models.BigIntegerField()
    kind = models.CharField(max_length=12, choices=EntryKind)
    rank = models.SmallIntegerField()
    text = models.CharField(max_length=60)
    weight = models.FloatField()

    class Meta:
        verbose_name = "entrée proposée"
        verbose_name_plural = "entrées proposées"
        indexes = [
            # A beginning that few entries have: all of them are read. One that many have: the
            # heaviest are met first.
            models.Index(
                fields=["kind", "text"],
                name="innovations_entry_beginning",
                opclasses=["varchar_pattern_ops", "varchar_pattern_ops"],
            ),
            models.Index(
                models.F("kind"),
                Left("text", 3),
                models.F("weight").desc(),
                name="innovations_entry_heaviest",
            ),
        ]

    def __str__(self) -> str:
        return self.text
