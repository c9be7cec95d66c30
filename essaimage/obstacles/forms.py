"""What anyone tells of an obstacle, or of how it is read elsewhere."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from carrefour.forms import DsfrForm
from essaimage import dates, impersonal, personal
from essaimage.form_fields import PartialDate, address, line, one_of, text
from essaimage.models import (
    Interpretation,
    Interpreter,
    Obstacle,
    ObstacleOrigin,
    ObstacleStage,
    ObstacleState,
    Relief,
    Replication,
    Teller,
)
from innovations.models import Innovation
from innovations.place_asked import PlaceAsked

NO_PERSON = "Ce texte sera public : ni nom, ni numéro, ni adresse d’une personne."
AUTHORITY = (
    "Une autorité, jamais une personne : « la préfecture de la Nièvre », « la CAF », « le service "
    "urbanisme de la ville »."
)
# The team and documents speak through the back-office.
TELLERS = [(t.value, t.label) for t in Teller if t not in {Teller.DOCUMENT, Teller.STAFF}]
STATES = [
    (ObstacleState.SIGNALE.value, "Il bloque, et rien n’est engagé"),
    (ObstacleState.EN_DISCUSSION.value, "Il est en discussion avec l’autorité"),
    (ObstacleState.LEVE.value, "Il a été levé"),
    (ObstacleState.MAINTENU.value, "Il est maintenu"),
]
PARTS: list[tuple[str, str, tuple[str, ...]]] = [
    ("Ce qui bloque", "", ("title", "description", "origin", "legal_basis", "stage")),
    ("Qui décide, et où", "", ("authority", "interpreter", "lieu", "territoire")),
    (
        "Où en est-il ?",
        "Un obstacle levé ici évite à d’autres de le négocier de nouveau : dites comment.",
        ("state", "date", "resolution", "relief"),
    ),
    ("Vous", "", ("told_by", "email", "site")),
]


def no_agent(said: str) -> None:
    """Raises ``ValidationError`` when the text names someone: agents are not to be exposed."""
    if any(one.kind == "nom d’une personne" for one in personal.noticed({"": said})):
        raise ValidationError(
            "Ce texte sera public, et il semble nommer une personne : nommez l’autorité ou le "
            "service, jamais l’agent."
        )


def told(label: str, help_text: str = "", **options: Any) -> Any:
    field = text(label, help_text, **options)
    field.validators = [*field.validators, no_agent]
    return field


def sentence(label: str, help_text: str, most: int, *, required: bool = False) -> Any:
    """A short text that will be public, and is not the name of an authority."""
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=most,
        required=required,
        validators=[impersonal.check, no_agent],
    )


class SignalForm(DsfrForm):
    title = sentence(
        "L’obstacle en une phrase",
        "Par exemple : « le local ne peut pas recevoir de public ».",
        200,
        required=True,
    )
    description = told("Ce qui bloque, et pourquoi", NO_PERSON, required=True, rows=5)
    origin = one_of(
        "Qu’est-ce qui est en cause ?",
        ObstacleOrigin.choices,
        "Un règlement et une norme sont écrits ; une habitude est une façon de faire.",
    )
    legal_basis = sentence(
        "Le texte en cause, si vous le connaissez",
        "Article, arrêté, circulaire, règlement intérieur…",
        300,
    )
    stage = one_of("À quel stade du projet ?", ObstacleStage.choices)
    authority = line("L’autorité qui décide", AUTHORITY, required=True)
    interpreter = one_of("Qui interprète la règle ?", Interpreter.choices)
    lieu = forms.CharField(
        label="Le territoire",
        help_text="Une commune, une intercommunalité, un département, une région. Vide : celui de "
        "la reprise, ou partout.",
        required=False,
        max_length=200,
    )
    territoire = forms.ChoiceField(
        label="Plusieurs lieux portent ce nom : lequel ?", required=False, widget=forms.RadioSelect
    )
    state = forms.ChoiceField(
        label="Aujourd’hui", choices=STATES, initial=ObstacleState.SIGNALE, widget=forms.RadioSelect
    )
    date = PartialDate("Depuis quand", help_text=f"{dates.HELP} Vide : la date n’est pas connue.")
    resolution = told("S’il a été levé : comment ?", NO_PERSON)
    relief = one_of(
        "Ce qui est demandé ou obtenu",
        Relief.choices,
        "Assouplir, c’est changer la pratique ; simplifier, c’est changer la règle.",
    )
    told_by = forms.ChoiceField(label="Vous êtes", choices=TELLERS, widget=forms.RadioSelect)
    email = address(
        "Votre adresse électronique",
        "Format attendu : nom@domaine.fr. Elle reçoit le lien qui confirme le signalement, et "
        "n’est pas gardée.",
    )
    # Left empty by people, who do not see it; filled in by robots.
    site = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, innovation: Innovation, **kwargs: Any) -> None:
        self.replication: Replication | None = kwargs.pop("replication", None)
        super().__init__(*args, **kwargs)
        self.innovation = innovation
        self._place = PlaceAsked(self)

    @property
    def parts(self) -> list[tuple[str, str, list[forms.BoundField]]]:
        """(title, what it says first, fields) of each part of the page."""
        return [
            (title, said, [self[name] for name in names if name in self.fields])
            for title, said, names in PARTS
        ]

    @property
    def is_robot(self) -> bool:
        return bool(self.cleaned_data.get("site"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        self._place.settle()
        is_lifted = data.get("state") == ObstacleState.LEVE
        if is_lifted and not data.get("resolution") and "resolution" not in self.errors:
            self.add_error("resolution", "Dites comment il a été levé : d’autres en auront besoin.")
        if data.get("resolution") and data.get("state") and not is_lifted:
            self.add_error(
                "state", "Vous dites comment il a été levé : choisissez « Il a été levé »."
            )
        return data

    def obstacle(self) -> Obstacle:
        """What was told, not saved; once the form is valid."""
        names = (
            "title", "description", "origin", "legal_basis", "stage", "authority", "interpreter",
            "state", "resolution", "relief", "told_by",
        )  # fmt: skip
        return Obstacle(
            innovation=self.innovation,
            replication=self.replication,
            territory=self._place.territory,
            **{name: self.cleaned_data[name] for name in names},
        )


class InterpretationForm(DsfrForm):
    authority = line("L’autorité qui l’interprète ainsi", AUTHORITY, required=True)
    lieu = forms.CharField(
        label="Son territoire",
        help_text="Une commune, une intercommunalité, un département, une région.",
        required=False,
        max_length=200,
    )
    territoire = forms.ChoiceField(
        label="Plusieurs lieux portent ce nom : lequel ?", required=False, widget=forms.RadioSelect
    )
    allows = forms.ChoiceField(
        label="Cette lecture",
        choices=[("oui", "Permet le projet"), ("non", "Le refuse")],
        widget=forms.RadioSelect,
    )
    text = told("Comment elle l’entend", NO_PERSON, required=True)
    source = sentence(
        "D’où vous le tenez", "Une décision, un courrier, une page, votre expérience.", 300
    )
    told_by = forms.ChoiceField(label="Vous êtes", choices=TELLERS, widget=forms.RadioSelect)
    email = address(
        "Votre adresse électronique",
        "Format attendu : nom@domaine.fr. Elle reçoit le lien qui confirme, et n’est pas gardée.",
    )
    site = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._place = PlaceAsked(self)

    @property
    def is_robot(self) -> bool:
        return bool(self.cleaned_data.get("site"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        self._place.settle()
        return data

    def interpretation(self, obstacle: Obstacle) -> Interpretation:
        """What was told of the obstacle, not saved; once the form is valid."""
        data = self.cleaned_data
        return Interpretation(
            obstacle=obstacle,
            authority=data["authority"],
            territory=self._place.territory,
            text=data["text"],
            allows=data["allows"] == "oui",
            source=data["source"],
            told_by=data["told_by"],
        )
