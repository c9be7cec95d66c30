"""The forms of the self-assessment: one per part, made of its questions."""

from typing import Any

from django import forms
from dsfr.widgets import InlineRadioSelect

from carrefour.forms import DsfrForm
from essaimage.assessing.profile import TEXT
from essaimage.assessing.questions import Area, Part, Question, Questionnaire
from essaimage.public_form import PublicForm

LONGEST = 4000


class StartForm(PublicForm):
    projet = forms.CharField(label="Nom du projet", max_length=200)


class PartForm(DsfrForm):
    """One field of three points for each question, with its text when it has one.

    Nothing is required: a question may wait for a talk.
    """

    def __init__(self, *args: Any, asked: Questionnaire, part: Part, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.part = part
        for question in part.questions():
            self.fields[question.code] = forms.ChoiceField(
                label=question.text,
                help_text=question.help,
                choices=list(asked.scale.items()),
                required=False,
                widget=InlineRadioSelect,
            )
            if question.field:
                self.fields[TEXT + question.field] = forms.CharField(
                    label="En quelques lignes",
                    max_length=LONGEST,
                    required=False,
                    widget=forms.Textarea(attrs={"rows": 3}),
                )

    def mark(self, field: forms.BoundField) -> str:
        """All is optional, and said once above."""
        return ""

    def areas(self) -> list[tuple[Area, list[tuple[Question, Any, Any]]]]:
        """Areas with, for each question, its field and that of its text (None without one)."""
        return [(area, [self._fields(q) for q in area.questions]) for area in self.part.areas]

    def _fields(self, question: Question) -> tuple[Question, Any, Any]:
        text = self[TEXT + question.field] if question.field else None
        return question, self[question.code], text


class MailForm(DsfrForm):
    courriel = forms.EmailField(
        label="Votre adresse électronique",
        help_text="Elle sert à ce seul envoi : elle n’est pas gardée. Exemple : nom@exemple.fr",
    )
