"""Nobody enters the back-office with a password alone when a second factor is due."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from carrefour.accounts import second_factor

GUARDED = {"backoffice", "admin"}
GUARDED_VIEWS = {"accounts:password_change"}


class SecondFactorMiddleware:
    """Sends to the code's page, or to enrolment when the account must have one and has none."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        if not _is_guarded(request) or not request.user.is_authenticated:
            return None
        if second_factor.is_verified(request.user):
            return None
        if second_factor.device_of(request.user) is not None:
            return _sent_to(request, "accounts:second_factor")
        if second_factor.is_required(request.user):
            return _sent_to(request, "accounts:enrol")
        return None


def _is_guarded(request: HttpRequest) -> bool:
    match = request.resolver_match
    if match is None:
        return False
    return bool(GUARDED & set(match.namespaces)) or match.view_name in GUARDED_VIEWS


def _sent_to(request: HttpRequest, name: str) -> HttpResponseBase:
    # What was being posted is lost: its page is shown again, not sent again.
    wanted = request.get_full_path() if request.method == "GET" else reverse("backoffice:home")
    return redirect_to_login(wanted, reverse(name))
