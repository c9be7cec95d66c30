"""The rules that link without asking: what each does, switched off or on, undone."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from kombu.exceptions import OperationalError

from carrefour.french import counted
from carrefour.keyset import keyset_page
from partners.access import backoffice_page
from partners.consolidation import switching
from partners.consolidation.switching import Told

PAGE = 25
KEYS = ("-made_at", "-pk")


@never_cache
@backoffice_page("partners.decide_pair")
def listing(request: HttpRequest) -> HttpResponse:
    return render(request, "backoffice/linkage_rules.html", {"rules": switching.told()})


@never_cache
@backoffice_page("partners.decide_pair")
def detail(request: HttpRequest, code: str) -> HttpResponse:
    """What the rule merged, the latest first, and the means to undo it all."""
    told = _told(code)
    merges = switching.merges_of(told.rule).select_related("origin", "target", "pair")
    page = keyset_page(merges, KEYS, request.GET.get("suite", ""), PAGE)
    return render(request, "backoffice/linkage_rule.html", {"told": told, "page": page})


@require_POST
@backoffice_page("partners.decide_pair")
def switch(request: HttpRequest, code: str) -> HttpResponse:
    rule = _told(code).rule
    if request.POST.get("appliquer") == "oui":
        switching.switch_on(rule)
        said = "La règle est allumée : les fiches sont comparées de nouveau, puis liées."
    else:
        switching.switch_off(rule)
        said = "La règle est éteinte : elle ne lie plus rien. Ce qu’elle a lié reste lié."
    messages.success(request, said)
    return redirect("backoffice:linkage_rules")


@require_POST
@backoffice_page("partners.decide_pair")
def undo(request: HttpRequest, code: str) -> HttpResponse:
    rule = _told(code).rule
    try:
        done = switching.undo_all(rule, author=request.user)
    except OperationalError:
        messages.error(
            request,
            "La règle est éteinte, mais le service de tâches est injoignable : rien n’est défait. "
            "Recommencez plus tard.",
        )
        return redirect("backoffice:linkage_rule", code=code)
    if done is None:
        said = "La règle est éteinte. Ce qu’elle a lié se défait en tâche de fond."
    else:
        undone = counted(done, "réunion défaite", "réunions défaites")
        said = f"La règle est éteinte, {undone}. Les paires attendent dans la file."
    messages.success(request, said)
    return redirect("backoffice:linkage_rules")


def _told(code: str) -> Told:
    for told in switching.told():
        if told.rule.code == code:
            return told
    raise Http404
