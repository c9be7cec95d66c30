"""Forms of the experiments for staff."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from carrefour.forms import DsfrForm, DsfrModelForm
from carrefour.text import primary_key
from essaimage.backoffice.forms.lookups import InnovationField, OrganisationsField, PlaceField
from essaimage.backoffice.forms.obstacles import SeenMixin
from essaimage.models import Experiment, ExperimentState, Obstacle, Publication
from essaimage.querysets import ExperimentQuerySet

MOST = 30
RULE = 300


def lines(text: str) -> list[str]:
    """What each line says, once, without the empty ones."""
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


class RulesField(forms.CharField):
    """One rule on each line; gives a list of texts."""

    widget = forms.Textarea(attrs={"rows": 3})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        found = lines(str(super().clean(value) or ""))
        if any(len(line) > RULE for line in found):
            raise ValidationError(f"Au plus {RULE} caractères par règle.")
        return found


class PlacesField(forms.CharField):
    """One place on each line; gives a list of ``Territory``."""

    widget = forms.Textarea(attrs={"rows": 3})
    one = PlaceField(required=False)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, list):
            return "\n".join(str(self.one.prepare_value(place)) for place in value)
        return value

    def clean(self, value: Any) -> Any:
        found = lines(str(super().clean(value) or ""))
        if len(found) > MOST:
            raise ValidationError(f"Au plus {MOST} territoires.")
        return [self.one.clean(line) for line in found]


class ObstaclesField(forms.CharField):
    """Numbers of obstacles, one on each line; gives a list of ``Obstacle``."""

    widget = forms.Textarea(attrs={"rows": 2})

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, list):
            return "\n".join(str(obstacle.pk) for obstacle in value)
        return value

    def clean(self, value: Any) -> Any:
        written = lines(str(super().clean(value) or "").replace(",", "\n"))
        numbers = {line: primary_key(line) for line in written}
        found = Obstacle.objects.in_bulk([n for n in numbers.values() if n is not None])
        for line, number in numbers.items():
            if number not in found:
                raise ValidationError(f"« {line[:40]} » n’est le numéro d’aucun obstacle.")
        return [found[number] for number in numbers.values() if number is not None]


class Day(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class ExperimentForm(SeenMixin, DsfrModelForm):
    innovation = InnovationField(
        label="Innovation",
        max_length=300,
        required=False,
        help_text="L’adresse de sa fiche, ou son titre exact, s’il y en a une.",
    )
    rules = RulesField(
        label="Règles auxquelles il est dérogé", required=False, help_text="Une par ligne."
    )
    alliance = OrganisationsField(
        label="Alliance qui la porte",
        required=False,
        help_text="Des organisations connues de l’annuaire, une par ligne.",
    )
    territories = PlacesField(
        label="Territoires", required=False, help_text="Un par ligne : « Lormes (58) », « Nièvre »…"
    )
    obstacles = ObstaclesField(
        label="Obstacles concernés", required=False, help_text="Leurs numéros, un par ligne."
    )
    vu = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Experiment
        fields = [
            "title", "object", "innovation", "ground", "rules", "alliance", "territories",
            "obstacles", "starts_on", "ends_on", "bilan", "outcome", "closed_on",
        ]  # fmt: skip
        help_texts = {
            "ends_on": "Annoncé aux chargés d’essaimage 180, 90, 30 jours avant et une fois passé.",
            "outcome": "Avec le bilan et la date ; l’expérimentation est alors close.",
        }
        widgets = {
            "object": forms.Textarea(attrs={"rows": 4}),
            "bilan": forms.Textarea(attrs={"rows": 4}),
            "starts_on": Day(),
            "ends_on": Day(),
            "closed_on": Day(),
        }


class ExperimentFilter(DsfrForm):
    etat = forms.ChoiceField(
        label="État", choices=[("", "Tous"), *ExperimentState.choices], required=False
    )
    publication = forms.ChoiceField(
        label="Publication", choices=[("", "Toutes"), *Publication.choices], required=False
    )

    def apply(self, rows: ExperimentQuerySet) -> ExperimentQuerySet:
        self.is_valid()
        said = self.cleaned_data
        if said.get("publication"):
            rows = rows.filter(publication=said["publication"])
        return rows.in_state(said["etat"]) if said.get("etat") else rows
