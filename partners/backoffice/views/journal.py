"""The history of any tracked object, putting a value back, and the journal of everybody's acts."""

import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST

from carrefour.text import primary_key
from partners.access import backoffice_page
from partners.backoffice import journal
from partners.backoffice.filters import PERIODS
from partners.backoffice.history import SHOWN, history_of, readable
from partners.backoffice.tracked import TRACKED, Tracked, put_back


@backoffice_page("pghistory.view_context")
def actions(request: HttpRequest) -> HttpResponse:
    period = request.GET.get("periode", "")
    asked = journal.Asked(
        person=primary_key(request.GET.get("personne", "")),
        kind=_kind(request.GET.get("genre", "")),
        since=timezone.now() - PERIODS[period][1] if period in PERIODS else None,
        before=_moment(request.GET.get("avant", "")),
    )
    found, following = journal.acts(asked)
    kinds = [(name, tracked.label) for name, tracked in TRACKED.items()]
    context = {
        "acts": found,
        "following": following.isoformat() if following else "",
        "people": journal.people(),
        "kinds": [*kinds, (journal.ADMIN, "Administration avancée")],
        "periods": [(name, label) for name, (label, _) in PERIODS.items()],
        "asked": asked,
        "period": period,
    }
    return render(request, "backoffice/journal.html", context)


@backoffice_page()
def history(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """All that happened to one object, fifty steps at a time."""
    tracked = _tracked(request, kind)
    row = get_object_or_404(readable(tracked.model_class), pk=pk)
    before = primary_key(request.GET.get("avant", ""))
    steps = history_of(row, before)
    context = {
        "kind": kind,
        "tracked": tracked,
        "row": row,
        "name": tracked.says(row),
        "url": tracked.page(row) if tracked.page else "",
        "steps": steps,
        "owned": tracked.owned if request.user.has_perm(tracked.permission("change")) else (),
        "following": steps[-1].event if len(steps) == SHOWN else 0,
    }
    return render(request, "backoffice/history.html", context)


@require_POST
@backoffice_page()
def restore(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    tracked = _tracked(request, kind)
    if not request.user.has_perm(tracked.permission("change")):
        raise PermissionDenied
    row = get_object_or_404(readable(tracked.model_class), pk=pk)
    event = primary_key(request.POST.get("evenement", "")) or 0
    try:
        put_back(tracked, row, event, request.POST.get("champ", ""), request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, "La valeur est rétablie.")
    return redirect("backoffice:history", kind=kind, pk=pk)


def _tracked(request: HttpRequest, kind: str) -> Tracked:
    if kind not in TRACKED:
        raise Http404
    user: Any = request.user
    if not user.has_perm(TRACKED[kind].permission("view")):
        raise PermissionDenied
    return TRACKED[kind]


def _kind(asked: str) -> str:
    return asked if asked in TRACKED or asked == journal.ADMIN else ""


def _moment(text: str) -> datetime.datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found and timezone.is_aware(found) else None
