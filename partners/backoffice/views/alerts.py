"""Asking to be warned of a source, and no longer."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from partners import alerts
from partners.access import backoffice_page, visible_or_404, visible_sources


@require_POST
@backoffice_page()
def change(request: HttpRequest, slug: str) -> HttpResponse:
    """« action=prevenir » or anything else to stop."""
    source = visible_or_404(visible_sources(request.user), slug=slug)
    if request.POST.get("action") == "prevenir":
        alerts.ask(source, request.user)
        told = "Vous serez prévenu par courriel quand cette source aura besoin de quelqu’un."
    else:
        alerts.stop(source, request.user)
        told = "Vous ne serez plus prévenu de cette source."
    messages.success(request, told)
    return redirect("backoffice:source", slug=source.slug)


# The signed link is what allows it: mail programs post here without cookie or token (RFC 8058).
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """The link of a mail: a button, then done. No account is asked for, a program that opens
    links by itself stops nothing, and a link that served already says so without harm."""
    alert = alerts.from_token(token)
    source = alert.source if alert else None
    done = alert is None
    if alert is not None and request.method == "POST":
        alert.delete()
        done = True
    context = {"source": source, "done": done}
    return render(request, "backoffice/alert_stop.html", context)
