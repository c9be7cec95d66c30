"""Pages that say who we are and what we do: mostly text, in templates/site/."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from carrefour.caching import View, public_page
from innovations import quality
from innovations.licences import OPEN, Licence
from innovations.models import SearchRow, Term, Vocabulary
from innovations.record_page import term_url
from partners.models import Partner

ROBOTS = """User-agent: *
Disallow: /gestion/
Disallow: /admin/
Disallow: /recherche/points.json
Disallow: /recherche/export.csv
Disallow: /recherche/widget/
Disallow: /opposition/
Disallow: /innovations/*/kit.pdf
Disallow: /essaimage/declarations/
Disallow: /essaimage/avis/
Disallow: /essaimage/suivi/
Disallow: /essaimage/resultats/
Disallow: /essaimage/courriels/
Disallow: /mes-reprises/
Sitemap: {base_url}{sitemap}
"""


def page(template: str) -> View:
    """A view that shows this template."""

    @require_safe
    @public_page(600)
    def view(request: HttpRequest) -> HttpResponse:
        context = {
            "contact_email": settings.CONTACT_EMAIL,
            "user_agent": settings.HARVEST_USER_AGENT,
            # Who runs this installation is for the operator to say; never invented.
            "publisher": settings.PUBLISHER,
            "host": settings.HOSTING,
        }
        return render(request, template, context)

    return view


@require_safe
@public_page(600)
def open_data(request: HttpRequest) -> HttpResponse:
    """What may be reused, how, under which licences."""
    context = {
        "open_licences": [licence for licence in Licence if licence in OPEN],
        "open_count": SearchRow.objects.filter(is_open=True).count(),
        "reference_count": SearchRow.objects.filter(is_open=False).count(),
    }
    return render(request, "site/open_data.html", context)


@require_safe
@public_page(600)
def completeness(request: HttpRequest) -> HttpResponse:
    """How the score of a record is made, from the very table that makes it."""
    usual = sum(c.weight for c in quality.CRITERIA if c.code != "governance")
    groups = [(name, found, sum(c.weight for c in found)) for name, found in quality.GROUPS]
    context = {"groups": groups, "usual": usual}
    return render(request, "site/completeness.html", context)


@require_safe
@public_page(600)
def sitemap_page(request: HttpRequest) -> HttpResponse:
    themes = Term.objects.active().of(Vocabulary.THEME).filter(parent__isnull=True)
    context = {
        "themes": [(theme.label, term_url(theme)) for theme in themes],
        "partners": Partner.objects.active(),
    }
    return render(request, "site/sitemap.html", context)


@require_safe
@public_page(3600)
def robots(request: HttpRequest) -> HttpResponse:
    text = ROBOTS.format(base_url=settings.BASE_URL, sitemap=reverse("site:sitemap"))
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
