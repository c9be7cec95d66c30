"""Obstacles for staff: the list, one of them, writing it, its states."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache

from carrefour.accounts.access import staff_page
from carrefour.keyset import keyset_page
from carrefour.text import well_formed
from essaimage import keeping, moving
from essaimage.backoffice import deciding
from essaimage.backoffice.deciding import Answer
from essaimage.backoffice.forms.obstacles import (
    InterpretationForm,
    MoveObstacleForm,
    ObstacleFilter,
    ObstacleForm,
)
from essaimage.backoffice.told import looked_at
from essaimage.backoffice.writing import Writing
from essaimage.models import Interpretation, Obstacle, Publication, Teller
from essaimage.moving import TEAM, Author, CannotMove, Move
from essaimage.obstacles import recording
from innovations.models import Innovation

VIEW, CHANGE = "essaimage.view_obstacle", "essaimage.change_obstacle"
PAGE = 25
KEYS = ("-created_at", "-pk")
LINKED = ("innovation", "replication", "territory")


@never_cache
@staff_page(VIEW)
def listing(request: HttpRequest) -> HttpResponse:
    form = ObstacleFilter(request.GET)
    # What nobody confirmed yet is no one's word: it is not read, even by staff.
    rows = form.apply(Obstacle.objects.exclude(publication=Publication.UNCONFIRMED).for_list())
    page = keyset_page(rows, KEYS, request.GET.get("suite", ""), PAGE)
    kept = request.GET.copy()
    kept.pop("suite", None)
    context = {"form": form, "page": page, "query": kept.urlencode()}
    return render(request, "essaimage/backoffice/obstacles.html", context)


@never_cache
@staff_page(VIEW)
def one(request: HttpRequest, pk: int) -> HttpResponse:
    return page_of(request, found(pk))


def page_of(request: HttpRequest, obstacle: Obstacle, answer: Answer | None = None) -> HttpResponse:
    """The page of one, where it is also decided; ``answer``: why a decision was not taken."""
    told = obstacle.interpretations.exclude(publication=Publication.UNCONFIRMED)
    context = {
        "obstacle": obstacle,
        "steps": obstacle.steps.select_related("user").order_by("pk"),
        "interpretations": told.select_related("territory"),
        "experiments": obstacle.experiments.all(),
        "noticed": looked_at(obstacle),
        "deciding": deciding.page_of(request, obstacle, answer),
    }
    status = answer.status if answer else 200
    return render(request, "essaimage/backoffice/obstacle.html", context, status=status)


@never_cache
@staff_page("essaimage.add_obstacle")
def add(request: HttpRequest) -> HttpResponse:
    """« innovation » in the address: the one that it blocks."""
    slug = well_formed(request.GET.get("innovation", ""))
    of = Innovation.objects.filter(slug=slug[:120]).first() if slug else None
    row = Obstacle(innovation=of, told_by=Teller.STAFF) if of else Obstacle()
    writing = Writing(request, ObstacleForm, row, ("replication", "territory"))
    if of:
        writing.form.initial["innovation"] = of
    made = writing.wrote(lambda typed, _seen: recording.add(typed, author=request.user))
    if made:
        messages.success(request, "Obstacle ajouté : il est public.")
        return redirect("gestion_essaimage:obstacle", pk=made.pk)
    context = {"form": writing.form}
    return render(request, "essaimage/backoffice/obstacle_add.html", context)


@never_cache
@staff_page(CHANGE)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    obstacle = found(pk)
    writing = Writing(request, ObstacleForm, obstacle, LINKED)

    def write(typed: dict[str, Any], seen: str) -> Any:
        motive = "Obstacle modifié"
        return keeping.write(obstacle, typed, seen=seen, author=request.user, motive=motive)

    if writing.wrote(write):
        messages.success(request, "Obstacle enregistré.")
        return redirect("gestion_essaimage:obstacle", pk=pk)
    context = {"obstacle": obstacle, "form": writing.form, "beside": writing.beside}
    return render(
        request, "essaimage/backoffice/obstacle_edit.html", context, status=writing.status
    )


@never_cache
@staff_page(CHANGE)
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """To one of the next states; who decided on another state than today's is told."""
    obstacle = found(pk)
    form = MoveObstacleForm(request.POST or None, obstacle)
    status = 200
    if form.is_valid():
        said = form.cleaned_data
        asked = Move(said["to"], said["vu"], said["reason"], said["date"].strip(),
                     said["resolution"])  # fmt: skip
        try:
            moved = moving.move_obstacle(obstacle, asked, Author(TEAM, request.user))
        except CannotMove as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
            status = 200 if error.field else 409
            obstacle = found(pk)
        else:
            messages.success(request, f"L’obstacle est « {moved.get_state_display().lower()} ».")
            return redirect("gestion_essaimage:obstacle", pk=pk)
    context = {"obstacle": obstacle, "form": form, "is_stale": status == 409}
    return render(request, "essaimage/backoffice/obstacle_move.html", context, status=status)


@never_cache
@staff_page(CHANGE)
def interpretation_add(request: HttpRequest, pk: int) -> HttpResponse:
    obstacle = found(pk)
    writing = Writing(request, InterpretationForm, Interpretation(), ("territory",))
    writing.form.initial["allows"] = ""

    def write(typed: dict[str, Any], _seen: str) -> Any:
        return recording.add_interpretation(obstacle, typed, author=request.user)

    if writing.wrote(write):
        messages.success(request, "Interprétation ajoutée : elle est publique.")
        return redirect("gestion_essaimage:obstacle", pk=pk)
    context = {"obstacle": obstacle, "form": writing.form}
    return render(request, "essaimage/backoffice/interpretation.html", context)


@never_cache
@staff_page(CHANGE)
def interpretation(request: HttpRequest, pk: int) -> HttpResponse:
    told = found_interpretation(pk)
    writing = Writing(request, InterpretationForm, told, ("territory",))
    writing.form.initial["allows"] = "oui" if told.allows else "non"

    def write(typed: dict[str, Any], seen: str) -> Any:
        motive = "Interprétation modifiée"
        return keeping.write(told, typed, seen=seen, author=request.user, motive=motive)

    if writing.wrote(write):
        messages.success(request, "Interprétation enregistrée.")
        return redirect("gestion_essaimage:obstacle", pk=told.obstacle_id)
    context = {
        "obstacle": told.obstacle,
        "interpretation": told,
        "form": writing.form,
        "beside": writing.beside,
    }
    return render(
        request, "essaimage/backoffice/interpretation.html", context, status=writing.status
    )


def found(pk: int) -> Obstacle:
    """Any obstacle, but those that nobody confirmed yet."""
    rows = Obstacle.objects.for_list().exclude(publication=Publication.UNCONFIRMED)
    return get_object_or_404(rows, pk=pk)


def found_interpretation(pk: int) -> Interpretation:
    rows = Interpretation.objects.exclude(publication=Publication.UNCONFIRMED)
    return get_object_or_404(
        rows.select_related("obstacle__innovation__merged_into", "territory"), pk=pk
    )
