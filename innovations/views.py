"""The public pages of the directory: search, record, organisation."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from carrefour.caching import public_page
from carrefour.limits import too_many
from carrefour.spreadsheets import download
from innovations import search_map
from innovations.choropleth import Choropleth
from innovations.export_formats import FORMATS
from innovations.models import Innovation, Organisation, Picture, SearchPlace, Status
from innovations.organisation_page import organisation_page
from innovations.record_page import RecordPage
from innovations.search import InnovationSearch
from innovations.search_criteria import Reading
from innovations.search_data import Figures
from innovations.search_page import SearchPage

# The address bears the digest: what it gives never changes. Shared caches ask again each hour: a
# picture removed at someone's request must leave them too.
PICTURE_CACHE = "public, max-age=604800, s-maxage=3600, immutable"
EXPORTS_PER_HOUR = 60
PLAIN = "text/plain; charset=utf-8"


@require_safe
@public_page()
def search(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """Text, place and facets; the same search as a list, a map or figures (« vue »).

    « tableau » names one table of the figures, given as CSV.
    """
    asked = InnovationSearch.from_query(request.GET)
    place = asked.criteria.place
    if request.GET.get("lieu") and place.is_sure and not asked.left:
        # The address then says the territory's code: it can be shared and never changes meaning.
        return redirect(asked.url())
    page = SearchPage(asked)
    figures = Figures(asked, page)
    if table := asked.criteria.table:
        return download(figures.table(table).rows(), dated(f"innovations-par-{table}"))
    context: dict[str, Any] = {"search": asked, "page": page, "hide_header_search": True}
    if asked.criteria.view == "donnees":
        context["tables"] = figures.tables
    else:
        context["results"] = asked.results()
    if asked.criteria.view == "carte":
        context |= {"tiles": tiles(), "choropleth": Choropleth(asked)}
    return render(request, "innovations/search.html", context)


@require_safe
@public_page()
def points(request: HttpRequest) -> HttpResponse:
    """The places of a search for the map: points, or cells when they are too many.

    ``cadre`` (west,south,east,north) and ``zoom`` say what the map shows.
    """
    asked = InnovationSearch.from_query(request.GET)
    reading = Reading(request.GET, asked.terms)
    frame, zoom = reading.box("cadre"), reading.zoom()
    if refusals := [*asked.refusals, *reading.notices]:
        return JsonResponse({"message": " ".join(refusals)}, status=400)
    return JsonResponse(asked.places(frame, zoom).to_json())


@require_safe
@public_page(300)
def export(request: HttpRequest, name: str) -> HttpResponse | StreamingHttpResponse:
    """The open records of a search in one of the formats; references are left out.

    400 for a filter that cannot be used: a file has no place to say that it is wider than asked.
    """
    kind = FORMATS.get(name)
    if kind is None:
        raise Http404
    if too_many(request, "export", EXPORTS_PER_HOUR):
        said = (
            "Vous avez téléchargé beaucoup de fichiers en une heure : réessayez plus tard, ou "
            f"lisez l’API ({settings.BASE_URL}/api/v1/docs/)."
        )
        return HttpResponse(said, status=429, content_type=PLAIN, headers={"Retry-After": "3600"})
    asked = InnovationSearch.from_query(request.GET)
    if asked.refusals:
        return HttpResponse("\n".join(asked.refusals), status=400, content_type=PLAIN)
    return StreamingHttpResponse(
        kind.write(asked.innovations()),
        content_type=kind.content_type,
        headers={
            "Content-Disposition": f'attachment; filename="{dated("innovations")}.{name}"',
            "X-Robots-Tag": "noindex",
            # A proxy that gathers the answer would keep its reader waiting.
            "X-Accel-Buffering": "no",
        },
    )


@require_safe
@public_page()
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One record; 410 with an explanation when it is public no more, 404 when it never was."""
    innovation = get_object_or_404(Innovation.objects.for_detail(), slug=slug)
    if innovation.merged_into:
        return redirect(innovation.merged_into, permanent=True)
    if innovation.status == Status.WITHDRAWN or (
        innovation.published_at and not innovation.is_public
    ):
        return render(request, "innovations/gone.html", {"innovation": innovation}, status=410)
    if not innovation.is_public:
        raise Http404
    context = {"page": RecordPage(innovation), "innovation": innovation, "tiles": tiles()}
    return render(request, "innovations/detail.html", context)


@require_safe
@public_page()
def places(request: HttpRequest, slug: str) -> HttpResponse:
    """The places of one public record, in the shape of ``points``."""
    found = Innovation.objects.published().filter(slug=slug)
    if not found.exists():
        raise Http404
    shown = SearchPlace.objects.filter(innovation__in=found.values("pk"))
    return JsonResponse(search_map.answer(shown).to_json())


@require_safe
def picture(request: HttpRequest, slug: str, digest: str, column: str) -> HttpResponse:
    """A copied picture; its address changes with its content, and is no more once it is removed."""
    found = Picture.objects.shown().filter(innovation__slug=slug, digest=digest)
    content = found.values_list(column, flat=True).first()
    if content is None:
        raise Http404
    return HttpResponse(
        bytes(content), content_type="image/webp", headers={"Cache-Control": PICTURE_CACHE}
    )


@require_safe
@public_page()
def organisation(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(
        Organisation.objects.select_related("territory").prefetch_related("evidence"), slug=slug
    )
    return render(request, "innovations/organisation.html", organisation_page(found))


def dated(name: str) -> str:
    """The name of a file of today."""
    return f"{name}-{timezone.localdate().isoformat()}"


def tiles() -> dict[str, str]:
    """The optional tile server; without it the map draws the embedded outlines only."""
    return {"url": settings.TILE_SERVER, "attribution": settings.TILE_ATTRIBUTION}
