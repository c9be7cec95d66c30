"""The short steps by which a porteur tells its project; each is saved as it is sent."""

import datetime
from typing import Any

from django import forms

from carrefour.forms import DsfrForm
from innovations.licences import Licence
from innovations.models import LegalForm, Maturity, Term, Vocabulary
from innovations.place_asked import PlaceAsked

LICENCES = [
    (licence.value, licence.label)
    for licence in (Licence.ETALAB, Licence.CC_BY, Licence.CC_BY_SA, Licence.ODBL, Licence.CC0)
]
TEXT = 4000


def text(label: str, help_text: str = "", *, required: bool = False, rows: int = 4) -> Any:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=required,
        max_length=TEXT,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class StepForm(DsfrForm):
    """``title``: of the step; ``answers``: the columns of the row, as the mapping reads them."""

    code = ""
    title = ""

    def answers(self) -> dict[str, Any]:
        return {name: value or "" for name, value in self.cleaned_data.items()}

    @classmethod
    def initial_of(cls, answers: dict[str, Any]) -> dict[str, Any]:
        return {name: answers.get(name) for name in cls.base_fields}

    @classmethod
    def lacks(cls, answers: dict[str, Any]) -> bool:
        """Whether the row does not say all that the step asks."""
        wanted = [name for name, field in cls.base_fields.items() if field.required]
        return not all(answers.get(name) for name in wanted)


