"""What staff write and decide of the evidence in three facts."""

from typing import Any

from django import forms

from carrefour.forms import DsfrForm
from essaimage.evidence_forms import EvidenceForm
from essaimage.keeping import mark
from essaimage.models import Facts, Publication
from essaimage.reporting import Said


class StaffEvidenceForm(EvidenceForm):
    """``facts``: those to correct, None for new ones; ``of_stop`` as in ``EvidenceForm``."""

    months = forms.IntegerField(
        label="Combien de mois après le début ?",
        help_text="0 : au démarrage. Vide si ce n’est pas su.",
        required=False,
        min_value=0,
        max_value=1200,
    )
    vu = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, facts: Facts | None = None, **kwargs: Any) -> None:
        if facts is not None:
            names = [name for name in Said.__dataclass_fields__ if name != "reasons"]
            kwargs["initial"] = {name: getattr(facts, name) for name in names}
            kwargs["initial"] |= {"reasons": facts.reasons, "vu": mark(facts)}
        super().__init__(*args, **kwargs)
        effect: Any = self.fields["effect"]
        effect.required = False
        effect.choices = (
            [("", "Non renseigné"), *effect.choices] if not self.of_stop else effect.choices
        )

    @property
    def parts(self) -> list[tuple[str, list[Any]]]:
        return [("Quand", [self["months"]]), *super().parts]

    def told(self) -> Said:
        return self.said(self.cleaned_data["months"])


class FactsFilter(DsfrForm):
    publication = forms.ChoiceField(
        label="Publication",
        choices=[("", "Toutes"), *Publication.choices[1:]],
        required=False,
    )

    def apply(self, rows: Any) -> Any:
        self.is_valid()
        wanted = self.cleaned_data.get("publication")
        return rows.filter(publication=wanted) if wanted else rows
