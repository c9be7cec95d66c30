"""What a partner's people fill in themselves."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from carrefour.accounts.models import User
from carrefour.forms import DsfrForm, DsfrModelForm
from carrefour.images import NotAPicture
from partners import logos
from partners.models import Partner


class SpaceForm(DsfrModelForm):
    """The partner's presentation, licence, contact and logo, by its own people."""

    new_logo = forms.FileField(
        label="Logo",
        required=False,
        help_text="JPEG, PNG, WebP ou GIF, 2 Mo au plus. Il remplace le logo actuel.",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/gif"}),
    )
    without_logo = forms.BooleanField(label="Retirer le logo actuel", required=False)

    class Meta:
        model = Partner
        fields = ["description", "contact_email", "licence"]
        labels = {"description": "Présentation de votre plateforme"}
        help_texts = {
            "description": "Deux ou trois phrases, montrées au public.",
            "contact_email": "Jamais publiée ni exportée. Format attendu : nom@domaine.fr",
            "licence": (
                "Proposée à chaque nouvelle source ; celle des sources déjà réglées ne change pas."
            ),
        }
        widgets = {"description": forms.Textarea(attrs={"rows": 5})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.logo_digest:
            del self.fields["without_logo"]

    def clean_new_logo(self) -> Any:
        """(WebP, digest) of the file given, or None."""
        file = self.cleaned_data.get("new_logo")
        if not file:
            return None
        try:
            return logos.checked(file)
        except NotAPicture as error:
            raise forms.ValidationError(error.message) from error

    def save(self, commit: bool = True) -> Partner:
        if given := self.cleaned_data.get("new_logo"):
            self.instance.logo, self.instance.logo_digest = given
        elif self.cleaned_data.get("without_logo"):
            self.instance.logo, self.instance.logo_digest = None, ""
        return super().save(commit)


class InviteForm(DsfrForm):
    email = forms.EmailField(
        label="Adresse électronique de la personne",
        max_length=254,
        help_text="Elle reçoit un lien valable sept jours. Format attendu : nom@domaine.fr",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )


class CharterForm(DsfrForm):
    agreed = forms.BooleanField(
        label="J’ai lu la charte et je l’accepte au nom de mon organisation",
        error_messages={"required": "Cochez la case pour accepter la charte."},
    )


class JoinForm(DsfrForm):
    """A first account: a name to show and a password."""

    display_name = forms.CharField(
        label="Votre nom, tel que vos collègues le verront",
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(
        label="Mot de passe",
        strip=False,
        help_text="Au moins 8 caractères, pas seulement des chiffres, pas un mot de passe courant.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="Mot de passe, encore une fois",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, email: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        password = data.get("password", "")
        if password and data.get("again") and password != data["again"]:
            self.add_error("again", "Les deux mots de passe diffèrent.")
        elif password:
            user = User(email=self.email, display_name=data.get("display_name", ""))
            try:
                validate_password(password, user)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return data
