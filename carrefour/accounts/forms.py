"""Logging in and choosing a new password."""

import hashlib
from typing import Any

from django import forms
from django.contrib.auth import forms as auth_forms
from django.core.cache import cache

from carrefour.forms import DsfrForm

# More links in an hour to one address would be someone else's game.
RESETS_PER_HOUR = 3


class LoginForm(DsfrForm, auth_forms.AuthenticationForm):
    error_messages = {
        "invalid_login": (
            "Adresse ou mot de passe incorrect. Vérifiez les majuscules du mot de passe."
        ),
        "inactive": "Ce compte est désactivé.",
    }
    username = auth_forms.UsernameField(
        label="Adresse électronique",
        help_text="Format attendu : nom@domaine.fr",
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        label="Mot de passe",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class PasswordResetForm(DsfrForm, auth_forms.PasswordResetForm):
    email = forms.EmailField(
        label="Adresse électronique du compte",
        max_length=254,
        help_text="Format attendu : nom@domaine.fr",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def save(self, *args: Any, **options: Any) -> None:
        """Send the link, a few times an hour at most; the page answers the same either way."""
        address = self.cleaned_data["email"].lower()
        counter = f"accounts:reset:{hashlib.sha256(address.encode()).hexdigest()}"
        cache.add(counter, 0, 3600)
        if cache.incr(counter) <= RESETS_PER_HOUR:
            super().save(*args, **options)


class SetPasswordForm(DsfrForm, auth_forms.SetPasswordForm):
    new_password1 = forms.CharField(
        label="Nouveau mot de passe",
        strip=False,
        help_text="Au moins 8 caractères, pas seulement des chiffres, pas un mot de passe courant.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    new_password2 = forms.CharField(
        label="Nouveau mot de passe, encore une fois",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class PasswordChangeForm(SetPasswordForm, auth_forms.PasswordChangeForm):
    old_password = forms.CharField(
        label="Mot de passe actuel",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )
    field_order = ["old_password", "new_password1", "new_password2"]


class CodeForm(DsfrForm):
    """A code of six digits, or a recovery code."""

    code = forms.CharField(
        label="Code",
        max_length=20,
        help_text="Les six chiffres que montre votre application, ou un code de secours.",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True}),
    )


class EnrolForm(CodeForm):
    """The first code of an application."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].help_text = "Les six chiffres que montre votre application."
        # One reads what comes before, and scans the drawing first.
        self.fields["code"].widget.attrs.pop("autofocus", None)
