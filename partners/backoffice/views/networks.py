"""The places of one network, decided at once: which networks wait, one screen each, undoing."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from carrefour import keyboard
from carrefour.french import counted
from carrefour.keyset import keyset_page
from carrefour.text import primary_key
from partners.access import backoffice_page
from partners.backoffice import keys
from partners.consolidation import networks
from partners.consolidation.networks import CannotDecide, Network
from partners.models import NetworkChoice, NetworkDecision

PAGE = 25
KEYS = ("-made_at", "-pk")
CHOICES = [
    (NetworkChoice.PLACES, "Autres lieux du même projet", "L"),
    (NetworkChoice.DISTINCT, "Distinctes", "D"),
    (NetworkChoice.LATER, "Plus tard", "P"),
]
NO_CHOICE = "Choisissez l’une des décisions proposées."


@never_cache
@backoffice_page("partners.view_pair")
def listing(request: HttpRequest) -> HttpResponse:
    """The networks that wait, the largest first, and what was decided of others."""
    decided = NetworkDecision.objects.select_related("author", "target")
    context = {
        "networks": networks.networks(),
        "page": keyset_page(decided, KEYS, request.GET.get("suite", ""), PAGE),
        "keys_are_on": keyboard.are_on(request),
        "last": _last(request),
    }
    return render(request, "backoffice/networks.html", context)


@never_cache
@backoffice_page("partners.view_pair")
def detail(request: HttpRequest, code: str) -> HttpResponse:
    return _page(request, code)


@require_POST
@backoffice_page("partners.decide_pair")
def decide(request: HttpRequest, code: str) -> HttpResponse:
    """Settle the network and go back to those left; what cannot be is told, nothing is lost."""
    choice = request.POST.get("choix", "")
    if choice not in NetworkChoice.values:
        return _page(request, code, trouble=NO_CHOICE)
    kept, left = _ticked(request)
    try:
        done = networks.decide(
            code, NetworkChoice(choice), author=request.user, kept=kept, left=left,
            reason=request.POST.get("motif", "").strip(),
        )  # fmt: skip
    except CannotDecide as error:
        return _page(request, code, trouble=error.message, status=409)
    if done.left:
        _tell_left(request, NetworkChoice(choice), done.left)
    return redirect(f"{reverse('backoffice:networks')}?fait={done.decision.pk}")


@require_POST
@backoffice_page("partners.decide_pair")
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    decision = get_object_or_404(NetworkDecision, pk=pk)
    try:
        stuck = networks.take_back(decision, author=request.user)
    except CannotDecide as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "La décision est annulée : ces lieux attendent de nouveau.")
        if stuck:
            told = counted(stuck, "fiche a été déplacée", "fiches ont été déplacées")
            messages.warning(request, f"{told} depuis : elles restent où elles sont.")
    return redirect("backoffice:networks")


def _ticked(request: HttpRequest) -> tuple[set[int], set[int]]:
    """(The innovations that stayed ticked, those of the page that did not)."""
    shown, kept = (
        {pk for text in request.POST.getlist(name)[: networks.AT_ONCE] if (pk := primary_key(text))}
        for name in ("montres", "lieux")
    )
    return kept & shown, shown - kept


def _tell_left(request: HttpRequest, choice: NetworkChoice, left: int) -> None:
    told = counted(left, "lieu")
    if choice == NetworkChoice.PLACES:
        said = f"{told} à part : l’équipe les avait dits distincts, ou quelqu’un les a déplacés."
    else:
        said = f"{told} à part, que vous aviez décochés : ils attendent toujours."
    messages.warning(request, said)


def _page(request: HttpRequest, code: str, *, trouble: str = "", status: int = 200) -> HttpResponse:
    if not networks.is_known(code):
        raise Http404
    waiting = next((n for n in networks.networks() if n.code == code), None)
    told = networks.places(code)
    context = {
        "network": waiting or Network(code, 0, 0),
        "places": told,
        "stays": networks.stays(told),
        "most": networks.AT_ONCE,
        "unticked": _ticked(request)[1] if request.method == "POST" else set(),
        "given": request.POST,
        "trouble": trouble,
        "keys": keys.NETWORK,
        "keys_are_on": keyboard.are_on(request),
        "choices": CHOICES,
    }
    return render(request, "backoffice/network.html", context, status=status)


def _last(request: HttpRequest) -> NetworkDecision | None:
    """What this person just decided, to offer to undo it."""
    found = NetworkDecision.objects.filter(author=request.user, undone_at=None)  # type: ignore[misc]
    return found.filter(pk=primary_key(request.GET.get("fait", "")) or 0).first()
