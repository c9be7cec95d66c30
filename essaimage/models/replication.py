"""A replication: an innovation taken up elsewhere, with its states over time.

Enumerations follow the CGET study « Accompagnement au changement d'échelle des projets locaux
socialement innovants » (2017):
approaches pp. 8–9, dynamics p. 10, forms pp. 27–28, portée ≈ p. 28, take-up ≈ p. 24.
"""

from typing import ClassVar

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models

from essaimage.querysets import ReplicationQuerySet
from innovations.models import Innovation, Organisation


class Approach(models.TextChoices):
    DEVELOPPEMENT = "developpement", "Développement de la structure porteuse"
    ESSAIMAGE = "essaimage", "Essaimage par des repreneurs"
    REPRISE = "reprise", "Reprise par des acteurs publics"


class DiffusionForm(models.TextChoices):
    PROXIMITE = "proximite", "Essaimage par effets de proximité"
    DEVELOPPEMENT = "developpement", "Développement (modèle économique)"
    RESEAUX = "reseaux", "Essaimage par les réseaux"
    GENERALISATION = (
        "generalisation",
        "Généralisation par une politique publique nationale ou locale",
    )


class Dynamic(models.TextChoices):
    HORIZONTALE = "horizontale", "Horizontale (propagation)"
    VERTICALE = "verticale", "Verticale (par les pouvoirs publics ou des réseaux)"


class Extent(models.TextChoices):
    INFRA = "infraregionale", "Infrarégionale"
    EXTRA = "extraregionale", "Extrarégionale"
    INTERNATIONALE = "internationale", "Internationale"


class TakeUpMode(models.TextChoices):
    NATIONALE = "nationale", "Reprise par les politiques publiques nationales"
    INTEGRALE = "integrale", "Reprise intégrale par la collectivité"
    PARTIELLE = "partielle", "Reprise partielle, en partenariat"


class ReplicationState(models.TextChoices):
    ENVISAGEE = "envisagee", "Envisagée"
    EN_PREPARATION = "en-preparation", "En préparation"
    EN_COURS = "en-cours", "En cours"
    PERENNISEE = "perennisee", "Pérennisée"
    ABANDONNEE = "abandonnee", "Abandonnée"


@pghistory.track()
class Replication(models.Model):
    code = models.SlugField("identifiant", max_length=80, unique=True)
    innovation = models.ForeignKey(
        Innovation,
        # A replicated innovation is unpublished, never deleted under its replications.
        on_delete=models.PROTECT,
        related_name="replications",
        verbose_name="innovation",
    )
    repreneur = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="replications",
        verbose_name="repreneur",
    )
    territory = models.ForeignKey(
        "territories.Territory",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="replications",
        verbose_name="territoire visé",
    )
    sector = models.CharField("autre secteur visé", max_length=200, blank=True)
    network = models.CharField("réseau qui la porte", max_length=200, blank=True)
    partners = models.ManyToManyField(
        Organisation, blank=True, related_name="+", verbose_name="partenaires"
    )
    state = models.CharField("état", max_length=16, choices=ReplicationState)
    approach = models.CharField("approche", max_length=16, choices=Approach, blank=True, default="")
    forms = ArrayField(
        models.CharField(max_length=16, choices=DiffusionForm),
        verbose_name="formes de diffusion",
        default=list,
        blank=True,
    )
    dynamics = ArrayField(
        models.CharField(max_length=16, choices=Dynamic),
        verbose_name="dynamiques",
        default=list,
        blank=True,
    )
    extent = models.CharField("portée", max_length=16, choices=Extent, blank=True, default="")
    take_up = models.CharField(
        "mode de reprise publique", max_length=12, choices=TakeUpMode, blank=True, default=""
    )
    summary = models.TextField("ce qui est repris", blank=True)
    evidence = models.JSONField(
        "références",
        default=list,
        blank=True,
        help_text="Liste de {document, section, page, quote}.",
    )
    created_at = models.DateTimeField("enregistrée le", auto_now_add=True)

    objects: ClassVar[ReplicationQuerySet] = ReplicationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "reprise"
        verbose_name_plural = "reprises"
        ordering = ["innovation", "pk"]

    def __str__(self) -> str:
        return self.code

    @property
    def shown_innovation(self) -> Innovation:
        """The public record that tells it: the one that its own was merged into, if any."""
        return self.innovation.merged_into or self.innovation


class ReplicationStep(models.Model):
    """A dated state, with its reason: the journal of a replication; rows are only added."""

    replication = models.ForeignKey(Replication, on_delete=models.CASCADE, related_name="steps")
    state = models.CharField("état", max_length=16, choices=ReplicationState)
    date = models.CharField(
        "date", max_length=10, blank=True, help_text="AAAA, AAAA-MM ou AAAA-MM-JJ."
    )
    reason = models.TextField("motif", blank=True)
    author = models.CharField("auteur", max_length=200, blank=True)
    created_at = models.DateTimeField("inscrit le", auto_now_add=True)

    class Meta:
        verbose_name = "étape"
        verbose_name_plural = "étapes"
        ordering = ["replication", "pk"]

    def __str__(self) -> str:
        return f"{self.replication} : {self.get_state_display()}"
