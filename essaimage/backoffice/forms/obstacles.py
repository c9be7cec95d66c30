"""Forms of the obstacles for staff: what is known of one, its state, how it is read elsewhere."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from carrefour.forms import DsfrForm, DsfrModelForm
from carrefour.text import key
from essaimage import dates
from essaimage.backoffice.forms.lookups import InnovationField, PlaceField
from essaimage.models import (
    Interpretation,
    Obstacle,
    ObstacleState,
    Publication,
    Replication,
)
from essaimage.models.obstacle import NEXT_OBSTACLE
from essaimage.querysets import ObstacleQuerySet

NO_PERSON = "Une autorité ou un service, jamais une personne."
PLACE = "« Lormes (58) », « Nièvre »… Vide : celui de la reprise, ou partout."


class SeenMixin:
    """Remembers the row that the form was opened on (« vu »)."""

    def typed(self) -> dict[str, Any]:
        """Field of the row → what is asked for it."""
        names = [n for n in self.fields if n != "vu"]  # type: ignore[attr-defined]
        return {name: self.cleaned_data[name] for name in names}  # type: ignore[attr-defined]


class ReplicationCode(forms.CharField):
    """The identifier of a replication; gives a ``Replication``."""

    def prepare_value(self, value: Any) -> Any:
        return value.code if isinstance(value, Replication) else value

    def clean(self, value: Any) -> Any:
        written = str(super().clean(value) or "").strip().strip("/").rpartition("/")[2]
        if not written:
            return None
        found = Replication.objects.confirmed().filter(code=written[:80]).first()
        if found is None:
            raise ValidationError("Aucune reprise n’a cet identifiant.")
        return found


class ObstacleForm(SeenMixin, DsfrModelForm):
    innovation = InnovationField(
        label="Innovation",
        max_length=300,
        help_text="L’adresse de sa fiche, ou son titre exact.",
    )
    replication = ReplicationCode(
        label="Reprise où il est apparu",
        max_length=300,
        required=False,
        help_text="Son identifiant, ou l’adresse de sa page. Vide : au lieu d’origine.",
    )
    territory = PlaceField(label="Territoire", max_length=200, required=False, help_text=PLACE)
    vu = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Obstacle
        fields = [
            "innovation", "replication", "title", "description", "authority", "interpreter",
            "territory", "legal_basis", "origin", "stage", "relief", "resolution", "told_by",
        ]  # fmt: skip
        help_texts = {
            "authority": NO_PERSON,
            "resolution": "Quand il l’est : l’état « levé » se change à part.",
        }
        widgets = {
            "description": forms.Textarea(attrs={"rows": 5}),
            "resolution": forms.Textarea(attrs={"rows": 4}),
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        of, met = data.get("innovation"), data.get("replication")
        if of and met and _kept(met.innovation) != _kept(of):
            self.add_error("replication", "Cette reprise est celle d’une autre innovation.")
        return data


class InterpretationForm(SeenMixin, DsfrModelForm):
    territory = PlaceField(
        label="Territoire", max_length=200, required=False, help_text="« Lormes (58) », « Nièvre »…"
    )
    allows = forms.TypedChoiceField(
        label="Cette lecture",
        choices=[("oui", "Permet le projet"), ("non", "Le refuse")],
        coerce=lambda value: value == "oui",
        widget=forms.RadioSelect,
    )
    vu = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Interpretation
        fields = ["authority", "territory", "allows", "text", "source", "told_by"]
        help_texts = {"authority": NO_PERSON}
        widgets = {"text": forms.Textarea(attrs={"rows": 4})}


class MoveObstacleForm(DsfrForm):
    """To one of the states that may follow."""

    to = forms.ChoiceField(label="Nouvel état", widget=forms.RadioSelect)
    date = forms.CharField(
        label="Depuis quand",
        max_length=10,
        required=False,
        help_text=f"{dates.HELP} Vide : la date n’est pas connue.",
    )
    reason = forms.CharField(
        label="Ce qui le montre, ou pourquoi",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Public : gardé dans le journal.",
    )
    resolution = forms.CharField(
        label="S’il est levé : comment",
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Ce que d’autres pourront refaire. Une autorité, jamais une personne.",
    )
    vu = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any, row: Obstacle) -> None:
        super().__init__(data, initial={"vu": row.state, "resolution": row.resolution})
        field: Any = self.fields["to"]
        # What is asked of a state that is no longer today's is told by the verb, not by the field.
        seen = str(data.get("vu", "")) if data else row.state
        able = NEXT_OBSTACLE.get(seen, tuple(ObstacleState.values))
        field.choices = [(s.value, s.label) for s in ObstacleState if s.value in able]


class ObstacleFilter(DsfrForm):
    """What is unknown is as if not asked."""

    etat = forms.ChoiceField(
        label="État", choices=[("", "Tous"), *ObstacleState.choices], required=False
    )
    publication = forms.ChoiceField(
        label="Publication", choices=[("", "Toutes"), *Publication.choices], required=False
    )
    autorite = forms.CharField(label="Autorité", max_length=200, required=False)
    q = forms.CharField(label="Mots du titre de l’innovation", max_length=100, required=False)

    def apply(self, rows: ObstacleQuerySet) -> ObstacleQuerySet:
        self.is_valid()
        said = self.cleaned_data
        plain = {"state": said.get("etat"), "publication": said.get("publication")}
        rows = rows.filter(**{name: value for name, value in plain.items() if value})
        if authority := key(said.get("autorite") or ""):
            rows = rows.filter(words__authority_key__contains=authority)
        if words := key(said.get("q") or ""):
            rows = rows.filter(innovation__title_key__contains=words)
        return rows


def _kept(innovation: Any) -> int:
    return int(innovation.merged_into_id or innovation.pk)