class ProjectStep(StepForm):
    code = "projet"
    title = "Le projet"

    titre = forms.CharField(label="Nom du projet", max_length=300)
    resume = text(
        "En deux ou trois phrases", "Ce que fait le projet, pour qui.", required=True, rows=3
    )
    maturite = forms.ChoiceField(
        label="Où en est-il ?",
        help_text="Une expérience arrêtée ou inaboutie est bienvenue : elle évite aux autres les "
        "mêmes erreurs.",
        choices=[("", "Non précisé"), *Maturity.choices],
        required=False,
    )
    annee = forms.IntegerField(
        label="Année de démarrage",
        help_text="Format attendu : 2014",
        min_value=1800,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    site = forms.URLField(
        label="Site web du projet",
        help_text="Format attendu : https://exemple.fr",
        max_length=500,
        required=False,
        assume_scheme="https",
    )

    def clean_annee(self) -> int | None:
        year = self.cleaned_data["annee"]
        if year and year > datetime.datetime.now(tz=datetime.UTC).year:
            raise forms.ValidationError("Cette année n’est pas encore venue.")
        return year


class ReproductionStep(StepForm):
    code = "reproduire"
    title = "Ce qui aidera à le reproduire"

    besoin = text(
        "Le besoin auquel il répond",
        "Le besoin social, sans la réponse du projet.",
        required=True,
    )
    coeur = text(
        "Le cœur du concept",
        "Ce qui ne peut changer sans que ce soit un autre projet.",
        required=True,
    )
    marge = text("La marge d’adaptation", "Ce que chacun peut faire à sa manière.")
    obstacles = text("Les obstacles rencontrés")
    enseignements = text("Les enseignements", "Ce que vous feriez autrement, échecs compris.")
    description = text("Le projet raconté plus longuement", rows=8)


class PlaceStep(StepForm):
    code = "lieu"
    title = "Où, sur quoi et pour qui"

    lieu = forms.CharField(
        label="Où agit-il ?",
        help_text="Une commune, un département, une région, ou « France ».",
        max_length=200,
    )
    territoire = forms.ChoiceField(
        label="Plusieurs lieux portent ce nom : lequel ?", required=False, widget=forms.RadioSelect
    )
    themes = forms.MultipleChoiceField(
        label="Thèmes", required=False, widget=forms.CheckboxSelectMultiple
    )
    publics = forms.MultipleChoiceField(
        label="Publics", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        terms = Term.objects.active().filter(parent=None)
        for name, vocabulary in (("themes", Vocabulary.THEME), ("publics", Vocabulary.PUBLIC)):
            field: Any = self.fields[name]
            field.choices = [(t.label, t.label) for t in terms if t.vocabulary == vocabulary]
        self._place = PlaceAsked(self)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        self._place.settle()
        return data

    def answers(self) -> dict[str, Any]:
        found = super().answers()
        found.pop("territoire", None)
        place = self._place.territory
        told = {"text": place.name, "kind": place.kind, "code": place.code} if place else {}
        return found | {"lieux": [told] if told else []}

    @classmethod
    def lacks(cls, answers: dict[str, Any]) -> bool:
        return not answers.get("lieux")


class OrganisationStep(StepForm):
    code = "structure"
    title = "La structure et la licence"

    structure = forms.CharField(label="Structure porteuse", max_length=250)
    forme = forms.ChoiceField(
        label="Forme juridique", choices=[("", "Non précisée"), *LegalForm.choices], required=False
    )
    licence = forms.ChoiceField(
        label="Sous quelle licence ces textes sont-ils publiés ?",
        help_text="La Licence Ouverte laisse chacun les reprendre en citant la source.",
        choices=LICENCES,
        initial=Licence.ETALAB.value,
        widget=forms.RadioSelect,
    )

    @classmethod
    def initial_of(cls, answers: dict[str, Any]) -> dict[str, Any]:
        return super().initial_of({"licence": Licence.ETALAB.value, **answers})


class SendForm(DsfrForm):
    agreed = forms.BooleanField(
        label="J’ai le droit de publier ces textes, qui ne contiennent aucune donnée personnelle, "
        "et j’accepte qu’ils soient publiés sous la licence choisie",
        error_messages={"required": "Cochez la case pour envoyer votre projet."},
    )


class StartForm(DsfrForm):
    email = forms.EmailField(
        label="Votre adresse électronique",
        help_text=(
            "Format attendu : nom@domaine.fr. Elle reçoit le lien qui permet de reprendre, de "
            "suivre, de corriger ou de retirer votre projet. Jamais publiée."
        ),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    consent = forms.BooleanField(
        label="J’accepte que mon adresse serve à suivre ce projet, et à rien d’autre",
        error_messages={"required": "Sans votre accord, nous ne pouvons pas vous écrire."},
    )
    # Left empty by people, who do not see it; filled in by robots.
    site = forms.CharField(required=False, widget=forms.HiddenInput)

    @property
    def is_robot(self) -> bool:
        return bool(self.cleaned_data.get("site"))


STEPS: tuple[type[StepForm], ...] = (ProjectStep, ReproductionStep, PlaceStep, OrganisationStep)
BY_CODE = {step.code: step for step in STEPS}
# Column of the row → what it is called where people read it.
LABELS = {
    "titre": "nom du projet",
    "resume": "résumé",
    "maturite": "où il en est",
    "annee": "année de démarrage",
    "site": "site web",
    "besoin": "besoin auquel il répond",
    "coeur": "cœur du concept",
    "marge": "marge d’adaptation",
    "obstacles": "obstacles rencontrés",
    "enseignements": "enseignements",
    "description": "le projet raconté",
    "lieu": "lieu",
    "themes": "thèmes",
    "publics": "publics",
    "structure": "structure porteuse",
    "forme": "forme juridique",
    "licence": "licence",
}
CODED: dict[str, dict[str, str]] = {
    "maturite": dict(Maturity.choices),
    "forme": dict(LegalForm.choices),
    "licence": dict(Licence.choices),
}


def told(answers: dict[str, Any]) -> list[tuple[str, str]]:
    """(label, value) of what the row says, as people read it."""
    return [(label, said) for name, label in LABELS.items() if (said := read(answers, name))]


def read(answers: dict[str, Any], name: str) -> str:
    value = answers.get(name, "")
    if name == "lieu" and answers.get("lieux"):
        value = answers["lieux"][0]["text"]
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(CODED.get(name, {}).get(value, value))


def first_lacking(answers: dict[str, Any]) -> type[StepForm] | None:
    """The first step that is not all told."""
    return next((step for step in STEPS if step.lacks(answers)), None)
