"""The first page: how the directory stands and what waits for someone."""

from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from carrefour.french import agree
from innovations.models import Innovation
from partners.access import (
    backoffice_page,
    may_enter,
    visible_records,
    visible_rejected,
    visible_runs,
    visible_sources,
)
from partners.backoffice.filters import ANY
from partners.backoffice.listing import tally, with_last_run
from partners.backoffice.quality_shown import trend
from partners.backoffice.tiles import Task, publications, tasks_for
from partners.health import RANKS, Cause, Health, health_of
from partners.models import Claim, Offer, Partner, SuggestionState

LATEST = 8


def home(request: HttpRequest) -> HttpResponseBase:
    """Where one arrives once logged in; a porteur has its own pages instead."""
    user = request.user
    if user.is_authenticated and not may_enter(user) and Claim.objects.held_by(user).exists():
        return redirect("partners:my_projects")
    return _dashboard(request)


@backoffice_page()
def _dashboard(request: HttpRequest) -> HttpResponse:
    user = request.user
    sources = visible_sources(user)
    is_staff = user.has_perm("partners.view_source")
    healths = [h for h in health_of(sources.taken_on()) if h.troubles]
    context = {
        "is_team": is_staff,
        "tasks": [*tasks_for(user), *_contributions(user), *_harvest_tasks(healths, request)],
        "figures": _figures(request, is_staff),
        "published": publications() if is_staff else None,
        "completeness": trend() if user.has_perm("innovations.view_completeness") else None,
        "troubled": [h for h in healths if h.rank < RANKS[Cause.WORDS]][:LATEST],
        "sources": [] if is_staff else with_last_run(sources.taken_on()),
        "runs": visible_runs(user).select_related("source__partner", "requested_by")[:LATEST],
    }
    return render(request, "backoffice/home.html", context)


def _contributions(user: Any) -> list[Task]:
    """What people outside the team sent to the members of a partner."""
    if user.has_perm("partners.view_partner"):
        return []
    found = []
    own = Partner.objects.visible_to(user).annotate(
        offers_count=Count("offers", filter=Q(offers__in=Offer.objects.waiting()), distinct=True),
        corrections_count=Count(
            "suggestions", filter=Q(suggestions__state=SuggestionState.SENT), distinct=True
        ),
    )
    for partner in own:
        where = reverse("backoffice:partner_offers", args=[partner.slug])
        label = f"{agree(partner.offers_count, 'projet')} soumis à {partner.name}"
        found.append(Task(partner.offers_count, label, where))
        where = reverse("backoffice:partner_suggestions", args=[partner.slug])
        label = f"{agree(partner.corrections_count, 'correction')} à regarder"
        found.append(Task(partner.corrections_count, label, where))
    return found


def _harvest_tasks(healths: list[Health], request: HttpRequest) -> list[Task]:
    """What harvests wait for: sources in trouble, withdrawals to decide, rows refused."""
    if not request.user.has_perm("partners.run_source"):
        return []
    health = reverse("backoffice:health")
    held = sum(h.source.held_back.get("missing", 0) for h in healths)
    refused = sum(h.refused for h in healths)
    return [
        Task(len(healths), f"{agree(len(healths), 'source')} à regarder", f"{health}?besoin={ANY}"),
        Task(
            held,
            f"{agree(held, 'retrait')} à décider",
            f"{health}?besoin={Cause.HELD_BACK.value}",
        ),
        Task(
            refused,
            agree(refused, "ligne refusée"),
            f"{health}?besoin={Cause.REFUSED.value}",
        ),
    ]


def _figures(request: HttpRequest, is_staff: bool) -> list[tuple[str, int]]:
    records = tally(visible_records(request.user))
    figures: list[tuple[tuple[str, ...], int]] = [
        (("fiche reçue",), records["total"]),
        (("fiche à compléter", "fiches à compléter"), records["to_complete"]),
    ]
    if not is_staff:
        figures.append((("ligne refusée",), visible_rejected(request.user).count()))
    if is_staff:
        figures.insert(0, (("partenaire actif",), Partner.objects.active().count()))
        figures.insert(1, (("fiche publiée",), Innovation.objects.published().count()))
    return [(agree(count, *label), count) for label, count in figures]
