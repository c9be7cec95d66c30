"""Forms of what happens to a replication: a state reached, a step taken back, a decision."""

from typing import Any

from django import forms

from carrefour.forms import DsfrForm
from essaimage import dates
from essaimage.models import Replication
from essaimage.moderated import Moderated


class MoveForm(DsfrForm):
    """To one of the states that may follow."""

    to = forms.ChoiceField(label="Nouvel état", widget=forms.RadioSelect)
    date = forms.CharField(
        label="Depuis quand",
        max_length=10,
        required=False,
        help_text=f"{dates.HELP} Vide : la date n’est pas connue.",
    )
    reason = forms.CharField(
        label="Ce qui le montre, ou pourquoi",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Public : gardé dans le journal. Un arrêt est une information : dites pourquoi.",
    )
    vu = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any, row: Replication) -> None:
        super().__init__(data, initial={"vu": row.state})
        field: Any = self.fields["to"]
        field.choices = [(str(s), s.label) for s in row.next_states]
        # What is asked of a state that is no longer next is told by the verb, not by the field.
        if data is not None and data.get("vu") != row.state:
            field.choices = [*field.choices, (data.get("to", ""), "")]

    def mark(self, field: forms.BoundField) -> str:
        return "" if field.field.required else " (facultatif)"


class ReasonForm(DsfrForm):
    reason = forms.CharField(
        label="Pourquoi cette étape est annulée",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="L’étape reste dans le journal, barrée, avec ce motif ; l’état d’avant revient.",
    )


class DecisionForm(DsfrForm):
    """On one kind of what is moderated: its motives are said as they are of it."""

    motive = forms.ChoiceField(
        label="Motif, pour écarter", widget=forms.RadioSelect, required=False
    )
    text = forms.CharField(label="Précision", max_length=1000, required=False)

    def __init__(self, *args: Any, kind: Moderated, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        motive: Any = self.fields["motive"]
        motive.choices = kind.motives
