"""Recording a step of a partner's life."""

from typing import Any

from django import forms
from django.utils import timezone

from carrefour.forms import DsfrForm
from partners.life import DECISIONS, REASONED, Told
from partners.models import PartnerStep, RecordsChoice


class MoveForm(DsfrForm):
    """What is asked depends on the step: the collective's decision, a reason, what of records."""

    on = forms.DateField(
        label="Date", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    reference = forms.CharField(
        label="Décision du collectif : réunion ou référence",
        max_length=200,
        help_text=(
            "L’équipe n’admet ni ne refuse personne : elle enregistre ce que le collectif a "
            "décidé. Par exemple : « réunion des partenaires du 12 mars 2026, point 3 »."
        ),
    )
    records = forms.ChoiceField(
        label="Ce que le partenaire a choisi pour ses fiches",
        choices=RecordsChoice.choices,
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label="Note", required=False, widget=forms.Textarea(attrs={"rows": 3}), max_length=2000
    )

    def __init__(self, after: PartnerStep, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = timezone.localdate()
        if after not in DECISIONS:
            del self.fields["reference"]
        if after != PartnerStep.LEFT:
            del self.fields["records"]
        if after in REASONED:
            self.fields["note"].label = "Motif"
            self.fields["note"].required = True

    def told(self) -> Told:
        return Told(**self.cleaned_data)
