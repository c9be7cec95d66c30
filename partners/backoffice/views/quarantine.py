"""What was refused: why, row by row, of a partner, of a source or of a run; as a file; replayed."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from partners import quarantine
from partners.access import (
    backoffice_page,
    raw_page,
    visible_or_404,
    visible_partners,
    visible_rejected,
    visible_runs,
    visible_sources,
)
from partners.backoffice.refusals import readable
from partners.models import Partner, RejectedRow, Run, Source
from partners.requesting import AlreadyActive

PAGE = 20
Rows = QuerySet[RejectedRow]


@raw_page
def of_source(request: HttpRequest, slug: str) -> HttpResponse:
    source = _source(request, slug)
    rows = visible_rejected(request.user).filter(source=source)
    context = {"source": source, "partner": source.partner, "csv": _csv("rejected_csv", slug)}
    return _page(request, rows, context | {"name": source.name})


@raw_page
def of_partner(request: HttpRequest, slug: str) -> HttpResponse:
    partner = _partner(request, slug)
    rows = visible_rejected(request.user).filter(source__partner=partner)
    sources = _counted(visible_sources(request.user).filter(partner=partner))
    context = {"partner": partner, "sources": sources, "csv": _csv("partner_rejected_csv", slug)}
    return _page(request, rows, context | {"name": partner.name})


@raw_page
def of_run(request: HttpRequest, pk: int) -> HttpResponse:
    run: Run = visible_or_404(visible_runs(request.user).select_related("source__partner"), pk=pk)
    rows = visible_rejected(request.user).filter(run=run)
    context = {"run": run, "source": run.source, "partner": run.source.partner}
    return _page(request, rows, context | {"name": str(run)})


@raw_page
def source_csv(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    source = visible_or_404(visible_sources(request.user), slug=slug)
    return _file(visible_rejected(request.user).filter(source=source), source.slug)


@raw_page
def partner_csv(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    partner = _partner(request, slug)
    return _file(visible_rejected(request.user).filter(source__partner=partner), partner.slug)


@require_POST
@backoffice_page("partners.run_source")
def replay(request: HttpRequest, slug: str) -> HttpResponse:
    """Map again all that was received, refused rows included, without asking the source."""
    from partners.replay import request_replay

    source = _source(request, slug)
    if not source.mapping:
        messages.error(request, "Il faut d’abord dire à quoi correspondent les champs.")
        return redirect("backoffice:source_mapping", slug=source.slug)
    try:
        run: Run | None = request_replay(source, request.user)
    except AlreadyActive as error:
        messages.warning(request, error.messages[0])
        run = source.runs.active().first()
    return redirect("backoffice:run", pk=run.pk) if run else redirect("backoffice:runs")


def _page(request: HttpRequest, rows: Rows, context: dict[str, Any]) -> HttpResponse:
    """« ?champ=title&motif=titre-absent » keeps the rows refused for that reason."""
    field, code = request.GET.get("champ", ""), request.GET.get("motif", "")
    reasons = quarantine.reasons(rows)
    chosen = next((r for r in reasons if (r.field, r.code) == (field, code)), None)
    kept = quarantine.with_reason(rows, field, code) if chosen else rows
    page = Paginator(quarantine.in_order(kept), PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "backoffice/rejected.html",
        {
            **context,
            "reasons": reasons,
            "chosen": chosen,
            "total": page.paginator.count if not chosen else rows.count(),
            "page_obj": page,
            "refusals": [readable(row) for row in page],
        },
    )


def _counted(sources: QuerySet[Source]) -> QuerySet[Source]:
    """Only those that have refused rows, with how many (``refused``)."""
    counted = sources.annotate(refused=Count("rejected_rows", distinct=True))
    return counted.filter(refused__gt=0).order_by("-refused", "name")


def _csv(name: str, slug: str) -> str:
    return reverse(f"backoffice:{name}", args=[slug])


def _file(rows: Rows, slug: str) -> StreamingHttpResponse:
    return StreamingHttpResponse(
        quarantine.spreadsheet(quarantine.in_order(rows)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="refus-{slug}.csv"'},
    )


def _source(request: HttpRequest, slug: str) -> Source:
    return visible_or_404(visible_sources(request.user).select_related("partner"), slug=slug)


def _partner(request: HttpRequest, slug: str) -> Partner:
    return visible_or_404(visible_partners(request.user), slug=slug)
