"""Filters of the dashboard of the essaimage; what is unknown is as if not asked."""

from typing import Any

from django import forms

from carrefour.accounts.models import User
from carrefour.forms import DsfrForm
from carrefour.text import key
from essaimage.backoffice.forms.listing import LenientPlace
from essaimage.querysets import ReplicationQuerySet
from essaimage.standing import Ask


class DashboardFilter(DsfrForm):
    territoire = LenientPlace(label="Territoire", max_length=200, required=False)
    reseau = forms.CharField(label="Réseau", max_length=200, required=False)
    q = forms.CharField(label="Mots du titre de l’innovation", max_length=100, required=False)
    suivie = forms.ChoiceField(label="Suivie par", required=False)
    demande = forms.ChoiceField(
        label="À demander",
        choices=[("", "Tout"), *[(a.value, a.label) for a in Ask if a.value]],
        required=False,
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Who follows, never what they note.
        followers = User.objects.filter(followings__isnull=False).exclude(pk=user.pk).distinct()
        named = [(str(pk), name) for pk, name in followers.values_list("pk", "display_name")]
        field: Any = self.fields["suivie"]
        field.choices = [("", "Tout le monde"), (str(user.pk), "Moi"), *named]

    def apply(self, rows: ReplicationQuerySet) -> ReplicationQuerySet:
        self.is_valid()
        said = self.cleaned_data
        if place := said.get("territoire"):
            rows = rows.filter(territory__ancestor_ids__contains=[place.pk])
        if network := said.get("reseau"):
            rows = rows.filter(network__icontains=network)
        if words := key(said.get("q") or ""):
            rows = rows.filter(innovation__title_key__contains=words)
        if follower := said.get("suivie"):
            rows = rows.filter(followings__user=int(follower))
        return rows

    @property
    def ask(self) -> str:
        return str(self.cleaned_data.get("demande") or "")

    @property
    def place(self) -> Any:
        """The place that the filter took, to be told."""
        return self.cleaned_data.get("territoire")
