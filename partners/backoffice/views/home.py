"""The first page: how the directory stands and what waits for someone."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from innovations.models import Innovation, Status
from partners.access import (
    backoffice_page,
    visible_records,
    visible_rejected,
    visible_runs,
    visible_sources,
)
from partners.backoffice.filters import ANY
from partners.backoffice.listing import tally, with_last_run
from partners.health import RANKS, Cause, Health, health_of
from partners.models import Flag, Objection, Partner, VocabularyEntry

LATEST = 8


@dataclass(frozen=True)
class Task:
    """Something that waits: how many, what, where to do it."""

    count: int
    label: str
    url: str


@backoffice_page()
def home(request: HttpRequest) -> HttpResponse:
    user = request.user
    sources = visible_sources(user)
    is_staff = user.has_perm("partners.view_source")
    healths = [h for h in health_of(sources) if h.troubles]
    context = {
        "is_team": is_staff,
        "tasks": [*_tasks(request), *_harvest_tasks(healths, request)],
        "figures": _figures(request, is_staff),
        "troubled": [h for h in healths if h.rank < RANKS[Cause.WORDS]][:LATEST],
        "sources": [] if is_staff else with_last_run(sources),
        "runs": visible_runs(user).select_related("source__partner", "requested_by")[:LATEST],
    }
    return render(request, "backoffice/home.html", context)


def _tasks(request: HttpRequest) -> list[Task]:
    """What waits for the user, with the permission to do it."""
    user = request.user
    found = []
    if user.has_perm("innovations.change_innovation"):
        count = Innovation.objects.filter(status=Status.IN_REVIEW).count()
        found.append(Task(count, _plural(count, "fiche", "à relire"), reverse("backoffice:review")))
    if user.has_perm("partners.change_flag"):
        count = Flag.objects.personal().to_decide().count()
        s = "s" if count > 1 else ""
        label = f"donnée{s} personnelle{s} à décider"
        found.append(Task(count, label, reverse("backoffice:flags")))
    if user.has_perm("partners.change_vocabularyentry"):
        count = VocabularyEntry.objects.waiting().count()
        found.append(
            Task(
                count,
                _plural(count, "mot", "à rattacher à un terme"),
                reverse("backoffice:vocabulary"),
            )
        )
    if user.has_perm("partners.view_objection"):
        count = Objection.objects.to_settle().count()
        found.append(
            Task(count, _plural(count, "opposition", "à régler"), reverse("backoffice:objections"))
        )
    return found


def _harvest_tasks(healths: list[Health], request: HttpRequest) -> list[Task]:
    """What harvests wait for: sources in trouble, withdrawals to decide, rows refused."""
    if not request.user.has_perm("partners.run_source"):
        return []
    health = reverse("backoffice:health")
    held = sum(h.source.held_back.get("missing", 0) for h in healths)
    refused = sum(h.refused for h in healths)
    return [
        Task(len(healths), _plural(len(healths), "source", "à regarder"), f"{health}?besoin={ANY}"),
        Task(
            held,
            _plural(held, "retrait", "à décider"),
            f"{health}?besoin={Cause.HELD_BACK.value}",
        ),
        Task(
            refused,
            f"ligne{'s' * (refused > 1)} refusée{'s' * (refused > 1)}",
            f"{health}?besoin={Cause.REFUSED.value}",
        ),
    ]


def _figures(request: HttpRequest, is_staff: bool) -> list[tuple[str, int]]:
    records = tally(visible_records(request.user))
    figures = [
        ("fiches reçues", records["total"]),
        ("fiches à compléter", records["to_complete"]),
    ]
    if not is_staff:
        figures.append(("lignes refusées", visible_rejected(request.user).count()))
    if is_staff:
        figures.insert(0, ("partenaires actifs", Partner.objects.active().count()))
        figures.insert(1, ("fiches publiées", Innovation.objects.published().count()))
    return figures


def _plural(count: int, noun: str, rest: str) -> str:
    return f"{noun}{'s' if count > 1 else ''} {rest}"
