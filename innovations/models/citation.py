"""Who says what: the partners a record cites, and the documents a fact rests on."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from innovations.licences import Licence
from innovations.models.innovation import Innovation
from innovations.models.organisation import Organisation


class Citation(models.Model):
    """One partner's record behind a public innovation, written by composition."""

    innovation = models.ForeignKey(Innovation, on_delete=models.CASCADE, related_name="citations")
    source_record = models.BigIntegerField("fiche source")
    partner_slug = models.SlugField(max_length=120)
    partner_name = models.CharField("partenaire", max_length=200)
    source_slug = models.SlugField(max_length=120)
    source_name = models.CharField("source", max_length=200)
    url = models.URLField("adresse", max_length=1000, blank=True)
    is_record_page = models.BooleanField(
        "page de la fiche",
        default=True,
        help_text="Faux quand le lien mène au partenaire, faute de page propre à la fiche.",
    )
    licence = models.CharField("licence", max_length=16, choices=Licence)
    collected_at = models.DateTimeField("recueillie le")
    fields = ArrayField(models.CharField(max_length=40), verbose_name="champs", default=list)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = "source citée"
        verbose_name_plural = "sources citées"
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["innovation", "source_record"], name="innovations_citation_unique"
            )
        ]
        indexes = [models.Index(fields=["partner_slug"])]

    def __str__(self) -> str:
        return f"{self.partner_name} – {self.source_name}"

    @property
    def licence_object(self) -> Licence:
        return Licence(self.licence)


class Evidence(models.Model):
    """A fact's place in a document, with the phrase that states it."""

    innovation = models.ForeignKey(
        Innovation, on_delete=models.CASCADE, null=True, blank=True, related_name="evidence"
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, null=True, blank=True, related_name="evidence"
    )
    field = models.CharField("champ", max_length=40)
    document = models.CharField("document", max_length=200)
    section = models.CharField("section", max_length=200, blank=True)
    page = models.CharField("page", max_length=20, blank=True)
    quote = models.TextField("citation", blank=True)

    class Meta:
        verbose_name = "référence"
        verbose_name_plural = "références"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(innovation__isnull=True) ^ models.Q(organisation__isnull=True),
                name="innovations_evidence_one_subject",
                violation_error_message=(
                    "Une référence porte sur une innovation ou une organisation."
                ),
            )
        ]

    def __str__(self) -> str:
        return f"{self.document}, {self.section}"
