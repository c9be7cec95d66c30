"""The public pages that show what spreads, and their data."""

from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from carrefour.caching import public_page
from carrefour.spreadsheets import download
from essaimage import project_page, spread_criteria, spread_export, spread_page
from essaimage.models import Replication
from essaimage.project_page import ProjectPage
from essaimage.querysets import ReplicationQuerySet
from essaimage.spread_page import SpreadPage
from innovations.models import Innovation, Status

WRITERS = {
    "csv": (spread_export.csv, "text/csv; charset=utf-8"),
    "json": (spread_export.written_json, "application/json"),
}


@require_safe
@public_page()
def spread(request: HttpRequest) -> HttpResponseBase:
    """What spreads in France; « tableau » names one of its charts, given as CSV."""
    criteria = spread_criteria.read(request.GET, spread_page.TABLES)
    page = SpreadPage(criteria)
    if criteria.table:
        return download(page.rows(criteria.table), dated(f"essaimage-{criteria.table}"))
    return render(request, "essaimage/spread.html", {"page": page, "criteria": criteria})


@require_safe
@public_page()
def spread_of(request: HttpRequest, slug: str) -> HttpResponseBase:
    """How one innovation spreads; as its record, 410 when it is public no more."""
    innovation = get_object_or_404(
        Innovation.objects.select_related("organisation", "merged_into"), slug=slug
    )
    if innovation.merged_into:
        return redirect("essaimage:spread_of", innovation.merged_into.slug, permanent=True)
    if innovation.status == Status.WITHDRAWN or (
        innovation.published_at and not innovation.is_public
    ):
        return render(request, "innovations/gone.html", {"innovation": innovation}, status=410)
    if not innovation.is_public:
        raise Http404
    criteria = spread_criteria.read(request.GET, project_page.TABLES, tuple(project_page.SIZES))
    page = ProjectPage(innovation, criteria)
    if criteria.table:
        return download(page.rows(criteria.table), dated(f"{slug}-{criteria.table}"))
    context = {"page": page, "criteria": criteria, "innovation": innovation}
    return render(request, "essaimage/project.html", context)


@require_safe
@public_page(300)
def replications(request: HttpRequest, name: str) -> HttpResponseBase:
    """The replications of the national page, its filters kept, as « csv » or « json »."""
    criteria = spread_criteria.read(request.GET)
    return written(criteria.filtered(Replication.objects.of_public()), name, "reprises")


@require_safe
@public_page(300)
def replications_of(request: HttpRequest, slug: str, name: str) -> HttpResponseBase:
    innovation = get_object_or_404(Innovation.objects.published(), slug=slug)
    found = Replication.objects.of_public().of(innovation)
    return written(found, name, f"reprises-{slug}")


def written(rows: ReplicationQuerySet, name: str, title: str) -> HttpResponseBase:
    write, content_type = WRITERS[name]
    return StreamingHttpResponse(
        write(rows),
        content_type=content_type,
        headers={
            "Content-Disposition": f'attachment; filename="{dated(title)}.{name}"',
            "X-Robots-Tag": "noindex",
            # A proxy that gathers the answer would keep its reader waiting.
            "X-Accel-Buffering": "no",
        },
    )


def dated(name: str) -> str:
    """The name of a file of today."""
    return f"{name}-{timezone.localdate().isoformat()}"
