"""How a source lets us in. The secret is written, never read back."""

from typing import Any

from django import forms

from carrefour.forms import DsfrForm
from partners.models.credential import CredentialKind

NAMED = {
    CredentialKind.HEADER: "Donnez le nom de l’en-tête, par exemple X-API-Key.",
    CredentialKind.QUERY: "Donnez le nom du paramètre, par exemple api_key.",
    CredentialKind.BASIC: "Donnez le nom d’utilisateur.",
    CredentialKind.OAUTH2: "Donnez l’identifiant de client.",
}


class AccessForm(DsfrForm):
    """What a source asks for. ``is_optional``: nothing chosen means that it asks for nothing."""

    prefix = "acces"

    kind = forms.ChoiceField(
        label="Ce que la source demande",
        choices=CredentialKind.choices,
        help_text="Sa documentation, ou le partenaire, le dit.",
    )
    name = forms.CharField(
        label="Nom",
        max_length=200,
        required=False,
        help_text=(
            "Le nom de l’en-tête, du paramètre, de l’utilisateur ou du client. Rien pour un jeton."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    secret = forms.CharField(
        label="Clé, jeton ou mot de passe",
        max_length=4000,
        strip=True,
        help_text="Chiffré dès l’enregistrement ; personne ne pourra le relire ici.",
        # A browser must neither fill in the agent's own password nor offer to keep this one.
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    token_url = forms.URLField(
        label="Adresse qui délivre les jetons",
        max_length=1000,
        required=False,
        assume_scheme="https",
        help_text="Pour OAuth2 seulement.",
    )
    scope = forms.CharField(
        label="Portée",
        max_length=300,
        required=False,
        help_text="Pour OAuth2 seulement, si la source en demande une.",
    )

    def __init__(self, *args: Any, is_optional: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_optional = is_optional
        if is_optional:
            kind: Any = self.fields["kind"]
            kind.choices = [("", "Rien : elle est ouverte à tous"), *CredentialKind.choices]
            kind.required = self.fields["secret"].required = False

    @property
    def is_given(self) -> bool:
        """Whether an access was described; only after validation."""
        return bool(self.cleaned_data.get("kind"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        kind = data.get("kind")
        if not kind:
            if data.get("secret"):
                self.add_error("kind", "Dites ce que la source demande.")
            return data
        if self.is_optional and not data.get("secret") and "secret" not in self.errors:
            self.add_error("secret", "Donnez la clé, le jeton ou le mot de passe.")
        if kind in NAMED and not data.get("name"):
            self.add_error("name", NAMED[CredentialKind(kind)])
        if kind == CredentialKind.OAUTH2 and not data.get("token_url"):
            self.add_error("token_url", "Donnez l’adresse qui délivre les jetons.")
        return data
