"""Registering a partner."""

from typing import Any

from django import forms

from carrefour.forms import DsfrModelForm
from partners.models import Partner
from partners.naming import free_slug


class PartnerForm(DsfrModelForm):
    website = forms.URLField(
        label="Site web",
        max_length=500,
        assume_scheme="https",
        help_text="Format attendu : https://www.exemple.fr",
    )

    class Meta:
        model = Partner
        fields = [
            "name", "kind", "website", "description", "contact_email", "charter_signed_on",
            "is_active",
        ]  # fmt: skip
        labels = {
            "name": "Nom de la plateforme",
            "charter_signed_on": "Charte signée le",
            "is_active": "Partenaire actif",
        }
        help_texts = {
            "contact_email": "Jamais publiée ni exportée. Format attendu : nom@domaine.fr",
            "is_active": (
                "Inactif, il n’est plus moissonné et sa page disparaît ; "
                "ses fiches restent publiques."
            ),
        }
        widgets = {
            "charter_signed_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "description": forms.Textarea(attrs={"rows": 5}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            del self.fields["is_active"]

    def save(self, commit: bool = True) -> Partner:
        if not self.instance.slug:
            self.instance.slug = free_slug(Partner, self.instance.name)
        return super().save(commit)
