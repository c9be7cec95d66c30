"""Why a record is sent back or hidden: a motive of the list, and words for the partner."""

from typing import Any

from django import forms

from carrefour.forms import DsfrForm
from partners.models import Decision, Motive


class MotiveForm(DsfrForm):
    """``decision`` is set by the view: sending back asks for a motive, hiding may have one."""

    motive = forms.ChoiceField(
        label="Motif",
        choices=Motive.choices,
        required=False,
        widget=forms.RadioSelect,
        help_text="Jamais le mérite : le partenaire répond du caractère innovant de ses projets.",
    )
    text = forms.CharField(
        label="Précision",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Le partenaire la lit : dites ce qu’il peut corriger.",
    )

    decision: Decision = Decision.PUBLISH

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.decision == Decision.SEND_BACK and not data.get("motive"):
            self.add_error("motive", "Choisissez un motif : le partenaire doit savoir pourquoi.")
        if self.decision == Decision.PUBLISH:
            return {"motive": "", "text": ""}
        return data
