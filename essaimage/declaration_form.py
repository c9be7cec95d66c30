"""The form by which a repreneur or a porteur declares a replication."""

from typing import Any

from django import forms

from essaimage import personal
from essaimage.declaring import Declaration
from essaimage.form_fields import (
    PartialDate,
    address,
    line,
    one_of,
    place,
    some_of,
    text,
    which_place,
)
from essaimage.models import (
    Approach,
    DiffusionForm,
    Dynamic,
    Extent,
    Replication,
    ReplicationState,
    Side,
    Strategy,
    TakeUpMode,
)
from essaimage.moving import WAY, Passed
from essaimage.public_form import Parts, PlacedForm
from innovations.models import Innovation

S = ReplicationState
UNTIL = [(state.value, state.label) for state in WAY]
# Title of a part of the form, what it says first, its fields.
PARTS: Parts = [
    ("Qui reprend le projet", "", ("by", "repreneur_name", "is_structure")),
    (
        "Où, ou dans quoi",
        "Remplissez au moins un des trois : un territoire, un autre secteur d’activité, ou un "
        "service d’une administration.",
        ("lieu", "territoire", "sector", "service"),
    ),
    ("Ce qui est repris", "", ("parent", "summary", "network", "extent")),
    (
        "Où en est-elle ?",
        "Donnez les dates que vous connaissez : une année (2024), un mois (2024-05) ou un jour "
        "(2024-05-17). Ce qui n’est pas connu reste vide, et sera dit « date non renseignée ».",
        ("state", "reached", *(f"date_{state.name.lower()}" for state in S), "reason"),
    ),
    (
        "En dire plus",
        "Tout est facultatif : ce qui n’est pas dit sera montré « non renseigné ».",
        ("approach", "diffusion", "dynamics", "strategies", "take_up"),
    ),
    ("Vos adresses", "", ("email", "other_email", "consent", "site")),
]


MARKED = {"summary", "network", "extent", "reason"}


