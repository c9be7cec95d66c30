"""« Obstacles à relire »: what anyone told, read for its form before the public reads it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from carrefour.accounts.access import staff_page
from carrefour.keyset import keyset_page
from essaimage import keeping, reviewing
from essaimage.backoffice.forms.obstacles import ReviewForm
from essaimage.backoffice.views.obstacles import found, found_interpretation, page_of
from essaimage.backoffice.writing import looked_at
from essaimage.keeping import ChangedMeanwhile
from essaimage.models import Interpretation, Obstacle
from essaimage.reviewing import CannotReview

REVIEW = "essaimage.review_obstacle"
PAGE = 25
# The one that waits for longest first.
KEYS = ("created_at", "pk")


@never_cache
@staff_page(REVIEW)
def queue(request: HttpRequest) -> HttpResponse:
    """Obstacles (« suite ») and interpretations (« lectures ») that wait."""
    obstacles = Obstacle.objects.to_review().for_list()
    told = Interpretation.objects.to_review().select_related("obstacle", "territory")
    context = {
        "page": keyset_page(obstacles, KEYS, request.GET.get("suite", ""), PAGE),
        "interpretations": keyset_page(told, KEYS, request.GET.get("lectures", ""), PAGE),
    }
    return render(request, "essaimage/backoffice/obstacles_review.html", context)


@require_POST
@staff_page(REVIEW)
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish, set aside or put back an obstacle; what changed meanwhile is told."""
    obstacle = found(pk)
    trouble, status = _decided(request, obstacle)
    if not trouble:
        return _next(request)
    context = page_of(found(pk), trouble=trouble)
    return render(request, "essaimage/backoffice/obstacle.html", context, status=status)


@never_cache
@staff_page(REVIEW)
def interpretation(request: HttpRequest, pk: int) -> HttpResponse:
    """One interpretation to read, and its decision."""
    told = found_interpretation(pk)
    trouble, status = "", 200
    if request.method == "POST":
        trouble, status = _decided(request, told)
        if not trouble:
            return _next(request)
        told = found_interpretation(pk)
    context = {
        "interpretation": told,
        "obstacle": told.obstacle,
        "noticed": looked_at(told),
        "review": ReviewForm(initial={"vu": keeping.mark(told)}),
        "choices": reviewing.choices(told),
        "trouble": trouble,
    }
    return render(
        request, "essaimage/backoffice/interpretation_review.html", context, status=status
    )


def _decided(request: HttpRequest, row: Any) -> tuple[str, int]:
    """Why the decision posted is not taken ("" when it is), and the status of the answer."""
    form = ReviewForm(request.POST)
    wanted = request.POST.get("action", "")
    if not form.is_valid():
        return "Le motif est trop long.", 200
    try:
        reviewing.decide(
            row,
            wanted,
            reason=form.cleaned_data["reason"],
            seen=form.cleaned_data["vu"],
            author=request.user,
        )
    except CannotReview as error:
        return error.message, 200
    except ChangedMeanwhile:
        return reviewing.CHANGED, 409
    messages.success(request, f"{row} : {dict(reviewing.LABELS)[wanted].lower()} enregistrée.")  # type: ignore[index]
    return "", 200


def _next(request: HttpRequest) -> HttpResponse:
    """Back to the queue, where the next one stands first."""
    return redirect("gestion_essaimage:obstacles_review")
