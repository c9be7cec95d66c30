"""Whether the links of records answer: the team's list, a partner's own, their files."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from carrefour.spreadsheets import download
from innovations.link_checking import progress
from innovations.models import Link, LinkState
from partners import link_lists
from partners.access import backoffice_page, raw_page, visible_or_404, visible_partners
from partners.backoffice.filters import LinkFilter
from partners.editing import CannotEdit
from partners.models import Partner

PAGE = 50


@backoffice_page("innovations.view_link")
def listing(request: HttpRequest) -> HttpResponse:
    form = LinkFilter(request.GET, request.user)
    counts = progress()
    context = {
        "form": form,
        "counts": [(label, counts.get(value, 0), value) for value, label in LinkState.choices],
        "due": counts["due"],
        "csv": "backoffice:links_csv",
    }
    return _page(request, "backoffice/links.html", form.apply(Link.objects.all()), context)


@backoffice_page("innovations.view_link")
def listing_csv(request: HttpRequest) -> StreamingHttpResponse:
    links = LinkFilter(request.GET, request.user).apply(Link.objects.all())
    return download(link_lists.rows(links), "liens")


@raw_page
def of_partner(request: HttpRequest, slug: str) -> HttpResponse:
    """Those of its records that need someone."""
    partner = visible_or_404(visible_partners(request.user), slug=slug)
    return _page(request, "backoffice/partner_links.html", _troubled(partner), {"partner": partner})


@raw_page
def partner_csv(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    partner = visible_or_404(visible_partners(request.user), slug=slug)
    return download(link_lists.rows(_troubled(partner)), f"liens-{partner.slug}")


@require_POST
@backoffice_page("innovations.change_link", "innovations.change_innovation")
def adopt(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the address to which a web site moved for good, in the team's name."""
    link = get_object_or_404(Link, pk=pk, state=LinkState.MOVED)
    try:
        count = link_lists.adopt(link, author=request.user)
    except CannotEdit as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Nouvelle adresse écrite sur {count} fiche(s).")
    return redirect("backoffice:links")


def _troubled(partner: Partner) -> QuerySet[Link]:
    links = link_lists.of_partner(partner).filter(state__in=link_lists.TROUBLED)
    return links.order_by("failing_since", "pk")


def _page(
    request: HttpRequest, template: str, links: QuerySet[Link], context: dict
) -> HttpResponse:
    page = Paginator(links, PAGE).get_page(request.GET.get("page"))
    page.object_list = link_lists.with_records(links.filter(pk__in=[k.pk for k in page]))
    return render(request, template, {**context, "page_obj": page})
