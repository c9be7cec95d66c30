"""Asking that a record or a datum be removed."""

from typing import Any

from django import forms

from carrefour.forms import DsfrModelForm
from innovations.models import Innovation
from partners.models import Objection
from partners.models.objection import ObjectionScope
from partners.objections import innovation_at
from partners.suppression import is_too_short

DATUM_HELP = (
    "À remplir pour retirer une seule donnée, telle qu’elle est écrite sur la fiche : un nom, "
    "une adresse, un numéro… Une donnée par ligne."
)
DATUM_LENGTH = 300


class DataField(forms.CharField):
    """One datum per line, each long enough to be looked for without tearing holes everywhere."""

    def __init__(self, **options: Any) -> None:
        defaults: dict[str, Any] = {
            "label": "Donnée à retirer",
            "help_text": DATUM_HELP,
            "required": False,
            "max_length": DATUM_LENGTH,
            "widget": forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
        }
        super().__init__(**(defaults | options))

    def clean(self, value: Any) -> str:
        lines = [line.strip() for line in super().clean(value).splitlines() if line.strip()]
        short = next((line for line in lines if is_too_short(line)), "")
        if short:
            raise forms.ValidationError(
                f"« {short} » est trop court : donnez au moins trois lettres ou chiffres."
            )
        return "\n".join(lines)


class AboutRecord(DsfrModelForm):
    """What any request says: which record, the whole of it or a datum, and why."""

    record_url = forms.CharField(
        label="Adresse de la fiche",
        max_length=500,
        required=False,
        help_text="Copiez-la depuis la barre d’adresse de votre navigateur.",
    )
    scope = forms.ChoiceField(
        label="Que faut-il retirer ?",
        choices=ObjectionScope.choices,
        widget=forms.RadioSelect,
    )
    datum = DataField()

    class Meta:
        model = Objection
        fields = ["record_url", "scope", "datum", "reason"]
        widgets = {"reason": forms.Textarea(attrs={"rows": 4})}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("scope") == ObjectionScope.DATUM and not data.get("datum"):
            if "datum" not in self.errors:
                self.add_error("datum", "Écrivez la donnée à retirer.")
        elif data.get("scope") == ObjectionScope.RECORD:
            data["datum"] = ""
        return data


class ObjectionForm(AboutRecord):
    """The public form. ``innovation``: the record it was opened from, if any."""

    email = forms.EmailField(
        label="Votre adresse électronique",
        help_text=(
            "Format attendu : nom@domaine.fr. Elle sert à confirmer la demande et à vous répondre, "
            "puis elle est effacée."
        ),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    # Left empty by people, who do not see it; filled in by robots.
    site = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta(AboutRecord.Meta):
        fields = ["record_url", "scope", "datum", "reason", "email"]
        labels = {"reason": "Motif"}
        help_texts = {"reason": "Il n’est lu que par l’équipe, puis effacé."}

    def __init__(self, *args: Any, innovation: Innovation | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.innovation = innovation
        if innovation is not None:
            del self.fields["record_url"]
            return
        address = self.fields["record_url"]
        address.required = True
        address.error_messages["required"] = "Indiquez l’adresse de la fiche."

    def clean_record_url(self) -> str:
        address = str(self.cleaned_data["record_url"])
        # Whether an unpublished record exists is nobody's business.
        self.innovation = innovation_at(address, Innovation.objects.published())
        if self.innovation is None:
            raise forms.ValidationError(
                "Aucune fiche du Carrefour n’est à cette adresse. "
                "Ouvrez la fiche et copiez son adresse."
            )
        return address

    @property
    def is_robot(self) -> bool:
        return bool(self.cleaned_data.get("site"))

    def save(self, commit: bool = True) -> Objection:
        objection = super().save(commit=False)
        objection.innovation = self.innovation
        if self.innovation is not None:
            objection.record_url = ""
        return objection


class OnBehalfForm(AboutRecord):
    """Staff writes down a request that came by letter or by telephone."""

    email = forms.EmailField(
        label="Adresse électronique de la personne",
        required=False,
        help_text="Pour lui répondre ; effacée une fois la demande réglée.",
    )

    class Meta(AboutRecord.Meta):
        fields = ["record_url", "scope", "datum", "reason", "email"]
        labels = {"reason": "Demande reçue"}
        help_texts = {"reason": "Par quelle voie et quand. Effacé une fois la demande réglée."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[
            "record_url"
        ].help_text = "Celle de la fiche au Carrefour, ou celle de sa page chez le partenaire."

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("scope") == ObjectionScope.RECORD and not data.get("record_url"):
            self.add_error("record_url", "Indiquez l’adresse de la fiche.")
        return data

    def save(self, commit: bool = True) -> Objection:
        objection = super().save(commit=False)
        objection.innovation = innovation_at(objection.record_url)
        if objection.innovation is not None:
            objection.record_url = ""
        if commit:
            objection.save()
        return objection


class DecisionForm(AboutRecord):
    """Staff makes exact what will be removed, then looks at the effects again."""

    class Meta(AboutRecord.Meta):
        fields = ["scope", "datum"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["record_url"]


class AnswerForm(forms.Form):
    """The words that the requester receives; compulsory when refusing."""

    answer = forms.CharField(max_length=2000)
