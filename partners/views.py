"""The public pages of the partners."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from carrefour.caching import public_page
from innovations.licences import Licence
from innovations.models import Innovation, SearchRow
from innovations.search_facets import by_partner
from partners.models import Partner

LATEST = 6


@require_safe
@public_page()
def partner_list(request: HttpRequest) -> HttpResponse:
    """Every active partner with the number of records it shares, in alphabetical order."""
    counts = by_partner(SearchRow.objects.all())
    partners = list(Partner.objects.active())
    for partner in partners:
        partner.published_count = counts.get(partner.slug, 0)  # type: ignore[attr-defined]
    return render(request, "partners/list.html", {"partners": partners})


@require_safe
@public_page()
def partner_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """A partner: who it is, its sources and licences, its latest records."""
    partner = get_object_or_404(Partner.objects.active(), slug=slug)
    rows = SearchRow.objects.filter(partner_slugs__contains=[partner.slug])
    latest = rows.order_by("-published_at", "-innovation_id").values_list("pk", flat=True)[:LATEST]
    innovations = Innovation.objects.filter(pk__in=list(latest)).for_cards()
    sources = list(partner.sources.filter(is_active=True))
    context = {
        "partner": partner,
        "sources": [(source, Licence(source.licence)) for source in sources],
        "published_count": rows.count(),
        "innovations": innovations,
    }
    return render(request, "partners/detail.html", context)


@require_safe
def logo(request: HttpRequest, slug: str, digest: str) -> HttpResponse:
    """An active partner's logo; its address changes with it."""
    found = Partner.objects.active().filter(slug=slug, logo_digest=digest).exclude(logo_digest="")
    content = found.values_list("logo", flat=True).first()
    if not content:
        raise Http404
    return HttpResponse(
        bytes(content),
        content_type="image/webp",
        headers={"Cache-Control": "public, max-age=604800, s-maxage=3600, immutable"},
    )
