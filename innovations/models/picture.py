"""The picture of a record: copied here when its licence allows, else only linked."""

from typing import ClassVar

from django.db import models
from django.urls import reverse

from innovations.licences import Licence
from innovations.models.innovation import Innovation
from innovations.querysets import PictureQuerySet


class PictureState(models.TextChoices):
    WAITING = "a-copier", "À copier"
    COPIED = "copiee", "Copiée"
    LINKED = "liee", "Liée seulement"
    UNUSABLE = "inutilisable", "Inutilisable"
    REMOVED = "retiree", "Retirée par l’équipe"


class Picture(models.Model):
    """``content`` and ``thumbnail`` are WebP, empty unless copied; ``digest`` is content's SHA-256,
    which the address bears."""

    innovation = models.OneToOneField(
        Innovation, on_delete=models.CASCADE, related_name="picture", verbose_name="innovation"
    )
    source_record = models.BigIntegerField("fiche source")
    source_url = models.URLField("adresse chez le partenaire", max_length=1000)
    partner_name = models.CharField("partenaire", max_length=200)
    licence = models.CharField("licence", max_length=16, choices=Licence)
    state = models.CharField("état", max_length=14, choices=PictureState)
    content = models.BinaryField("image (WebP)", editable=False, default=b"")
    thumbnail = models.BinaryField("vignette (WebP)", editable=False, default=b"")
    digest = models.CharField("empreinte", max_length=64, blank=True, editable=False)
    width = models.PositiveSmallIntegerField("largeur", default=0, editable=False)
    height = models.PositiveSmallIntegerField("hauteur", default=0, editable=False)
    thumbnail_width = models.PositiveSmallIntegerField(default=0, editable=False)
    thumbnail_height = models.PositiveSmallIntegerField(default=0, editable=False)
    problem = models.CharField("empêchement", max_length=500, blank=True, editable=False)
    tries = models.PositiveSmallIntegerField("essais", default=0, editable=False)
    try_after = models.DateTimeField("prochain essai", null=True, blank=True, editable=False)
    copied_at = models.DateTimeField("copiée le", null=True, blank=True, editable=False)

    objects: ClassVar[PictureQuerySet] = PictureQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "image"
        verbose_name_plural = "images"
        ordering: ClassVar = ["innovation"]
        indexes: ClassVar = [
            models.Index(
                fields=["try_after"],
                condition=models.Q(state="a-copier"),
                name="innovations_picture_waiting",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="copiee") | models.Q(content=b"", thumbnail=b""),
                name="innovations_picture_kept_when_copied",
                violation_error_message="Seule une image copiée est gardée.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.innovation} – {self.get_state_display()}"

    @property
    def is_shown(self) -> bool:
        return self.state == PictureState.COPIED

    @property
    def is_linked(self) -> bool:
        return self.state == PictureState.LINKED

    @property
    def credit(self) -> str:
        """« Image : semeoz, Licence Ouverte 2.0 (Etalab) »."""
        return f"Image : {self.partner_name}, {Licence(self.licence).label}"

    @property
    def address(self) -> str:
        return self._address("innovations:picture")

    @property
    def thumbnail_address(self) -> str:
        return self._address("innovations:thumbnail")

    def _address(self, name: str) -> str:
        return reverse(name, kwargs={"slug": self.innovation.slug, "digest": self.digest})


class RemovedPicture(models.Model):
    """A picture that staff took away from a record, by the SHA-256 of its address without the
    site: it stays away when its source gives it again, even after another, even elsewhere."""

    innovation = models.ForeignKey(
        Innovation,
        on_delete=models.CASCADE,
        related_name="removed_pictures",
        verbose_name="innovation",
    )
    address_digest = models.CharField("empreinte de l’adresse", max_length=64, editable=False)
    removed_at = models.DateTimeField("retirée le", auto_now_add=True)

    class Meta:
        verbose_name = "image retirée"
        verbose_name_plural = "images retirées"
        constraints = [
            models.UniqueConstraint(
                fields=["innovation", "address_digest"], name="innovations_removedpicture_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.innovation} – {self.removed_at:%d/%m/%Y}"
