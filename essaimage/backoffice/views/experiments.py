"""Experiments for staff: their ends, one of them, writing it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from carrefour.accounts.access import staff_page
from carrefour.keyset import keyset_page
from essaimage import keeping
from essaimage.backoffice import deciding
from essaimage.backoffice.deciding import Answer
from essaimage.backoffice.forms.experiments import ExperimentFilter, ExperimentForm
from essaimage.backoffice.told import looked_at
from essaimage.backoffice.writing import Writing
from essaimage.experiments.timeline import is_near, timeline, told
from essaimage.models import Experiment

VIEW, CHANGE = "essaimage.view_experiment", "essaimage.change_experiment"
PAGE = 25
# Ends may be unknown: the latest recorded first; the deadlines stand above, apart.
KEYS = ("-created_at", "-pk")
DEADLINES = 20
LINKED = ("innovation", "rules", "alliance", "territories", "obstacles")


@never_cache
@staff_page(VIEW)
def listing(request: HttpRequest) -> HttpResponse:
    """The ends that are near or past, then all of them."""
    form = ExperimentFilter(request.GET)
    rows = form.apply(Experiment.objects.select_related("innovation"))
    page = keyset_page(rows, KEYS, request.GET.get("suite", ""), PAGE)
    kept = request.GET.copy()
    kept.pop("suite", None)
    near = Experiment.objects.near().order_by("ends_on", "pk")[:DEADLINES]
    context = {
        "form": form,
        "page": page,
        "shown": [(e, told(e), is_near(e)) for e in page.rows],
        "near": [(e, told(e)) for e in near],
        "query": kept.urlencode(),
    }
    return render(request, "essaimage/backoffice/experiments.html", context)


@never_cache
@staff_page(VIEW)
def one(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _found(pk))


@never_cache
@staff_page("essaimage.add_experiment")
def add(request: HttpRequest) -> HttpResponse:
    writing = Writing(request, ExperimentForm, Experiment(), LINKED)

    def write(typed: dict[str, Any], _seen: str) -> Any:
        motive = "Expérimentation ajoutée"
        return keeping.write(Experiment(), typed, seen="", author=request.user, motive=motive)

    if made := writing.wrote(write):
        messages.success(request, "Expérimentation ajoutée : publiez-la quand elle est complète.")
        return redirect("gestion_essaimage:experiment", pk=made.pk)
    context = {"form": writing.form}
    return render(request, "essaimage/backoffice/experiment_form.html", context)


@never_cache
@staff_page(CHANGE)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    experiment = _found(pk)
    writing = Writing(request, ExperimentForm, experiment, LINKED)

    def write(typed: dict[str, Any], seen: str) -> Any:
        motive = "Expérimentation modifiée"
        return keeping.write(experiment, typed, seen=seen, author=request.user, motive=motive)

    if writing.wrote(write):
        messages.success(request, "Expérimentation enregistrée.")
        return redirect("gestion_essaimage:experiment", pk=pk)
    context = {"experiment": experiment, "form": writing.form, "beside": writing.beside}
    return render(
        request, "essaimage/backoffice/experiment_form.html", context, status=writing.status
    )


@require_POST
@staff_page(CHANGE)
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish it, set it aside, or put it back."""
    experiment = _found(pk)
    answer = deciding.decide(request, experiment)
    if answer.done:
        return deciding.go_on(request, experiment, answer.done)
    return _page(request, _found(pk), answer)


def _found(pk: int) -> Experiment:
    rows = Experiment.objects.select_related("innovation__merged_into")
    return get_object_or_404(
        rows.prefetch_related("alliance", "territories", "obstacles", "alerts"), pk=pk
    )


def _page(
    request: HttpRequest, experiment: Experiment, answer: Answer | None = None
) -> HttpResponse:
    context = {
        "experiment": experiment,
        "line": timeline(experiment),
        "told": told(experiment),
        "noticed": looked_at(experiment),
        "deciding": deciding.page_of(request, experiment, answer),
    }
    status = answer.status if answer else 200
    return render(request, "essaimage/backoffice/experiment.html", context, status=status)
