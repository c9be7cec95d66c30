"""Error pages: what went wrong, in plain French, and where to go next."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from carrefour.caching import share
from partners.suppression import page_is_gone

OF_RECORD = {"innovations:detail", "essaimage:spread_of"}


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "errors/400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "errors/403.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404, or 410 at the address of a record that was removed at someone's request."""
    share(request)
    match = request.resolver_match
    if match and match.view_name in OF_RECORD and page_is_gone(match.kwargs["slug"]):
        return render(request, "errors/410.html", status=410)
    return render(request, "errors/404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    # No database here: it may be what failed.
    return render(request, "errors/500.html", status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "errors/csrf.html", status=403)
