"""What a partner's people do and see by themselves: presentation, charter, completeness."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from partners import charter, completeness
from partners.access import (
    backoffice_page,
    raw_page,
    visible_or_404,
    visible_partners,
    visible_records,
)
from partners.backoffice.forms.space import CharterForm, SpaceForm
from partners.backoffice.quality_shown import quality_of
from partners.members import acts_for
from partners.models import Partner

PAGE = 30


def own_partner(request: HttpRequest, slug: str, permission: str) -> Partner:
    """The partner, for its own people and for the team with ``permission``.

    Raises ``Http404`` when it is not to be seen, ``PermissionDenied`` when not to be changed.
    """
    partner = visible_or_404(visible_partners(request.user), slug=slug)
    if not request.user.has_perm(permission) and not acts_for(request.user, partner):
        raise PermissionDenied
    return partner


@backoffice_page()
def presentation(request: HttpRequest, slug: str) -> HttpResponse:
    partner = own_partner(request, slug, "partners.change_partner")
    form = SpaceForm(request.POST or None, request.FILES or None, instance=partner)
    if form.is_valid():
        form.save()
        messages.success(request, "La présentation est enregistrée.")
        return redirect("backoffice:partner", slug=partner.slug)
    return render(
        request, "backoffice/partner_presentation.html", {"form": form, "partner": partner}
    )


@backoffice_page()
def accept_charter(request: HttpRequest, slug: str) -> HttpResponse:
    """The charter's text; its people accept it, each time it is asked of someone new."""
    partner = own_partner(request, slug, "partners.view_partner")
    is_member = acts_for(request.user, partner)
    posted = request.POST if request.method == "POST" else None
    form = CharterForm(posted) if is_member else None
    if form is not None and form.is_valid():
        charter.accept(partner, request.user)
        messages.success(request, "Vous avez accepté la charte.")
        return redirect("backoffice:partner", slug=partner.slug)
    return render(request, "backoffice/partner_charter.html", {"form": form, "partner": partner})


@raw_page
def record_completeness(request: HttpRequest, slug: str) -> HttpResponse:
    """How complete the partner's public records are, over time, and what each of them lacks."""
    partner = visible_or_404(visible_partners(request.user), slug=slug)
    records = completeness.present(visible_records(request.user).filter(source__partner=partner))
    page = Paginator(records.defer("raw"), PAGE).get_page(request.GET.get("page"))
    context = {
        "partner": partner,
        "quality": quality_of(partner),
        "page_obj": page,
        "rows": [(record, completeness.missing(record)) for record in page],
    }
    return render(request, "backoffice/partner_completeness.html", context)
