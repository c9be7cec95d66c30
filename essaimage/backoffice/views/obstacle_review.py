"""« Obstacles à relire »: what anyone told, read for its form before the public reads it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from carrefour import keyboard
from carrefour.accounts.access import staff_page
from carrefour.keyset import keyset_page
from essaimage.backoffice import deciding
from essaimage.backoffice.deciding import PLACES
from essaimage.backoffice.told import looked_at
from essaimage.backoffice.views.obstacles import found, found_interpretation, page_of
from essaimage.models import Interpretation, Obstacle

REVIEW = "essaimage.review_obstacle"
PAGE = 25


@never_cache
@staff_page(REVIEW)
def queue(request: HttpRequest) -> HttpResponse:
    """Obstacles (« suite ») and interpretations (« lectures ») that wait."""
    obstacles = Obstacle.objects.to_review().for_list()
    told = Interpretation.objects.to_review().select_related("obstacle", "territory")
    asked, keys, also = request.GET, PLACES[Obstacle].keys, PLACES[Interpretation].keys
    context = {
        "page": keyset_page(obstacles, keys, asked.get("suite", ""), PAGE),
        "interpretations": keyset_page(told, also, asked.get("lectures", ""), PAGE),
        "last": deciding.last_of(request),
        "keys_are_on": keyboard.are_on(request),
    }
    return render(request, "essaimage/backoffice/obstacles_review.html", context)


@require_POST
@staff_page(REVIEW)
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish, set aside or put back an obstacle; what changed meanwhile is told."""
    obstacle = found(pk)
    answer = deciding.decide(request, obstacle)
    if answer.done:
        return deciding.go_on(request, obstacle, answer.done)
    return page_of(request, found(pk), answer)


@never_cache
@staff_page(REVIEW)
def interpretation(request: HttpRequest, pk: int) -> HttpResponse:
    """One interpretation to read, and its decision."""
    told = found_interpretation(pk)
    answer = deciding.decide(request, told) if request.method == "POST" else None
    if answer and answer.done:
        return deciding.go_on(request, told, answer.done)
    told = found_interpretation(pk)
    context = {
        "interpretation": told,
        "obstacle": told.obstacle,
        "noticed": looked_at(told),
        "deciding": deciding.page_of(request, told, answer),
    }
    status = answer.status if answer else 200
    return render(
        request, "essaimage/backoffice/interpretation_review.html", context, status=status
    )
