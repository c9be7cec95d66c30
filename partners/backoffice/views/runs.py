"""Harvests: asking for one, watching it, reading its result, stopping it."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from partners.access import backoffice_page, visible_or_404, visible_runs, visible_sources
from partners.models import Run, RunState, Trigger
from partners.models.run import ACTIVE
from partners.requesting import AlreadyActive, request_harvest

PAGE = 30
REFUSED = 25


@backoffice_page()
def run_list(request: HttpRequest) -> HttpResponse:
    state = request.GET.get("etat", "")
    runs = visible_runs(request.user).select_related("source__partner", "requested_by")
    if state in RunState.values:
        runs = runs.filter(state=state)
    page = Paginator(runs, PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "state": state, "states": RunState.choices}
    return render(request, "backoffice/runs.html", context)


@require_POST
@backoffice_page("partners.run_source")
def start(request: HttpRequest, slug: str) -> HttpResponse:
    source = visible_or_404(visible_sources(request.user), slug=slug)
    if not source.mapping:
        messages.error(request, "Il faut d’abord dire à quoi correspondent les champs.")
        return redirect("backoffice:source_mapping", slug=source.slug)
    try:
        run: Run | None = request_harvest(source, request.user, Trigger.MANUAL)
    except AlreadyActive as error:
        messages.warning(request, error.messages[0])
        run = source.runs.active().first()
    return redirect("backoffice:run", pk=run.pk) if run else redirect("backoffice:runs")


@never_cache
@backoffice_page()
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    run = _run(request, pk)
    refused = run.rejected_rows.order_by("position", "pk")
    page = Paginator(refused, REFUSED).get_page(request.GET.get("page"))
    return render(request, "backoffice/run.html", {"run": run, "page_obj": page})


@never_cache
@backoffice_page()
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The moving part of the page, asked every second while the run lasts; the whole page again
    once it is over, since everything then changes."""
    run = _run(request, pk)
    response = render(request, "backoffice/_run_progress.html", {"run": run})
    if not run.is_active:
        response["HX-Refresh"] = "true"
    return response


@require_POST
@backoffice_page("partners.run_source")
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    run = _run(request, pk)
    changed: dict[str, Any] = {"cancel_requested": True}
    asked = Run.objects.filter(pk=run.pk, state__in=ACTIVE).update(**changed)
    if asked:
        messages.info(request, "Arrêt demandé : le lot en cours se termine.")
    return redirect("backoffice:run", pk=run.pk)


def _run(request: HttpRequest, pk: int) -> Run:
    runs = visible_runs(request.user).select_related("source__partner", "requested_by")
    return visible_or_404(runs, pk=pk)
