"""What a visitor or a porteur writes: a correction, a claim."""

from typing import Any

from django import forms

from carrefour.forms import DsfrModelForm
from innovations import fields
from innovations.fields import EditableField
from innovations.inputs import RecordForm, form_over, initial
from innovations.models import Innovation
from partners.claims import is_of_project
from partners.models import Claim, Suggestion


def field_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """The fields by section, as the list of a form shows them."""
    return [
        (section.title, [(f.name, f.label[:1].upper() + f.label[1:]) for f in section.fields])
        for section in fields.SECTIONS
    ]


class CorrectionForm(RecordForm):
    """A correction of one field; made for it by ``correction_form``."""

    why = forms.CharField(
        label="Pourquoi cette correction ?",
        required=False,
        max_length=2000,
        help_text="D’où vous tenez l’information : une page, un document, votre expérience.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    credit = forms.CharField(
        label="Nom à citer sur la fiche",
        required=False,
        max_length=120,
        help_text="Votre nom, celui de votre organisation, ou rien : nous ne citons que ceci.",
    )
    email = forms.EmailField(
        label="Votre adresse électronique",
        required=False,
        help_text=(
            "Format attendu : nom@domaine.fr. Un courriel demande de la confirmer ; elle sert à "
            "vous répondre, puis elle est effacée."
        ),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    # Left empty by people, who do not see it; filled in by robots.
    site = forms.CharField(required=False, widget=forms.HiddenInput)

    @property
    def is_robot(self) -> bool:
        return bool(self.cleaned_data.get("site"))

    def suggestion(self, innovation: Innovation, shown: Any) -> Suggestion:
        """What was written, not saved."""
        (field,) = self.asked
        return Suggestion(
            innovation=innovation,
            field=field.name,
            value=self.typed()[field.name],
            shown=shown,
            why=self.cleaned_data["why"],
            credit=self.cleaned_data["credit"],
            email=self.cleaned_data["email"],
        )


def correction_form(field: EditableField, shown: Any, data: Any = None) -> CorrectionForm:
    made = form_over([field], CorrectionForm)
    form: Any = made(data, initial=initial([field], {field.name: shown}))
    # The value comes first.
    own = [n for n in form.fields if n not in CorrectionForm.base_fields]
    form.order_fields([*own, *CorrectionForm.base_fields])
    return form


class ClaimForm(DsfrModelForm):
    site = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Claim
        fields = ["name", "organisation", "role", "email", "proof"]
        labels = {
            "name": "Votre nom",
            "organisation": "Votre organisation",
            "role": "Votre fonction",
            "email": "Votre adresse électronique",
            "proof": "Ce qui montre que vous portez ce projet",
        }
        help_texts = {
            "email": ("De préférence celle de votre organisation. Format attendu : nom@domaine.fr"),
            "proof": (
                "Facultatif si votre adresse est celle du site du projet ; sinon, une page où "
                "votre nom figure, un article, le nom d’un partenaire qui vous connaît."
            ),
        }
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "organisation": forms.TextInput(attrs={"autocomplete": "organization"}),
            "role": forms.TextInput(attrs={"autocomplete": "organization-title"}),
            "email": forms.EmailInput(attrs={"autocomplete": "email"}),
            "proof": forms.Textarea(attrs={"rows": 4, "maxlength": 3000}),
        }

    def __init__(self, *args: Any, innovation: Innovation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.innovation = self.instance.innovation = innovation
        self.fields["email"].required = True

    def mark(self, field: forms.BoundField) -> str:
        """The proof says itself when it is needed."""
        return "" if field.name == "proof" else super().mark(field)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        email = data.get("email", "")
        if email and not data.get("proof") and not is_of_project(email, self.innovation):
            self.add_error(
                "proof",
                "Votre adresse n’est pas celle du site du projet : dites ce qui montre que vous "
                "le portez.",
            )
        return data

    @property
    def is_robot(self) -> bool:
        return bool(self.cleaned_data.get("site"))
