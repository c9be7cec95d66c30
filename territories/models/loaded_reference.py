from django.db import models


class LoadedReference(models.Model):
    """Journal of the reference files loaded: tells at once whether there is anything to do."""

    digest = models.CharField("empreinte des fichiers", max_length=64, unique=True)
    vintage = models.PositiveSmallIntegerField("millésime")
    loaded_at = models.DateTimeField("chargé le", auto_now=True)

    class Meta:
        verbose_name = "référentiel chargé"
        verbose_name_plural = "référentiels chargés"
        ordering = ["-loaded_at"]
        get_latest_by = "loaded_at"

    def __str__(self) -> str:
        return f"millésime {self.vintage}"
