"""What anyone tells of an obstacle, or of how it is read elsewhere."""

from typing import Any

from django import forms

from essaimage import dates
from essaimage.form_fields import (
    PartialDate,
    address,
    line,
    one_of,
    place,
    sentence,
    text,
    which_place,
)
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
from essaimage.public_form import Parts, PlacedForm
from innovations.models import Innovation

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
PARTS: Parts = [
    ("Ce qui bloque", "", ("title", "description", "origin", "legal_basis", "stage")),
    ("Qui décide, et où", "", ("authority", "interpreter", "lieu", "territoire")),
    (
        "Où en est-il ?",
        "Un obstacle levé ici évite à d’autres de le négocier de nouveau : dites comment.",
        ("state", "date", "resolution", "relief"),
    ),
    ("Vous", "", ("told_by", "email", "site")),
]


class SignalForm(PlacedForm):
    PARTS = PARTS

    title = sentence(
        "L’obstacle en une phrase",
        "Par exemple : « le local ne peut pas recevoir de public ».",
        200,
        required=True,
    )
    description = text("Ce qui bloque, et pourquoi", NO_PERSON, unnamed=True, required=True, rows=5)
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
    lieu = place("Le territoire", "Vide : celui de la reprise, ou partout.")
    territoire = which_place()
    state = forms.ChoiceField(
        label="Aujourd’hui", choices=STATES, initial=ObstacleState.SIGNALE, widget=forms.RadioSelect
    )
    date = PartialDate("Depuis quand", help_text=f"{dates.HELP} Vide : la date n’est pas connue.")
    resolution = text("S’il a été levé : comment ?", NO_PERSON, unnamed=True)
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

    def __init__(self, *args: Any, innovation: Innovation, **kwargs: Any) -> None:
        self.replication: Replication | None = kwargs.pop("replication", None)
        super().__init__(*args, **kwargs)
        self.innovation = innovation

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
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
            territory=self.place.territory,
            **{name: self.cleaned_data[name] for name in names},
        )


class InterpretationForm(PlacedForm):
    authority = line("L’autorité qui l’interprète ainsi", AUTHORITY, required=True)
    lieu = place("Son territoire")
    territoire = which_place()
    allows = forms.ChoiceField(
        label="Cette lecture",
        choices=[("oui", "Permet le projet"), ("non", "Le refuse")],
        widget=forms.RadioSelect,
    )
    text = text("Comment elle l’entend", NO_PERSON, unnamed=True, required=True)
    source = sentence(
        "D’où vous le tenez", "Une décision, un courrier, une page, votre expérience.", 300
    )
    told_by = forms.ChoiceField(label="Vous êtes", choices=TELLERS, widget=forms.RadioSelect)
    email = address(
        "Votre adresse électronique",
        "Format attendu : nom@domaine.fr. Elle reçoit le lien qui confirme, et n’est pas gardée.",
    )

    def interpretation(self, obstacle: Obstacle) -> Interpretation:
        """What was told of the obstacle, not saved; once the form is valid."""
        data = self.cleaned_data
        return Interpretation(
            obstacle=obstacle,
            authority=data["authority"],
            territory=self.place.territory,
            text=data["text"],
            allows=data["allows"] == "oui",
            source=data["source"],
            told_by=data["told_by"],
        )
