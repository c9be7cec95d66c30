"""The pages that compose several rooms: home, and a territory."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from carrefour.caching import public_page
from carrefour.site import home_page, territory_page
from territories.models import Territory


@require_safe
@public_page()
def home(request: HttpRequest) -> HttpResponse:
    """Search, key figures, map of France, themes, latest records, partners."""
    context = {**home_page.context(), "hide_header_search": True, "canonical": request.path}
    return render(request, "site/home.html", context)


@require_safe
@public_page()
def territory(request: HttpRequest, kind: str, code: str) -> HttpResponse:
    """A territory's innovations; one that was replaced sends to the one that took over."""
    found = territory_page.find(kind, code)
    if found is None:
        raise Http404
    current: Territory = found.current
    if current != found:
        return redirect(current, permanent=True)
    return render(request, "territories/detail.html", territory_page.context(current))
