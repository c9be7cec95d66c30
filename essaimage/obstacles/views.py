"""The public pages of obstacles: looked up, one of them, by authority, as a file."""

from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from carrefour.caching import public_page
from carrefour.spreadsheets import download
from essaimage.models import Obstacle, Relief
from essaimage.obstacles import export, figures
from essaimage.obstacles.criteria import CHOICES
from essaimage.obstacles.page import ObstaclePage
from essaimage.obstacles.searching import ObstacleSearch


@require_safe
@public_page()
def listing(request: HttpRequest) -> HttpResponse:
    asked = ObstacleSearch.from_query(request.GET)
    page = asked.page()
    context = {
        "search": asked,
        "criteria": asked.criteria,
        "filters": _filters(asked),
        "page": page,
        "query": asked.criteria.query,
        # Nothing told yet, or nothing that answers: two different things to say.
        "is_bare": not page.rows and not Obstacle.objects.of_public().exists(),
    }
    return render(request, "essaimage/obstacles/list.html", context)


@require_safe
@public_page()
def one(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Obstacle.objects.of_public().for_list()
    obstacle = get_object_or_404(rows, pk=pk)
    context = {"obstacle": obstacle, "page": ObstaclePage(obstacle), "reliefs": Relief}
    return render(request, "essaimage/obstacles/one.html", context)


@require_safe
@public_page()
def by_authority(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """The figure, with the filters of the list; « ?format=csv »: all of it as a file."""
    asked = ObstacleSearch.from_query(_without(request, "format"))
    if request.GET.get("format") == "csv":
        return download(figures.table(asked.rows), _dated("obstacles-par-autorite"))
    context = {
        "criteria": asked.criteria,
        "notices": asked.notices,
        "figure": figures.by_authority(asked.rows),
        "query": asked.criteria.query,
    }
    return render(request, "essaimage/obstacles/by_authority.html", context)


@require_safe
@public_page()
def csv(request: HttpRequest) -> StreamingHttpResponse:
    """Those that the list's filters keep."""
    asked = ObstacleSearch.from_query(request.GET)
    response = download(export.rows(asked.rows), _dated("obstacles"))
    response["X-Robots-Tag"] = "noindex"
    response["X-Accel-Buffering"] = "no"
    return response


def _filters(asked: ObstacleSearch) -> list[tuple[str, str, list[tuple[str, str, bool]]]]:
    """(name, label, (value, label, chosen)) of each list of the form."""
    chosen = asked.criteria.chosen
    return [
        (name, said, [(str(v), str(text), chosen.get(name) == v) for v, text in values.choices])
        for name, (_column, values, said) in CHOICES.items()
    ]


def _without(request: HttpRequest, name: str) -> Any:
    query = request.GET.copy()
    query.pop(name, None)
    return query


def _dated(name: str) -> str:
    return f"{name}-{timezone.localdate().isoformat()}"
