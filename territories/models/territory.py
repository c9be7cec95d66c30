from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.urls import reverse

from territories import grammar
from territories.kinds import EpciForm, Kind, Liaison
from territories.querysets import TerritoryQuerySet


def parent(related_name: str, label: str) -> models.ForeignKey:
    """A link to an enclosing territory, or to the one that took over."""
    return models.ForeignKey(
        "self",
        # A territory is never deleted: it becomes inactive and points to its successor.
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name=related_name,
        verbose_name=label,
    )


class Territory(models.Model):
    """One territory of the official geography, kept for good once loaded."""

    Kind = Kind
    EpciForm = EpciForm

    kind = models.CharField("niveau", max_length=16, choices=Kind)
    code = models.CharField(
        "code officiel", max_length=9, help_text="Code INSEE, ou SIREN d’une intercommunalité."
    )
    name = models.CharField("nom", max_length=160)
    liaison = models.PositiveSmallIntegerField(
        "article et charnière", choices=Liaison, default=Liaison.CONSONANT
    )
    form = models.CharField("forme juridique", max_length=8, choices=EpciForm, blank=True)
    slug = models.SlugField("nom dans les adresses", max_length=160)
    # Lower-case ASCII words: sorts the same on every server and serves the search by name.
    name_key = models.CharField("clé de tri", max_length=160)
    population = models.PositiveIntegerField("population", null=True, blank=True)
    longitude = models.FloatField("longitude du centre", null=True, blank=True)
    latitude = models.FloatField("latitude du centre", null=True, blank=True)
    region = parent("in_region", "région")
    # For a commune overseas, the collectivité that stands in place of a département.
    departement = parent("in_departement", "département")
    epci = parent("members", "intercommunalité")
    ancestor_ids = ArrayField(
        models.BigIntegerField(),
        default=list,
        verbose_name="territoires englobants, lui-même compris",
    )
    postal_codes = ArrayField(
        models.CharField(max_length=5), default=list, blank=True, verbose_name="codes postaux"
    )
    vintage = models.PositiveSmallIntegerField("millésime")
    active = models.BooleanField("en vigueur", default=True)
    successor = parent("predecessors", "remplacé par")

    objects = TerritoryQuerySet.as_manager()

    class Meta:
        verbose_name = "territoire"
        verbose_name_plural = "territoires"
        ordering = ["name_key", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "code"],
                name="territory_unique_code",
                violation_error_message="Ce code existe déjà à ce niveau.",
            ),
            models.CheckConstraint(
                condition=~Q(code="") & ~Q(name=""),
                name="territory_has_code_and_name",
                violation_error_message="Un territoire porte un code et un nom.",
            ),
            models.CheckConstraint(
                condition=Q(longitude__isnull=True, latitude__isnull=True)
                | Q(longitude__range=(-180, 180), latitude__range=(-90, 90)),
                name="territory_centre_on_earth",
                violation_error_message="Le centre doit être un point de la Terre.",
            ),
            models.CheckConstraint(
                condition=Q(active=True, successor__isnull=True) | Q(active=False),
                name="territory_active_without_successor",
                violation_error_message="Un territoire en vigueur n’a pas de remplaçant.",
            ),
        ]
        indexes = [
            GinIndex("ancestor_ids", name="territory_ancestors"),
            GinIndex("postal_codes", name="territory_postal_codes"),
            models.Index(
                fields=["name_key"],
                name="territory_name_prefix",
                opclasses=["varchar_pattern_ops"],
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("territories:detail", args=[self.kind, self.code])

    @property
    def located(self) -> str:
        """« en Bretagne », « au Mans », « dans la Nièvre »: where something happens."""
        return grammar.located(Kind(self.kind), self.name, Liaison(self.liaison))

    @property
    def of(self) -> str:
        """« de Bretagne », « du Mans », « de la Nièvre »: what something belongs to."""
        return grammar.of(Kind(self.kind), self.name, Liaison(self.liaison))

    @property
    def name_with_article(self) -> str:
        """« la Bretagne », « Le Mans », « l'Aude »: the name inside a sentence."""
        return grammar.with_article(Kind(self.kind), self.name, Liaison(self.liaison))

    @property
    def kind_label(self) -> str:
        """« communauté de communes », « département »: what it is, most precise word known."""
        return self.get_form_display() if self.form else self.get_kind_display()

    @property
    def current(self) -> "Territory":
        """The territory that stands today in its place: itself, or its successor."""
        return self if self.active or self.successor is None else self.successor
