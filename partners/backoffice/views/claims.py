"""People who say to carry a project: the queue, and the decision."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from partners import claims
from partners.access import backoffice_page
from partners.claims import ClaimError, is_of_project
from partners.models import Claim, ClaimState

PAGE = 20
SHOWN = [s for s in ClaimState.choices if s[0] != ClaimState.RECEIVED]
NO_MAIL = "Le courriel d’invitation n’a pas pu partir : réessayez dans quelques minutes."


@never_cache
@backoffice_page("partners.view_claim")
def queue(request: HttpRequest) -> HttpResponse:
    state = request.GET.get("etat", "")
    state = state if state in dict(SHOWN) else ClaimState.WAITING
    found = Claim.objects.filter(state=state).select_related("innovation", "user", "decided_by")
    page = Paginator(found.order_by("created_at", "pk"), PAGE).get_page(request.GET.get("page"))
    rows = [(claim, is_of_project(claim.email, claim.innovation)) for claim in page]
    context = {"page_obj": page, "rows": rows, "state": state, "states": SHOWN}
    return render(request, "backoffice/claims.html", context)


@require_POST
@backoffice_page("partners.change_claim")
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """« accepter », « refuser » (with a reason) or « retirer » an accepted one."""
    claim = get_object_or_404(Claim.objects.exclude(state=ClaimState.RECEIVED), pk=pk)
    action = request.POST.get("action", "")
    answer = request.POST.get("answer", "").strip()[:2000]
    if action == "refuser" and not answer:
        messages.warning(request, "Écrivez la raison du refus : elle est envoyée à la personne.")
        return redirect("backoffice:claims")
    acts: dict[str, tuple[Any, str]] = {
        "accepter": (lambda: claims.accept(claim, request.user), "Invitation envoyée."),
        "refuser": (lambda: claims.refuse(claim, request.user, answer), "Demande refusée."),
        "retirer": (
            lambda: claims.end(claim, request.user),
            "Droit retiré.",
        ),
    }
    if action not in acts:
        return redirect("backoffice:claims")
    act, done = acts[action]
    try:
        act()
        messages.success(request, done)
    except ClaimError as error:
        messages.error(request, error.message)
    except OSError:
        messages.error(request, NO_MAIL)
    return redirect("backoffice:claims")
