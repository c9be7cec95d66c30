"""The pages of the second factor: enrolling, giving a code, recovery codes."""

import time
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from carrefour.accounts import second_factor
from carrefour.accounts.forms import CodeForm, EnrolForm
from carrefour.accounts.second_factor import Refusal, is_verified

CODES_SHOWN = "codes_shown_at"
# How long after they were shown the codes can still be downloaded.
CODES_SECONDS = 600
CODES_FILE = "codes-de-secours-carrefour.txt"


@never_cache
@login_required
def give_code(request: HttpRequest) -> HttpResponse:
    """After the password: a code of the application, or a recovery code."""
    if is_verified(request.user) or second_factor.device_of(request.user) is None:
        return redirect(_next(request))
    form = CodeForm(request.POST or None)
    if form.is_valid():
        device = second_factor.verify(request.user, form.cleaned_data["code"])
        if not isinstance(device, Refusal):
            second_factor.accept(request, device)
            return redirect(_next(request))
        form.add_error("code", device.message)
    context = {"form": form, "next": _next(request)}
    return render(request, "accounts/second_factor.html", context)


@never_cache
@login_required
def enrol(request: HttpRequest) -> HttpResponse:
    """Enrolling an application; who has one already first gives its code."""
    if second_factor.device_of(request.user) and not is_verified(request.user):
        return redirect("accounts:second_factor")
    form = EnrolForm(request.POST or None)
    if form.is_valid():
        codes = second_factor.confirm(request.user, form.cleaned_data["code"])
        if not isinstance(codes, Refusal):
            device = second_factor.device_of(request.user)
            assert device is not None
            second_factor.accept(request, device)
            return _codes(request, codes)
        form.add_error("code", codes.message)
    device = second_factor.enrolling(request.user)
    context = {
        "form": form,
        "next": _next(request),
        "secret": second_factor.secret_of(device),
        # Drawn by segno from our own address: nothing in it comes from a visitor.
        "drawing": mark_safe(second_factor.drawing_of(device)),
        "is_required": second_factor.is_required(request.user),
        "is_enrolled": second_factor.device_of(request.user) is not None,
    }
    return render(request, "accounts/second_factor_enrol.html", context)


@never_cache
@login_required
def settings_page(request: HttpRequest) -> HttpResponse:
    """Where one's second factor stands."""
    device = second_factor.device_of(request.user)
    if device is not None and not is_verified(request.user):
        return redirect("accounts:second_factor")
    context: dict[str, Any] = {
        "device": device,
        "codes_left": second_factor.codes_left(request.user),
        "is_required": second_factor.is_required(request.user),
    }
    return render(request, "accounts/second_factor_settings.html", context)


@require_POST
@never_cache
@login_required
def renew_codes(request: HttpRequest) -> HttpResponse:
    _verified_or_403(request)
    return _codes(request, second_factor.renew_codes(request.user))


@require_POST
@never_cache
@login_required
def download_codes(request: HttpRequest) -> HttpResponse:
    """The recovery codes as a text file: once, while the page that shows them is open."""
    _verified_or_403(request)
    shown_at = request.session.pop(CODES_SHOWN, 0)
    if time.time() - shown_at > CODES_SECONDS:
        messages.warning(
            request,
            "Vos codes ne sont plus montrés. Vous ne les avez pas gardés ? Faites-en de nouveaux.",
        )
        return redirect("accounts:factor_settings")
    codes = second_factor.codes_of(request.user)
    context = {"codes": codes, "user": request.user, "base_url": settings.BASE_URL}
    text = render_to_string("accounts/second_factor_codes.txt", context)
    return HttpResponse(
        # Line ends that every program shows.
        text.replace("\n", "\r\n"),
        content_type="text/plain; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{CODES_FILE}"',
            "X-Content-Type-Options": "nosniff",
        },
    )


@require_POST
@login_required
def remove(request: HttpRequest) -> HttpResponse:
    """One's own second factor, where the site does not require it."""
    _verified_or_403(request)
    if second_factor.is_required(request.user):
        raise PermissionDenied
    second_factor.forget(request.user)
    messages.success(request, "Votre second facteur est retiré.")
    return redirect("accounts:factor_settings")


def _verified_or_403(request: HttpRequest) -> None:
    if not is_verified(request.user):
        raise PermissionDenied


def _codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    # The session keeps the time, not the codes.
    request.session[CODES_SHOWN] = time.time()
    context = {"codes": codes, "next": _next(request), "today": timezone.localdate()}
    return render(request, "accounts/second_factor_codes.html", context)


def _next(request: HttpRequest) -> str:
    """Where one was going, on this site only."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else resolve_url("backoffice:home")
