"""Filters of the list of replications; what is unknown is as if not asked."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from carrefour.forms import DsfrForm
from carrefour.text import key
from essaimage.backoffice.forms.lookups import PlaceField
from essaimage.models import Origin, Publication, ReplicationState
from essaimage.querysets import ReplicationQuerySet
from innovations.search_place import answer_text


class LenientPlace(PlaceField):
    """Of several places of a name, the first: a filter shows what it took."""

    def clean(self, value: Any) -> Any:
        try:
            return super().clean(value)
        except ValidationError:
            answer = answer_text(str(value))
            found = answer.territory or next(iter(answer.others), None)
            if found is None:
                raise
            return found


class ReplicationFilter(DsfrForm):
    etat = forms.ChoiceField(
        label="État", choices=[("", "Tous"), *ReplicationState.choices], required=False
    )
    publication = forms.ChoiceField(
        label="Publication",
        # What nobody confirmed yet is not read by staff.
        choices=[("", "Toutes"), *(c for c in Publication.choices if c[0] != "a-confirmer")],
        required=False,
    )
    origine = forms.ChoiceField(
        label="Origine", choices=[("", "Toutes"), *Origin.choices], required=False
    )
    territoire = LenientPlace(label="Territoire", max_length=200, required=False)
    q = forms.CharField(label="Mots du titre de l’innovation", max_length=100, required=False)
    contestee = forms.BooleanField(label="Contestée par un côté", required=False)
    bloquee = forms.BooleanField(label="Bloquée par un obstacle", required=False)

    def apply(self, rows: ReplicationQuerySet) -> ReplicationQuerySet:
        self.is_valid()
        said = self.cleaned_data
        plain = {"state": said.get("etat"), "publication": said.get("publication"),
                 "origin": said.get("origine")}  # fmt: skip
        rows = rows.filter(**{name: value for name, value in plain.items() if value})
        if place := said.get("territoire"):
            rows = rows.filter(territory__ancestor_ids__contains=[place.pk])
        if words := key(said.get("q") or ""):
            rows = rows.filter(innovation__title_key__contains=words)
        if said.get("contestee"):
            rows = rows.contested()
        return rows.blocked() if said.get("bloquee") else rows

    @property
    def place(self) -> Any:
        """The place that the filter took, to be told."""
        return self.cleaned_data.get("territoire")
