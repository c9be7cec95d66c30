"""The economic model of an innovation (proposal 4 of « Ensemble, accélérons ! », 2015)."""

from typing import ClassVar

from django.db import models

from innovations.models.innovation import Innovation


class Resource(models.TextChoices):
    SALES = "ventes", "Ventes et prestations"
    PUBLIC_CONTRACTS = "commande-publique", "Commande publique (marchés, conventions)"
    GRANTS = "subventions", "Subventions"
    DONATIONS = "dons", "Dons et mécénat"
    VOLUNTEERING = "benevolat", "Bénévolat et mises à disposition"
    OTHER = "autres", "Autres ressources"


class GrantDependence(models.TextChoices):
    NONE = "aucune", "Aucune : le projet vit sans subvention"
    LOW = "faible", "Faible : moins d’un quart des ressources"
    MEDIUM = "moyenne", "Moyenne : d’un quart à la moitié des ressources"
    HIGH = "forte", "Forte : plus de la moitié des ressources"
    FULL = "totale", "Totale : le projet s’arrête sans subvention"


class EconomicModel(models.Model):
    """Written by composition from the staff's words, whose history is that of ``FieldEdit``.

    ``resources``: list of {"kind": a ``Resource``, "share": percentage or None}.
    """

    innovation = models.OneToOneField(
        Innovation, on_delete=models.CASCADE, primary_key=True, related_name="economics"
    )
    resources = models.JSONField("ressources", default=list, blank=True)
    grant_dependence = models.CharField(
        "dépendance aux subventions",
        max_length=10,
        choices=GrantDependence,
        blank=True,
        default="",
    )
    payers = models.TextField("qui paie", blank=True)
    beneficiaries = models.TextField("qui en bénéficie", blank=True)
    beneficiary_cost = models.DecimalField(
        "coût par bénéficiaire (€)", max_digits=12, decimal_places=2, null=True, blank=True
    )
    cost_basis = models.CharField(
        "ce que ce coût recouvre",
        max_length=200,
        blank=True,
        help_text="Par personne et par an, par place, par intervention…",
    )
    autonomy = models.TextField("autonomie du projet", blank=True)

    NUMBERS: ClassVar[frozenset[str]] = frozenset({"beneficiary_cost"})

    class Meta:
        verbose_name = "modèle économique"
        verbose_name_plural = "modèles économiques"

    def __str__(self) -> str:
        return f"Modèle économique : {self.innovation_id}"

    @property
    def shown_resources(self) -> list[tuple[str, int | None]]:
        """(label, percentage or None), the greatest first."""
        told = [(Resource(r["kind"]).label, r.get("share")) for r in self.resources]
        return sorted(told, key=lambda pair: -(pair[1] or 0))
