"""What a source promises, how often it is read and who is told."""

from typing import Any

from django import forms
from django.utils.text import capfirst

from carrefour.forms import DsfrModelForm
from partners.mapping.targets import TARGETS
from partners.models import RecordType, Source

# The title is mandatory for everyone; identifiers are computed when a source gives none.
NEVER_ASKED = {"title", "external_id", "slug", "hold", "evidence"}


class ContractForm(DsfrModelForm):
    """The last step of onboarding, and most of what may be changed later."""

    publishes_directly = forms.TypedChoiceField(
        label="Publication des fiches",
        choices=[
            (True, "Directement : le partenaire répond de ses projets"),
            (False, "Après relecture : chaque nouvelle fiche attend l’équipe"),
        ],
        help_text=(
            "La relecture porte sur la première publication d’une fiche : les mises à jour que le "
            "partenaire y apporte ensuite paraissent sans être relues."
        ),
        coerce=lambda value: value in (True, "True"),
        initial=True,
        widget=forms.RadioSelect,
    )
    mandatory = forms.MultipleChoiceField(
        label="Champs obligatoires",
        required=False,
        help_text="Une fiche où l’un d’eux manque est refusée, avec ce motif. Le titre l’est déjà.",
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Source
        fields = [
            "name", "record_type", "licence", "publishes_directly", "frequency",
            "expected_at_least", "expected_at_most", "mandatory", "withdraw_after_days",
            "largest_loss",
        ]  # fmt: skip
        labels = {
            "name": "Nom de la source",
            "expected_at_least": "Nombre de fiches attendu : au moins",
            "expected_at_most": "Nombre de fiches attendu : au plus",
            "withdraw_after_days": "Retirer une fiche disparue après (jours)",
            "largest_loss": "Perte admise en une fois (%)",
        }
        help_texts = {
            "name": "Ce que le public lira : « Fiches d’expérience », « Annuaire des projets »…",
            "record_type": "Seules les innovations deviennent des fiches publiques.",
            "licence": (
                "Sans licence ouverte, une fiche se réduit à un titre, un court extrait et un lien."
            ),
            "expected_at_least": "En deçà, le moissonnage le signale.",
            "expected_at_most": "Au-delà, le moissonnage le signale.",
            "withdraw_after_days": "Le temps de s’assurer que la disparition n’est pas une panne.",
            "largest_loss": "Au-delà, rien n’est retiré sans une décision de l’équipe.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds: Any = self.fields["record_type"]
        # What is proposed to the Carrefour is no partner's: its source is made by the platform.
        if self.instance.record_type != RecordType.PROPOSAL:
            kinds.choices = [c for c in kinds.choices if c[0] != RecordType.PROPOSAL]
        mandatory: Any = self.fields["mandatory"]
        mandatory.choices = mandatory_choices(self.instance)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        low, high = data.get("expected_at_least"), data.get("expected_at_most")
        if low is not None and high is not None and low > high:
            self.add_error("expected_at_most", "Ce nombre est plus petit que le minimum attendu.")
        return data


def mandatory_choices(source: Source) -> list[tuple[str, str]]:
    """The targets that the mapping fills, and those already asked for."""
    filled = {rule.get("target") for rule in source.mapping} | set(source.mandatory)
    return [
        (name, capfirst(target.label))
        for name, target in TARGETS.items()
        if name in filled and name not in NEVER_ASKED
    ]
