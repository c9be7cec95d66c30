"""How complete the records are: of all, partner by partner, record by record."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render

from carrefour.sparklines import sparkline
from carrefour.spreadsheets import download
from innovations.models import Completeness
from partners import quality_history
from partners.access import backoffice_page, raw_page, visible_or_404, visible_partners
from partners.backoffice.filters import QualityFilter
from partners.backoffice.quality_shown import history_rows, quality_of
from partners.models import QualitySnapshot

PAGE = 50
TREND = 30


@backoffice_page("innovations.view_completeness")
def overview(request: HttpRequest) -> HttpResponse:
    context = {"quality": quality_of(None), "partners": _partners()}
    return render(request, "backoffice/quality.html", context)


@backoffice_page("innovations.view_completeness")
def history_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Every measure: of all records, of each partner, of each source."""
    return download(history_rows(QualitySnapshot.objects.order_by("-day", "pk")), "completude")


@raw_page
def partner_csv(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    partner = visible_or_404(visible_partners(request.user), slug=slug)
    snapshots = QualitySnapshot.objects.filter(partner=partner).order_by("-day", "pk")
    return download(history_rows(snapshots), f"completude-{partner.slug}")


@backoffice_page("innovations.view_completeness")
def record_list(request: HttpRequest) -> HttpResponse:
    """Public records by their score, the least complete first unless asked otherwise."""
    form = QualityFilter(request.GET, request.user)
    found = Completeness.objects.filter(innovation__status="publiee").select_related("innovation")
    page = Paginator(form.apply(found), PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page_obj": page}
    return render(request, "backoffice/quality_records.html", context)


def _partners() -> list[dict[str, Any]]:
    """Each partner's last measure, the trend of its last ones, and what would raise its mean."""
    last = QualitySnapshot.objects.order_by("-day").values_list("day", flat=True).first()
    if last is None:
        return []
    days = sorted(set(QualitySnapshot.objects.filter(partner=None).order_by("-day")
                      .values_list("day", flat=True)[:TREND]))  # fmt: skip
    means: dict[int | None, dict[Any, float]] = {}
    told = QualitySnapshot.objects.filter(day__in=days, source=None, partner__isnull=False)
    for partner, day, mean in told.values_list("partner", "day", "mean"):
        means.setdefault(partner, {})[day] = mean
    return [
        {
            "snapshot": snapshot,
            "best": quality_history.best(snapshot),
            "trend": sparkline(
                [_whole(means[snapshot.partner_id].get(day)) for day in days], "point"
            ),
        }
        for snapshot in told.filter(day=last).select_related("partner").order_by("mean", "pk")
    ]


def _whole(mean: float | None) -> int | None:
    return None if mean is None else round(mean)
