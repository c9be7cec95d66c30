"""Records waiting for staff, and what staff decides of any public record."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from carrefour.text import key, primary_key
from innovations.models import Innovation, Status
from innovations.publishing import set_status
from partners.access import backoffice_page
from partners.backoffice.history import history_of
from partners.backoffice.views.flags import flags_of
from partners.models import Source

PAGE = 25
# What staff may decide, and from which states.
DECISIONS = {
    "publier": (Status.PUBLISHED, {Status.IN_REVIEW, Status.UNPUBLISHED}, "publiée(s)"),
    "depublier": (
        Status.UNPUBLISHED,
        {Status.PUBLISHED, Status.IN_REVIEW, Status.TO_COMPLETE},
        "dépubliée(s)",
    ),
}


@backoffice_page("innovations.change_innovation")
def queue(request: HttpRequest) -> HttpResponse:
    """« À relire » by default; « etat » shows the records in another state, « source » those that
    this source told of."""
    status = request.GET.get("etat", Status.IN_REVIEW)
    status = status if status in Status.values else Status.IN_REVIEW
    words = request.GET.get("q", "").strip()[:100]
    found = Innovation.objects.filter(status=status).order_by("-created_at", "-pk")
    if words:
        found = found.filter(title_key__contains=key(words))
    if source := request.GET.get("source", ""):
        found = found.filter(source_records__source__slug=source).distinct()
    found = found.select_related("organisation").prefetch_related("citations")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "status": status,
        "statuses": Status.choices,
        "words": words,
        "source": source,
        "sources": Source.objects.select_related("partner"),
    }
    return render(request, "backoffice/review.html", context)


@require_POST
@backoffice_page("innovations.change_innovation")
def decide(request: HttpRequest) -> HttpResponse:
    """Show what is about to be done, then do it once it is confirmed."""
    action = request.POST.get("action", "")
    ids = [pk for said in request.POST.getlist("fiche") if (pk := primary_key(said))]
    back = _back(request)
    if action not in DECISIONS or not ids:
        messages.warning(request, "Choisissez au moins une fiche, puis l’action.")
        return redirect(back)
    status, allowed, done = DECISIONS[action]
    chosen = Innovation.objects.filter(pk__in=ids, status__in=allowed).order_by("title_key", "pk")
    if request.POST.get("confirme") != "oui":
        context = {"chosen": chosen, "action": action, "back": back}
        return render(request, "backoffice/review_confirm.html", context)
    count = set_status(chosen.values_list("pk", flat=True), status)
    messages.success(request, f"{count} fiche(s) {done}.")
    return redirect(back)


@backoffice_page("innovations.view_innovation")
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The record as composed, public or not: where each value comes from, and its history."""
    innovation = get_object_or_404(Innovation.objects.for_detail(), pk=pk)
    records = innovation.source_records.select_related("source__partner").order_by("pk")
    context: dict[str, Any] = {
        "innovation": innovation,
        "records": records,
        "history": history_of(innovation),
        "completeness": getattr(innovation, "completeness", None),
        "flags": flags_of(innovation, request.user),
        "can_publish": innovation.status in DECISIONS["publier"][1],
        "can_unpublish": innovation.status in DECISIONS["depublier"][1],
    }
    return render(request, "backoffice/innovation.html", context)


def _back(request: HttpRequest) -> str:
    wanted = request.POST.get("retour", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return wanted if wanted and is_ours else "backoffice:review"
