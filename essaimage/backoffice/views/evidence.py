"""The evidence in three facts: the list, reading one, writing what the team knows."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from carrefour import keyboard
from carrefour.accounts.access import staff_page
from carrefour.keyset import keyset_page
from carrefour.text import well_formed
from essaimage import reporting
from essaimage.backoffice import deciding
from essaimage.backoffice.deciding import Answer
from essaimage.backoffice.forms.evidence import FactsFilter, StaffEvidenceForm
from essaimage.backoffice.told import looked_at
from essaimage.keeping import ChangedMeanwhile
from essaimage.models import Facts, Replication
from essaimage.reporting import CannotReport
from innovations.models import Innovation

READ, ADD, CHANGE = "essaimage.view_facts", "essaimage.add_facts", "essaimage.change_facts"
PAGE = 25
# The last told first.
KEYS = ("-reported_at", "-pk")


@never_cache
@staff_page(READ)
def listing(request: HttpRequest) -> HttpResponse:
    form = FactsFilter(request.GET)
    rows = form.apply(Facts.objects.for_reading())
    page = keyset_page(rows, KEYS, request.GET.get("suite", ""), PAGE)
    kept = request.GET.copy()
    kept.pop("suite", None)
    kept.pop("fait", None)
    context = {
        "form": form,
        "page": page,
        "query": kept.urlencode(),
        "last": deciding.last_of(request),
        "keys_are_on": keyboard.are_on(request),
    }
    return render(request, "essaimage/backoffice/facts.html", context)


@never_cache
@staff_page(READ)
def one(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _found(pk))


@require_POST
@staff_page(CHANGE)
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Published, set aside or read again; what changed since it was read is told."""
    facts = _found(pk)
    answer = deciding.decide(request, facts)
    if answer.done:
        return deciding.go_on(request, facts, answer.done)
    return _page(request, _found(pk), answer)


@never_cache
@staff_page(ADD)
def addition(request: HttpRequest) -> HttpResponse:
    """Of the replication (« reprise=code ») or the innovation at its origin (« innovation=slug »)
    that the address names."""
    if not (request.GET.get("reprise") or request.GET.get("innovation")):
        messages.info(request, "Partez d’une reprise, ou d’une fiche pour le lieu d’origine.")
        return redirect("gestion_essaimage:facts")
    innovation, replication = _asked(request)
    form = StaffEvidenceForm(request.POST or None, of_stop=_has_stopped(replication))
    if form.is_valid():
        try:
            facts = reporting.by_staff(innovation, replication, form.told(), request.user)
        except CannotReport as error:
            form.tell(error.message, error.field)
        else:
            messages.success(request, "Résultats enregistrés et publiés.")
            return redirect("gestion_essaimage:facts_one", pk=facts.pk)
    context = {"form": form, "innovation": innovation, "replication": replication}
    return render(request, "essaimage/backoffice/facts_form.html", context)


@never_cache
@staff_page(CHANGE)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Only what the team told: the word of a side is not rewritten."""
    facts = _found(pk)
    if not facts.is_by_staff:
        raise Http404
    of_stop = facts.is_of_stop or _has_stopped(facts.replication)
    form = StaffEvidenceForm(request.POST or None, facts=facts, of_stop=of_stop)
    status = 200
    if form.is_valid():
        try:
            reporting.correct(facts, form.told(), form.cleaned_data["vu"], request.user)
        except CannotReport as error:
            form.tell(error.message, error.field)
        except ChangedMeanwhile as error:
            form.tell(error.message)
            status = 409
        else:
            messages.success(request, "Résultats corrigés.")
            return redirect("gestion_essaimage:facts_one", pk=pk)
    context: dict[str, Any] = {
        "form": form,
        "facts": facts,
        "innovation": facts.shown_innovation,
        "replication": facts.replication,
    }
    return render(request, "essaimage/backoffice/facts_form.html", context, status=status)


def _page(request: HttpRequest, facts: Facts, answer: Answer | None = None) -> HttpResponse:
    context = {
        "facts": facts,
        "noticed": looked_at(facts),
        "deciding": deciding.page_of(request, facts, answer),
    }
    status = answer.status if answer else 200
    return render(request, "essaimage/backoffice/facts_one.html", context, status=status)


def _found(pk: int) -> Facts:
    return get_object_or_404(Facts.objects.for_reading(), pk=pk)


def _asked(request: HttpRequest) -> tuple[Innovation, Replication | None]:
    if code := well_formed(request.GET.get("reprise", "")):
        rows = Replication.objects.confirmed()
        rows = rows.select_related("innovation__merged_into", "territory")
        replication = get_object_or_404(rows, code=code)
        return replication.shown_innovation, replication
    slug = well_formed(request.GET.get("innovation", ""))
    return get_object_or_404(Innovation, slug=slug), None


def _has_stopped(replication: Replication | None) -> bool:
    return replication is not None and replication.state == "abandonnee"
