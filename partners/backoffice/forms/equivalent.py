"""Expressions that a search takes for one another."""

from typing import Any

from django import forms

from carrefour.forms import DsfrForm
from carrefour.text import one_line
from innovations.models import Equivalent

LONGEST = 120
MOST = 20


class EquivalentForm(DsfrForm):
    expressions = forms.CharField(
        label="Expressions équivalentes",
        help_text="Une par ligne, deux au moins : un sigle et ce qu’il abrège, deux façons de dire "
        "la même chose. Accents, majuscules et pluriels sont sans effet.",
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    note = forms.CharField(
        label="Note",
        required=False,
        max_length=300,
        help_text="Pourquoi, ou ce qu’il ne faut pas y ajouter. Elle n’est lue que par l’équipe.",
    )

    def __init__(self, group: Equivalent, *args: Any, **kwargs: Any) -> None:
        self.group = group
        initial = {"expressions": "\n".join(group.expressions or []), "note": group.note}
        super().__init__(*args, initial=initial, **kwargs)

    def clean_expressions(self) -> list[str]:
        lines = [one_line(line) for line in self.cleaned_data["expressions"].splitlines()]
        lines = [line for line in lines if line]
        if long := next((line for line in lines if len(line) > LONGEST), ""):
            raise forms.ValidationError(
                f"Cette expression dépasse {LONGEST} caractères : {long[:40]}…"
            )
        if len(lines) > MOST:
            raise forms.ValidationError(f"Un groupe tient au plus {MOST} expressions.")
        return lines

    def filled(self) -> Equivalent:
        """The group as it is written, not saved."""
        self.group.expressions = self.cleaned_data["expressions"]
        self.group.note = self.cleaned_data["note"]
        return self.group
