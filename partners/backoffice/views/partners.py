"""Partners: the list, one of them with its sources, registering and editing."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from partners import life
from partners.access import (
    backoffice_page,
    reads_raw,
    visible_or_404,
    visible_partners,
    visible_sources,
)
from partners.backoffice.forms import PartnerForm
from partners.backoffice.life import offers_of, stepper_of, waiting
from partners.backoffice.listing import with_counts, with_last_run
from partners.members import acts_for, members_of
from partners.models import Partner, PartnerStep

PAGE = 30
MOVES = 20


@backoffice_page()
def partner_list(request: HttpRequest) -> HttpResponse:
    words = request.GET.get("q", "").strip()[:100]
    partners = with_counts(visible_partners(request.user))
    if words:
        partners = partners.filter(Q(name__icontains=words) | Q(website__icontains=words))
    step = request.GET.get("etape", "")
    if step in PartnerStep.values:
        partners = partners.filter(step=step)
    page = Paginator(partners, PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "words": words,
        "step": step,
        "steps": PartnerStep.choices,
        "waiting": waiting() if request.user.has_perm("partners.change_partner") else [],
    }
    return render(request, "backoffice/partners.html", context)


@backoffice_page()
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    partner = visible_or_404(
        visible_partners(request.user).select_related("charter_accepted_by"), slug=slug
    )
    sources = with_last_run(visible_sources(request.user).filter(partner=partner))
    is_member = acts_for(request.user, partner)
    sees_people = is_member or request.user.has_perm("partners.view_membership")
    context = {
        "partner": partner,
        "sources": sources,
        "is_member": is_member,
        "reads_raw": reads_raw(request.user),
        "sees_people": sees_people,
        "members": members_of(partner) if sees_people else [],
        "stepper": stepper_of(partner),
        "offers": offers_of(partner),
        "moves": partner.moves.select_related("author")[:MOVES],
    }
    return render(request, "backoffice/partner.html", context)


@backoffice_page("partners.add_partner")
def add(request: HttpRequest) -> HttpResponse:
    return _form(request, PartnerForm(request.POST or None), "Partenaire ajouté.")


@backoffice_page("partners.change_partner")
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    partner = visible_or_404(visible_partners(request.user), slug=slug)
    # The form writes on its instance as it validates: the page keeps showing what is saved.
    name = partner.name
    form = PartnerForm(request.POST or None, instance=partner)
    return _form(request, form, "Partenaire modifié.", partner=partner, name=name)


def _form(request: HttpRequest, form: PartnerForm, done: str, **context: Any) -> HttpResponse:
    if form.is_valid():
        is_new = form.instance.pk is None
        saved: Partner = form.save()
        (life.begin if is_new else life.catch_up)(saved, author=request.user)
        messages.success(request, done)
        return redirect("backoffice:partner", slug=saved.slug)
    return render(request, "backoffice/partner_form.html", {"form": form, **context})
