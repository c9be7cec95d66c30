"""Harvests: asking for one, watching it, reading its result, stopping it."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from partners.access import (
    backoffice_page,
    reads_raw,
    visible_or_404,
    visible_rejected,
    visible_runs,
    visible_sources,
)
from partners.backoffice.filters import RunFilter
from partners.backoffice.next_steps import next_steps
from partners.models import Run, Trigger
from partners.models.run import ACTIVE
from partners.requesting import AlreadyActive, ByForm, Suspended, request_harvest

PAGE = 30
# The newest lines of the journal first: those of the last minute are what one watches.
EVENTS_WATCHED = 12


@backoffice_page()
def run_list(request: HttpRequest) -> HttpResponse:
    form = RunFilter(request.GET, request.user)
    runs = visible_runs(request.user).select_related("source__partner", "requested_by")
    runs = form.apply(runs).defer("requests", "events", "warnings", "cursor", "fills")
    page = Paginator(runs, PAGE).get_page(request.GET.get("page"))
    return render(request, "backoffice/runs.html", {"page_obj": page, "form": form})


@require_POST
@backoffice_page("partners.run_source")
def start(request: HttpRequest, slug: str) -> HttpResponse:
    source = visible_or_404(visible_sources(request.user).select_related("partner"), slug=slug)
    if not source.mapping:
        messages.error(request, "Il faut d’abord dire à quoi correspondent les champs.")
        return redirect("backoffice:source_mapping", slug=source.slug)
    try:
        run: Run | None = request_harvest(source, request.user, Trigger.MANUAL)
    except (ByForm, Suspended) as error:
        messages.error(request, error.messages[0])
        return redirect("backoffice:source", slug=source.slug)
    except AlreadyActive as error:
        messages.warning(request, error.messages[0])
        run = source.runs.active().first()
    return redirect("backoffice:run", pk=run.pk) if run else redirect("backoffice:runs")


@never_cache
@backoffice_page()
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    run = _run(request, pk)
    context = {"run": run, "events": run.events, "next_steps": [], "refused": 0}
    if run.is_active:
        context["events"] = _watched(run)
    else:
        context["refused"] = _refused(request, run)
        context["next_steps"] = next_steps(run, request.user, context["refused"])
    return render(request, "backoffice/run.html", context)


@never_cache
@backoffice_page()
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The moving part of the page, asked every second while the run lasts; the whole page again
    once it is over, since everything then changes."""
    run = _run(request, pk)
    context = {"run": run, "events": _watched(run), "said": request.GET.get("dit", "")}
    response = render(request, "backoffice/_run_progress.html", context)
    if not run.is_active:
        response["HX-Refresh"] = "true"
    return response


@require_POST
@backoffice_page("partners.run_source")
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    run = _run(request, pk)
    changed: dict[str, Any] = {"cancel_requested": True}
    Run.objects.filter(pk=run.pk, state__in=ACTIVE).update(**changed)
    return redirect("backoffice:run", pk=run.pk)


def _watched(run: Run) -> list[dict[str, Any]]:
    return list(reversed(run.events[-EVENTS_WATCHED:]))


def _refused(request: HttpRequest, run: Run) -> int:
    """How many of the rows refused by this run still are."""
    if not reads_raw(request.user):
        return 0
    return visible_rejected(request.user).filter(run=run).count()


def _run(request: HttpRequest, pk: int) -> Run:
    runs = visible_runs(request.user).select_related("source__partner", "requested_by")
    return visible_or_404(runs, pk=pk)