class DeclarationForm(PlacedForm):
    PARTS = PARTS

    by = forms.ChoiceField(
        label="Vous déclarez en tant que",
        choices=[
            (Side.REPRENEUR.value, "Repreneur : ma structure reprend ce projet"),
            (Side.PORTEUR.value, "Structure porteuse : notre projet est repris par d’autres"),
        ],
        widget=forms.RadioSelect,
    )
    repreneur_name = line(
        "La structure qui reprend le projet",
        "Une association, une collectivité, une entreprise… jamais une personne.",
        required=True,
    )
    is_structure = forms.BooleanField(
        label="C’est bien le nom d’une structure, et non celui d’une personne", required=False
    )
    lieu = place("Le territoire")
    territoire = which_place()
    sector = line("L’autre secteur d’activité", "Par exemple : la boulangerie.")
    service = line("Le service d’une administration", "Par exemple : le service des espaces verts.")
    parent = forms.ModelChoiceField(
        Replication.objects.none(),
        label="Qui avait le projet avant vous ?",
        help_text="Une reprise peut être reprise à son tour.",
        empty_label="Le projet d’origine",
        required=False,
    )
    summary = text(
        "Ce qui est repris, en quelques phrases",
        "Ce que fait la reprise, pour qui. Ce texte sera public : ni nom, ni numéro, ni adresse "
        "d’une personne.",
        rows=3,
    )
    network = line("Le réseau qui la porte", "Une tête de réseau, une fédération… s’il y en a un.")
    extent = one_of("Sa portée, vue du lieu d’origine", Extent.choices, unknown="Non précisée")
    state = forms.ChoiceField(
        label="L’état de la reprise aujourd’hui", choices=S.choices, widget=forms.RadioSelect
    )
    reached = forms.ChoiceField(
        label="Si elle est abandonnée : jusqu’où était-elle allée ?",
        choices=[("", "Ne s’applique pas"), *UNTIL],
        required=False,
    )
    date_envisagee = PartialDate("Envisagée depuis")
    date_en_preparation = PartialDate("En préparation depuis")
    date_en_cours = PartialDate("En cours depuis")
    date_perennisee = PartialDate("Pérennisée depuis")
    date_abandonnee = PartialDate("Abandonnée depuis")
    reason = text(
        "Ce qui montre l’état d’aujourd’hui, ou pourquoi elle s’est arrêtée",
        "Un arrêt n’est pas une faute : ce qu’il a appris évite aux autres les mêmes erreurs.",
        rows=3,
    )
    approach = one_of("Approche du changement d’échelle", Approach.choices, unknown="Non précisée")
    diffusion = some_of(
        "Formes de diffusion", DiffusionForm.choices, "Plusieurs réponses possibles."
    )
    dynamics = some_of("Dynamiques", Dynamic.choices)
    strategies = some_of("Stratégies de changement d’échelle", Strategy.choices)
    take_up = one_of("Si un acteur public la reprend, comment ?", TakeUpMode.choices)
    email = address(
        "Votre adresse électronique",
        "Format attendu : nom@domaine.fr. Elle reçoit le lien qui confirme la déclaration. Jamais "
        "publiée.",
    )
    other_email = address(
        "L’adresse électronique de l’autre partie, si vous la connaissez",
        "Une adresse de la structure, de préférence. Nous lui demandons de confirmer, une fois la "
        "reprise publiée. Jamais publiée.",
        required=False,
    )
    consent = forms.BooleanField(
        label="J’accepte que ces adresses servent à suivre cette reprise, et à rien d’autre",
        error_messages={"required": "Sans votre accord, nous ne pouvons pas vous écrire."},
    )

    def __init__(self, *args: Any, innovation: Innovation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.innovation = innovation
        parent: Any = self.fields["parent"]
        rows = Replication.objects.of(innovation).published().order_by("pk")
        parent.queryset = rows.select_related("territory", "repreneur")
        parent.label_from_instance = named
        if not personal.may_name_someone(str(self.data.get("repreneur_name", ""))):
            del self.fields["is_structure"]

    def mark(self, field: forms.BoundField) -> str:
        """Some parts of the page say themselves what may stay empty, and so do some fields."""
        return super().mark(field) if field.name in MARKED else ""

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if "is_structure" in self.fields and not data.get("is_structure"):
            self.add_error(
                "is_structure",
                "Ce nom ressemble à celui d’une personne : écrivez celui de la structure, ou "
                "cochez la case s’il est bien le sien.",
            )
        told = ("lieu", "sector", "service")
        if not any(data.get(name) or self.has_error(name) for name in told):
            self.add_error("lieu", "Dites où, ou dans quoi, le projet est repris.")
        self._check_states(data)
        return data

    def _check_states(self, data: dict[str, Any]) -> None:
        state = data.get("state")
        if not state:
            return
        last = data.get("reached") or WAY[0] if state == S.ABANDONNEE else state
        later = [str(one) for one in WAY[WAY.index(S(last)) + 1 :]]
        for one in [*later, *([] if state == S.ABANDONNEE else [str(S.ABANDONNEE)])]:
            name = _date_of(one)
            if data.get(name):
                self.add_error(
                    name, "Cet état n’est pas encore atteint : videz la date, ou changez l’état."
                )

    def declaration(self) -> Declaration:
        """What was declared, once the form is valid."""
        data = self.cleaned_data
        made = Replication(
            innovation=self.innovation,
            territory=self.place.territory,
            forms=data["diffusion"],
            **{name: data[name] for name in SAME},
        )
        return Declaration(
            replication=made,
            by=Side(data["by"]),
            email=data["email"],
            other_email=data["other_email"],
            reason=data["reason"],
            passed=self._passed(),
        )

    def _passed(self) -> list[Passed]:
        """The states reached, in order, with the dates known."""
        data = self.cleaned_data
        is_over = data["state"] == S.ABANDONNEE
        last = S(data["reached"] or WAY[0]) if is_over else S(data["state"])
        reached = [*WAY[: WAY.index(last) + 1], *([S.ABANDONNEE] if is_over else [])]
        return [Passed(str(state), data[_date_of(state)]) for state in reached]


SAME = (
    "repreneur_name", "sector", "service", "parent", "summary", "network", "extent", "state",
    "approach", "dynamics", "strategies", "take_up",
)  # fmt: skip


def named(replication: Replication) -> str:
    """A replication in a list: « Association du bourg, Lyon (69) », « Enerterre-lyon »."""
    parts = (replication.repreneur_shown, replication.target)
    return ", ".join(part for part in parts if part) or replication.code


def _date_of(state: str) -> str:
    return f"date_{S(state).name.lower()}"
