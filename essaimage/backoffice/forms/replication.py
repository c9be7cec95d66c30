"""The form of a replication: all that staff may write of it, with what it was opened on."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField, CharField

from carrefour.forms import DsfrForm
from essaimage import dates, editing
from essaimage.backoffice.forms.lookups import (
    InnovationField,
    OrganisationField,
    OrganisationsField,
    PlaceField,
)
from essaimage.editing import FIELDS
from essaimage.models import (
    Adaptation,
    Approach,
    DiffusionForm,
    Dynamic,
    Extent,
    Replication,
    ReplicationState,
    Strategy,
    TakeUpMode,
)
from essaimage.moving import Passed

SEEN = "vu-"
UNKNOWN = "Non renseigné"
REFERENCE = ("document", "section", "page", "quote")
# Empty references offered beside those that are there.
MORE = 2
MOST = 40


def _one(label: str, choices: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=[("", UNKNOWN), *choices.choices], required=False)


def _several(label: str, choices: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        choices=choices.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


def _text(label: str, help_text: str = "", *, long: bool = False) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=False,
        max_length=5000 if long else 200,
        widget=forms.Textarea(attrs={"rows": 4}) if long else forms.TextInput(),
    )


class ReplicationForm(DsfrForm):
    """``row``: the replication written, or None; ``typed()`` gives field → value."""

    parent = forms.ModelChoiceField(
        queryset=Replication.objects.none(),
        label="Reprise de",
        empty_label="Le projet d’origine",
        required=False,
    )
    repreneur = OrganisationField(
        label="Repreneur, s’il est connu de l’annuaire", required=False, max_length=250
    )
    repreneur_name = _text("Repreneur, tel qu’il se nomme", "Une structure, jamais une personne.")
    territory = PlaceField(
        label="Territoire visé",
        help_text="Une commune « Lormes (58) », un département, une région, une intercommunalité.",
        required=False,
        max_length=200,
    )
    sector = _text("Autre secteur visé")
    service = _text("Service d’une administration visé")
    network = _text("Réseau qui la porte")
    partners = OrganisationsField(
        label="Partenaires",
        help_text="Une organisation connue de l’annuaire par ligne.",
        required=False,
        max_length=5000,
    )
    approach = _one("Approche", Approach)
    forms = _several("Formes de diffusion", DiffusionForm)
    strategies = _several("Stratégies de changement d’échelle", Strategy)
    dynamics = _several("Dynamiques", Dynamic)
    extent = _one("Portée", Extent)
    take_up = _one("Mode de reprise publique", TakeUpMode)
    summary = _text("Ce qui est repris", long=True)
    adaptation = _one("Degré d’adaptation", Adaptation)
    kept = _text("Ce qui est resté du cœur du concept", long=True)
    changed = _text("Ce qui a changé", long=True)
    changed_by = _text("Par qui", "Une structure ou une fonction.")
    workshop = _text("Dans quel atelier")
    results = _text("Résultats", long=True)
    lessons = _text("Enseignements", "D’un arrêt aussi : c’est une information.", long=True)
    note = CharField(
        label="Motif",
        max_length=300,
        help_text="Gardé dans l’historique avec votre nom : d’où vient ce que vous écrivez.",
    )

    GROUPS = (
        ("Qui reprend, et où", (
            "innovation", "parent", "repreneur", "repreneur_name", "territory", "sector",
            "service", "network", "partners",
        )),
        ("Où elle en est", (
            "state", "date_envisagee", "date_en_preparation", "date_en_cours", "date_perennisee",
            "date_abandonnee",
        )),
        ("Comment elle se diffuse", (
            "approach", "forms", "strategies", "dynamics", "extent", "take_up",
        )),
        ("Ce qui est repris, ce qui change", (
            "summary", "adaptation", "kept", "changed", "changed_by", "workshop",
        )),
        ("Ce qu’elle donne", ("results", "lessons")),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, row: Replication | None = None, **given: Any) -> None:
        self.row = row
        self.now = editing.values(row) if row else {}
        # Fields of which the person was shown what someone else wrote since.
        self.shown: set[str] = set()
        given.setdefault("initial", self._initial() if row else {})
        super().__init__(data, **given)
        field: Any = self.fields["parent"]
        field.queryset = self._parents()
        self.references = References(data, self.now.get("evidence", []))

    def mark(self, field: BoundField) -> str:
        return " (obligatoire)" if field.field.required else ""

    @property
    def groups(self) -> list[tuple[str, list[BoundField]]]:
        told = [(t, [self[n] for n in names if n in self.fields]) for t, names in self.GROUPS]
        return [(title, fields) for title, fields in told if fields]

    @property
    def seen(self) -> dict[str, str]:
        """Field → digest of the value that the form was opened on."""
        sent: Mapping[str, Any] = self.data
        return {n: sent.get(SEEN + n) or editing.digest(self.now[n]) for n in FIELDS}

    @property
    def marks(self) -> list[tuple[str, str]]:
        """What the page sends back, unseen: see ``seen``."""
        if self.row is None:
            return []
        told = self.seen | {n: editing.digest(self.now[n]) for n in self.shown}
        return [(SEEN + name, value) for name, value in told.items()]

    def is_valid(self) -> bool:
        return all([super().is_valid(), self.references.is_valid()])

    def typed(self) -> dict[str, Any]:
        given = {n: v for n, v in self.cleaned_data.items() if n in FIELDS}
        return given | {"evidence": self.references.value()}

    def tell(self, error: ValidationError) -> None:
        for name, problems in error.message_dict.items():
            where = name if name in self.fields else None
            for problem in problems:
                self.add_error(where, problem)

    def _initial(self) -> dict[str, Any]:
        row: Any = self.row
        shown = {name: getattr(row, name) for name in FIELDS if name != "evidence"}
        return shown | {"partners": sorted(row.partners.all(), key=lambda o: o.name_key)}

    def _parents(self) -> Any:
        if self.row is None:
            return Replication.objects.none()
        others = Replication.objects.confirmed().exclude(pk=self.row.pk)
        its = others.filter(innovation=self.row.innovation_id)
        return its.select_related("territory", "repreneur").order_by("pk")


class AddForm(ReplicationForm):
    """The same with the innovation, and the states that it has been through."""

    innovation = InnovationField(
        label="Innovation", help_text="L’adresse de sa fiche, ou son titre exact.", max_length=400
    )
    state = forms.ChoiceField(label="État", choices=ReplicationState.choices)
    note = forms.CharField(
        label="D’où on le tient",
        max_length=300,
        help_text="Public : le motif de la première étape du journal.",
    )

    def __init__(self, data: Any = None, **given: Any) -> None:
        super().__init__(data, **given)
        del self.fields["parent"]
        for state in ReplicationState:
            self.fields[_date(state)] = forms.CharField(
                label=f"{state.label} le", help_text=dates.HELP, max_length=10, required=False
            )

    def passed(self) -> list[Passed]:
        """The states told of: its own, and those that are dated."""
        said = {s: self.cleaned_data.get(_date(s), "").strip() for s in ReplicationState}
        return [Passed(str(s), date) for s, date in said.items() if date]


def _date(state: ReplicationState) -> str:
    return f"date_{state.value.replace('-', '_')}"


class ReferenceForm(DsfrForm):
    document = forms.CharField(label="Document", max_length=300, required=False)
    section = forms.CharField(label="Section", max_length=120, required=False)
    page = forms.CharField(label="Page", max_length=20, required=False)
    quote = forms.CharField(
        label="Phrase citée",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if any(data.get(name) for name in REFERENCE) and not data.get("document"):
            self.add_error("document", "Nommez le document cité, ou videz la référence.")
        return data


class References:
    """The references of a replication, and some empty ones to fill; emptied, one goes."""

    def __init__(self, data: Any, known: list[Mapping[str, Any]]) -> None:
        self._known = known
        number = len(known) + MORE
        if data is not None:
            sent = [int(n.split("-")[1]) for n in data if _is_reference(n)]
            number = max([number, *(n + 1 for n in sent if n < MOST)])
        self.forms = [
            ReferenceForm(
                data,
                prefix=f"reference-{rank}",
                initial={n: str(known[rank].get(n, "")) for n in REFERENCE}
                if rank < len(known)
                else {},
            )
            for rank in range(number)
        ]

    def is_valid(self) -> bool:
        wrong = [form for form in self.forms if not form.is_valid()]
        return not wrong

    def value(self) -> list[dict[str, Any]]:
        """What else a reference holds is kept with it."""
        told = []
        for rank, form in enumerate(self.forms):
            said = {n: _clean(form.cleaned_data.get(n, "")) for n in REFERENCE}
            if not any(said.values()):
                continue
            before = self._known[rank] if rank < len(self._known) else {}
            same = {n: v for n, v in said.items() if n in before or v}
            told.append(
                {**before, **{n: before[n] if str(before.get(n)) == v else v
                              for n, v in same.items()}}
            )  # fmt: skip
        return told


def _clean(text: str) -> str:
    return text.strip().replace("\r\n", "\n")


def _is_reference(name: str) -> bool:
    parts = name.split("-")
    return (
        len(parts) == 3 and parts[0] == "reference" and parts[1].isdecimal() and len(parts[1]) < 4
    )
