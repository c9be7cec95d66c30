"""Which account a failed log-in counts against (setting AXES_USERNAME_CALLABLE)."""

from typing import Any

from django.http import HttpRequest


def account(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """The address typed, in lower case: « A@… » and « a@… » are one account, not two chances.

    django-axes looks for a field named as the user model's ``email``, which the form and
    ``authenticate`` call ``username``: it would count every failure against nobody.
    """
    given = (credentials or {}).get("username") or (credentials or {}).get("email")
    return str(given or request.POST.get("username", "")).strip().lower()[:255]
