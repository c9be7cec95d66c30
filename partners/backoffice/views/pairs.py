"""The duplicates queue: pairs of records side by side, and what staff decide of them."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from carrefour import keyboard
from carrefour.keyset import keyset_page
from carrefour.returning import back_of
from carrefour.text import primary_key
from partners.access import backoffice_page
from partners.backoffice import keys
from partners.backoffice.forms.pairs import (
    CHOICES,
    LATER,
    PairDecisionForm,
    PairFilter,
    asked_of,
    kept_query,
)
from partners.consolidation import deciding, queue, tellings
from partners.consolidation.deciding import DecidedMeanwhile, preferred_of
from partners.consolidation.regrouping import CannotRegroup
from partners.models import Pair, PairState, Remark

PAGE = 25


@never_cache
@backoffice_page("partners.view_pair")
def listing(request: HttpRequest) -> HttpResponse:
    """Pairs by state, the likest first."""
    form = PairFilter(request.GET, request.user)
    asked = form.asked
    pairs = queue.with_records(asked.pairs())
    context = {
        "form": form,
        "asked": asked,
        "page": keyset_page(pairs, queue.KEYS, request.GET.get("suite", ""), PAGE),
        "count": asked.pairs().count(),
        "query": kept_query(request.GET),
        "networks": Pair.objects.of_networks().order_by().values("network").distinct().count(),
        "remarks": Remark.objects.waiting().count(),
        "last": queue.last_decided(request.user, primary_key(request.GET.get("fait", ""))),
    }
    return render(request, "backoffice/pairs.html", context)


@never_cache
@backoffice_page("partners.view_pair")
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _pair(pk))


@require_POST
@backoffice_page("partners.decide_pair")
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Settle the pair and go to the next; what cannot be is told on the page, nothing is lost."""
    pair = _pair(pk)
    form = PairDecisionForm(request.POST)
    if not form.is_valid():
        return _page(request, pair, trouble="Choisissez l’une des décisions proposées.")
    try:
        _settle(pair, form, request.user)
    except DecidedMeanwhile as error:
        return _page(request, _pair(pk), meanwhile=error.pair, status=409)
    except CannotRegroup as error:
        return _page(request, _pair(pk), trouble=error.message, status=409)
    return _next(request, pair)


@require_POST
@backoffice_page("partners.decide_pair")
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo a decision: the pair waits again, its records are where they were."""
    pair = _pair(pk)
    where = f"{reverse('backoffice:pair', args=[pk])}?{kept_query(request.GET)}"
    try:
        deciding.reopen(pair, author=request.user, seen=request.POST.get("vu", ""))
        messages.success(request, "La décision est annulée : le rapprochement attend de nouveau.")
    except DecidedMeanwhile as error:
        who = error.pair.decided_by or "Une autre personne"
        messages.warning(request, f"{who} en a décidé depuis : rien n’est annulé.")
    except CannotRegroup as error:
        messages.error(request, error.message)
    return redirect(where)


@require_POST
@backoffice_page()
def switch_keys(request: HttpRequest) -> HttpResponse:
    keyboard.switch(request, on=request.POST.get("touches") == "oui")
    return redirect(back_of(request, "backoffice:home"))


def _settle(pair: Pair, form: PairDecisionForm, user: Any) -> None:
    given = form.cleaned_data
    if given["verdict"] == LATER:
        deciding.postpone(pair, author=user, seen=given["vu"])
        return
    verdict, side = CHOICES[given["verdict"]]
    deciding.decide(
        pair,
        verdict,
        author=user,
        reason=given["motif"],
        site=getattr(pair, side) if side else None,
        seen=given["vu"],
    )


def _next(request: HttpRequest, pair: Pair) -> HttpResponse:
    asked, query = asked_of(request.GET), kept_query(request.GET)
    done = f"{query}&fait={pair.pk}" if query else f"fait={pair.pk}"
    following = queue.next_after(pair, asked)
    if following is None:
        return redirect(f"{reverse('backoffice:pairs')}?{done}")
    return redirect(f"{reverse('backoffice:pair', args=[following.pk])}?{done}")


def _page(
    request: HttpRequest,
    pair: Pair,
    *,
    trouble: str = "",
    meanwhile: Pair | None = None,
    status: int = 200,
) -> HttpResponse:
    """The records side by side, and what they would make together."""
    others = queue.touching(pair)
    shown = queue.cluster(pair, others)
    records = queue.records_to_read(pair, shown)
    reading = tellings.Reading(records)
    by_pk = {record.pk: record for record in records}
    context = {
        "pair": pair,
        "others": others,
        "records": [(letter, by_pk[pk]) for letter, pk in zip("ABCDE", shown, strict=False)],
        "lines": reading.lines(shown),
        "preview": _preview(pair, reading),
        "query": kept_query(request.GET),
        "last": queue.last_decided(request.user, primary_key(request.GET.get("fait", ""))),
        "keys": keys.PAIR,
        "keys_are_on": keyboard.are_on(request),
        "given": request.POST,
        "trouble": trouble,
        "meanwhile": meanwhile,
        "is_waiting": pair.state in {PairState.WAITING, PairState.LATER, PairState.LINKED},
    }
    return render(request, "backoffice/pair.html", context, status=status)


def _preview(pair: Pair, reading: tellings.Reading) -> tellings.Preview | None:
    """What « même innovation » would give; None when they are one already or are not public."""
    one, other = pair.first.innovation, pair.second.innovation
    if one is None or other is None or one == other:
        return None
    counts = queue.counts_of(one.pk, other.pk)
    stays, goes = preferred_of(one, other, counts)
    return tellings.preview(stays, goes, reading, total=sum(counts.values()))


def _pair(pk: int) -> Pair:
    found = Pair.objects.select_related(
        "first__innovation", "second__innovation", "decided_by"
    ).defer(*queue.DEFERRED)
    return get_object_or_404(found, pk=pk)
