"""The public pages of the experiments."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from carrefour.caching import public_page
from carrefour.keyset import keyset_page
from carrefour.text import one_line, well_formed
from essaimage.experiments.timeline import timeline, told
from essaimage.models import Experiment, ExperimentState, Obstacle
from innovations.search_place import answer_code

PAGE = 20
KEYS = ("-created_at", "-pk")
SHOWN = 60
STATE, PLACE = "etat", "territoire"


@require_safe
@public_page()
def listing(request: HttpRequest) -> HttpResponse:
    """« etat »: those of one state, computed from dates and outcome; « territoire »: of a place."""
    asked, where = (_said(request, name) for name in (STATE, PLACE))
    is_known = asked in ExperimentState.values
    territory = answer_code(where).territory if where else None
    rows = Experiment.objects.of_public()
    found = rows.in_state(asked) if is_known else rows
    found = found.within(territory) if territory else found
    kept = {STATE: asked if is_known else "", PLACE: where if territory else ""}
    page = keyset_page(found.for_list(), KEYS, request.GET.get("page", ""), PAGE)
    context = {
        "page": page,
        "shown": drawn(page.rows),
        "states": [(s.value, s.label, s.value == asked) for s in ExperimentState],
        "query": urlencode({name: value for name, value in kept.items() if value}),
        "unknown": "" if is_known else asked[:SHOWN],
        "territory": territory,
        "place": kept[PLACE],
        "unknown_place": "" if territory else where[:SHOWN],
        "is_bare": not page.rows and not rows.exists(),
    }
    return render(request, "essaimage/experiments/list.html", context)


@require_safe
@public_page()
def one(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Experiment.objects.of_public().for_list().prefetch_related("alliance")
    experiment = get_object_or_404(rows, pk=pk)
    context = {
        "experiment": experiment,
        "line": timeline(experiment),
        "told": told(experiment),
        "obstacles": Obstacle.objects.of_public().filter(experiments=experiment).for_list(),
    }
    return render(request, "essaimage/experiments/one.html", context)


def _said(request: HttpRequest, name: str) -> str:
    return one_line(well_formed(request.GET.get(name, "")))


def drawn(experiments: Iterable[Experiment]) -> list[tuple[Experiment, Any, str]]:
    """Each with its drawing (None without dates) and its sentence."""
    return [(e, timeline(e), told(e)) for e in experiments]
