from django.db import models

from territories.kinds import AliasKind
from territories.models.territory import Territory


class TerritoryAlias(models.Model):
    """Another name or a former code under which a territory is met."""

    Kind = AliasKind

    territory = models.ForeignKey(
        # An alias means nothing without the territory that it names.
        Territory,
        on_delete=models.CASCADE,
        related_name="aliases",
        verbose_name="territoire",
    )
    kind = models.CharField("nature", max_length=16, choices=AliasKind)
    label = models.CharField("autre nom", max_length=160, blank=True)
    name_key = models.CharField("clé de tri", max_length=160, blank=True)
    code = models.CharField("ancien code", max_length=9, blank=True)

    class Meta:
        verbose_name = "autre nom de territoire"
        verbose_name_plural = "autres noms de territoires"
        ordering = ["name_key", "code", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["territory", "kind", "code", "name_key"],
                name="alias_unique",
                violation_error_message="Cet autre nom est déjà connu.",
            ),
            models.CheckConstraint(
                condition=~models.Q(label="", code=""),
                name="alias_has_label_or_code",
                violation_error_message="Un autre nom a un libellé ou un code.",
            ),
        ]
        indexes = [
            models.Index(
                fields=["name_key"], name="alias_name_prefix", opclasses=["varchar_pattern_ops"]
            ),
            models.Index(fields=["code"], name="alias_code"),
        ]

    def __str__(self) -> str:
        return self.label or self.code
