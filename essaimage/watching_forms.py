"""What an account writes of a replication that it follows, and how it finds one."""

from typing import Any

from django import forms

from carrefour.forms import DsfrForm
from essaimage import watching
from essaimage.models import Following
from essaimage.watching import Note


class NoteForm(DsfrForm):
    note = forms.CharField(
        label="Vos notes",
        help_text="Pour vous seul : ni la reprise, ni l’équipe, ni un autre compte ne les lit.",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    next_step = forms.CharField(
        label="Prochaine action", required=False, max_length=200,
        help_text="Par exemple : appeler la communauté de communes.",
    )  # fmt: skip
    next_on = forms.DateField(
        label="Pour le",
        required=False,
        help_text="Format attendu : 2027-03-31.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    vu = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, following: Following, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "note": following.note,
            "next_step": following.next_step,
            "next_on": following.next_on,
            "vu": watching.mark(following),
        }
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("next_on") and not data.get("next_step"):
            self.add_error("next_step", "Dites ce qu’il y a à faire pour cette date.")
        return data

    def said(self) -> Note:
        data = self.cleaned_data
        return Note(data["note"], data["next_step"], data["next_on"])


class FindForm(DsfrForm):
    q = forms.CharField(
        label="Le projet, son porteur, le repreneur ou le territoire",
        required=False,
        max_length=100,
    )

    def mark(self, field: forms.BoundField) -> str:
        return ""
