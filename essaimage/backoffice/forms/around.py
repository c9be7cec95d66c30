"""Forms of who stands around a replication: its two sides, its public actors."""

from typing import Any

from django import forms

from carrefour.forms import DsfrForm
from essaimage.backoffice.forms.lookups import OrganisationField
from essaimage.models import Party, PublicAction, PublicActor, PublicRole


class SideForm(DsfrForm):
    organisation = forms.CharField(
        label="Structure",
        max_length=200,
        required=False,
        help_text="Une structure, jamais une personne.",
    )
    email = forms.EmailField(
        label="Adresse électronique",
        required=False,
        help_text="Pour lui demander ce qu’elle en dit. Jamais montrée, effacée quand elle ne sert "
        "plus. Vide : celle qui est connue, s’il y en a une, est gardée.",
    )

    def __init__(self, data: Any, party: Party | None) -> None:
        super().__init__(data, initial={"organisation": party.organisation if party else ""})


class ActorForm(DsfrForm):
    """A public actor: its roles, and what it does under each of them."""

    name = forms.CharField(
        label="Acteur public",
        max_length=200,
        help_text="Une collectivité, un service, un opérateur.",
    )
    organisation = OrganisationField(
        label="Organisation connue de l’annuaire", required=False, max_length=250
    )
    roles = forms.MultipleChoiceField(
        label="Rôles",
        choices=PublicRole.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Ce qu’il fait dit déjà un rôle : cochez ceux dont le détail est inconnu.",
    )
    detail = forms.CharField(
        label="En clair", max_length=3000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, data: Any, row: PublicActor) -> None:
        self.row = row
        shown = {"name": row.name, "organisation": row.organisation, "roles": row.roles}
        actions = {_field(r): [a for a in row.actions if a.startswith(r)] for r in PublicRole}
        super().__init__(data, initial={**shown, "detail": row.detail, **actions})
        for role in PublicRole:
            self.fields[_field(role)] = forms.MultipleChoiceField(
                label=f"{role.label} : ce qu’il fait",
                choices=[(str(a), a.label) for a in PublicAction if a.role == role],
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )
        self.order_fields(["name", "organisation", "roles", *map(_field, PublicRole), "detail"])

    def mark(self, field: forms.BoundField) -> str:
        return " (obligatoire)" if field.field.required else ""

    def filled(self) -> PublicActor:
        """The row as typed, not saved."""
        said, row = self.cleaned_data, self.row
        row.name, row.organisation, row.detail = said["name"], said["organisation"], said["detail"]
        row.roles = said["roles"]
        row.actions = [action for role in PublicRole for action in said[_field(role)]]
        return row


def _field(role: PublicRole) -> str:
    return f"actions_{role.value}"
