"""Filters of a source’s records."""

from typing import Any

from django import forms

from carrefour.forms import DsfrForm
from partners.models import RecordState


class RecordFilter(DsfrForm):
    """Filters of a source's records; anything unknown is as if it were not asked."""

    q = forms.CharField(label="Titre ou identifiant", required=False, max_length=200)
    etat = forms.ChoiceField(label="État", required=False)
    remarques = forms.BooleanField(label="Avec des remarques", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        state: Any = self.fields["etat"]
        state.choices = [("", "Tous les états"), *RecordState.choices]

    def chosen(self, name: str) -> Any:
        self.is_valid()
        return self.cleaned_data.get(name)
