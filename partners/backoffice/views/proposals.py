"""Proposed projects: the staff look for who answers, a partner's people answer."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from partners.access import backoffice_page, visible_or_404, visible_partners
from partners.members import acts_for
from partners.models import Offer, OfferState, Partner, Proposal, ProposalState
from partners.proposals import delays, matching, offering
from partners.proposals.drafting import ProposalError
from partners.proposals.filing import NotFiled
from partners.proposals.forms import LABELS, read, told

PAGE = 20
VIEW, CHANGE = "partners.view_proposal", "partners.change_proposal"
# Drafts are their authors' own.
TO_READ = "a-traiter"
STATES = [
    (TO_READ, "À traiter par l’équipe"),
    *(s for s in ProposalState.choices if s[0] != ProposalState.DRAFT),
]


@never_cache
@backoffice_page(VIEW)
def queue(request: HttpRequest) -> HttpResponse:
    """Those that wait for the staff first; the oldest first."""
    state = request.GET.get("etat", "")
    state = state if state in dict(STATES) else TO_READ
    sent = Proposal.objects.exclude(state=ProposalState.DRAFT)
    found = sent.to_read() if state == TO_READ else sent.filter(state=state)
    found = found.annotate(
        asked=Count("offers", filter=Q(offers__state=OfferState.WAITING)),
        declined=Count("offers", filter=Q(offers__state=OfferState.DECLINED)),
    ).order_by("sent_at", "pk")
    found = found.select_related("record").defer("record__raw")
    context = {
        "page_obj": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "state": state,
        "states": STATES,
        "delays": delays.measured(),
    }
    return render(request, "backoffice/proposals.html", context)


@never_cache
@backoffice_page(VIEW)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    proposal = _proposal(pk)
    record = proposal.record
    offers = list(proposal.offers.select_related("partner"))
    asked = {offer.partner_id for offer in offers}
    is_waiting = proposal.state == ProposalState.WAITING
    fits = matching.fitting(record) if record and is_waiting else []
    shown = asked | {fit.partner.pk for fit in fits}
    context: dict[str, Any] = {
        "proposal": proposal,
        "told": told(record.raw[0] if record else proposal.answers),
        "problems": record.problems if record else [],
        "innovation": record.innovation if record else None,
        "offers": offers,
        "fits": [fit for fit in fits if fit.partner.pk not in asked],
        "others": Partner.objects.active().exclude(pk__in=shown) if is_waiting else [],
        "alike": matching.alike(record) if record and is_waiting else [],
        "changes": _changes(proposal) if proposal.is_corrected else [],
    }
    return render(request, "backoffice/proposal.html", context)


def _changes(proposal: Proposal) -> list[tuple[str, str, str]]:
    """(label, before, after) of what the porteur changed since it was published."""
    before: dict[str, Any] = proposal.record.raw[0] if proposal.record else {}
    pairs = [
        (label, read(before, name), read(proposal.answers, name)) for name, label in LABELS.items()
    ]
    return [(label, old, new) for label, old, new in pairs if old != new]


@require_POST
@backoffice_page(CHANGE)
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """« soumettre » to partners, « ecarter » with a reason, « publier » corrections."""
    proposal = _proposal(pk)
    acts = {"soumettre": _offer, "ecarter": _set_aside, "publier": _publish}
    action = acts.get(request.POST.get("action", ""))
    if action is not None:
        try:
            action(request, proposal)
        except (ProposalError, NotFiled) as error:
            messages.error(request, error.message)
    return redirect("backoffice:proposal", pk=pk)


def _offer(request: HttpRequest, proposal: Proposal) -> None:
    slugs = [slug for slug in request.POST.getlist("partner") if slug]
    chosen = list(Partner.objects.active().filter(slug__in=slugs))
    if not chosen:
        messages.warning(request, "Choisissez au moins une plateforme.")
        return
    made = offering.offer(proposal, chosen, request.user)
    names = ", ".join(offer.partner.name for offer in made)
    messages.success(request, f"Projet soumis : {names}." if made else "Déjà soumis.")


def _set_aside(request: HttpRequest, proposal: Proposal) -> None:
    reason = request.POST.get("reason", "").strip()[:2000]
    if not reason:
        messages.warning(request, "Écrivez la raison : le porteur la reçoit.")
        return
    offering.refuse(proposal, request.user, reason)
    messages.success(request, "Projet écarté ; son porteur peut le corriger.")


def _publish(request: HttpRequest, proposal: Proposal) -> None:
    offering.publish_corrections(proposal, seen=request.POST.get("vu", ""))
    messages.success(request, "Corrections publiées.")


@never_cache
@backoffice_page()
def of_partner(request: HttpRequest, slug: str) -> HttpResponse:
    """The projects shown to a partner, for its people to answer; staff only look."""
    partner, is_member = _partner(request, slug)
    found = Offer.objects.waiting().filter(partner=partner)
    found = found.select_related("proposal__record").order_by("offered_at", "pk")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    rows = [(offer, told(_row(offer.proposal))) for offer in page]
    context = {"partner": partner, "page_obj": page, "rows": rows, "is_member": is_member}
    return render(request, "backoffice/partner_offers.html", context)


def _row(proposal: Proposal) -> dict[str, Any]:
    """What was sent, not what its porteur is writing now."""
    return dict(proposal.record.raw[0]) if proposal.record else {}


@never_cache
@backoffice_page()
def vouch(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Asked once more, then published under the partner."""
    partner, offer = _own_offer(request, slug, pk)
    if request.method != "POST":
        context = {"partner": partner, "offer": offer, "told": told(_row(offer.proposal))}
        return render(request, "backoffice/offer_vouch.html", context)
    try:
        innovation = offering.vouch(offer, request.user, seen=request.POST.get("vu", ""))
        done = "est publié" if innovation.is_public else "sera publié une fois relu par l’équipe"
        messages.success(request, f"« {innovation.title} » {done} : vous en répondez.")
    except ProposalError as error:
        messages.error(request, error.message)
    return redirect("backoffice:partner_offers", slug=slug)


@require_POST
@backoffice_page()
def decline(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    _, offer = _own_offer(request, slug, pk)
    reason = request.POST.get("reason", "").strip()[:2000]
    if not reason:
        messages.warning(request, "Écrivez la raison : le porteur la lit.")
        return redirect("backoffice:partner_offers", slug=slug)
    try:
        offering.decline(offer, request.user, reason)
        messages.success(request, "Réponse transmise au porteur.")
    except ProposalError as error:
        messages.error(request, error.message)
    return redirect("backoffice:partner_offers", slug=slug)


def _partner(request: HttpRequest, slug: str) -> tuple[Partner, bool]:
    """The partner and whether the user is one of its people; 403 for who may not look."""
    partner = visible_or_404(visible_partners(request.user), slug=slug)
    is_member = acts_for(request.user, partner)
    if not is_member and not request.user.has_perm(VIEW):
        raise PermissionDenied
    return partner, is_member


def _own_offer(request: HttpRequest, slug: str, pk: int) -> tuple[Partner, Offer]:
    """An offer made to one's own partner: nobody answers in a partner's place."""
    partner, is_member = _partner(request, slug)
    if not is_member:
        raise PermissionDenied
    offers = Offer.objects.waiting().select_related("proposal__record", "partner")
    return partner, get_object_or_404(offers, partner=partner, pk=pk)


def _proposal(pk: int) -> Proposal:
    rows = Proposal.objects.exclude(state=ProposalState.DRAFT)
    return get_object_or_404(rows.select_related("record__innovation", "record__source"), pk=pk)
