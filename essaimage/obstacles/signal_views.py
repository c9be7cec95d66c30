"""« Signaler un obstacle », « Je connais une autre interprétation »: forms, then a mailed link."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from carrefour import limits
from carrefour.text import well_formed
from essaimage import links
from essaimage.models import Obstacle, Replication
from essaimage.obstacles import signalling
from essaimage.obstacles.forms import InterpretationForm, SignalForm
from essaimage.obstacles.signalling import SignalError
from essaimage.secret_pages import secret_page
from innovations.models import Innovation, Status

PER_HOUR = 5
TOO_MANY = "Vous avez déjà fait plusieurs signalements. Merci de patienter une heure."
NO_MAIL = "Le courriel de confirmation n’a pas pu partir. Réessayez dans un moment."


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def signal(request: HttpRequest, slug: str) -> HttpResponse:
    """« ?reprise=code »: met by this replication."""
    innovation = _public_or_404(slug)
    replication = _replication(innovation, well_formed(request.GET.get("reprise", "")))
    posted = request.POST if request.method == "POST" else None
    form = SignalForm(posted, innovation=innovation, replication=replication)
    if form.is_valid() and (form.is_robot or _is_received(request, form, _obstacle)):
        return redirect("essaimage:obstacle_sent")
    context = {
        "form": form,
        "innovation": innovation,
        "replication": replication,
        "kept_days": signalling.KEPT_DAYS,
    }
    return render(request, "essaimage/obstacles/signal.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def interpret(request: HttpRequest, pk: int) -> HttpResponse:
    obstacle = get_object_or_404(Obstacle.objects.of_public().for_list(), pk=pk)
    form = InterpretationForm(request.POST if request.method == "POST" else None)

    def keep(said: Any) -> None:
        signalling.receive_interpretation(said.interpretation(obstacle), said.cleaned_data["email"])

    if form.is_valid() and (form.is_robot or _is_received(request, form, keep)):
        return redirect("essaimage:obstacle_sent")
    context = {"form": form, "obstacle": obstacle, "kept_days": signalling.KEPT_DAYS}
    return render(request, "essaimage/obstacles/interpret.html", context)


@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    return render(request, "essaimage/obstacles/sent.html", {"days": links.MAILED.days})


@secret_page
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The mail's link shows what was told and a button: opening it confirms nothing."""
    is_done = request.method == "POST"
    obstacle = signalling.confirm(token) if is_done else signalling.of_link(token)
    context = {"obstacle": obstacle, "is_done": is_done}
    return render(request, "essaimage/obstacles/confirm.html", context)


@secret_page
def confirm_interpretation(request: HttpRequest, token: str) -> HttpResponse:
    is_done = request.method == "POST"
    act = signalling.confirm_interpretation if is_done else signalling.interpretation_of_link
    told = act(token)
    context = {"interpretation": told, "obstacle": told.obstacle, "is_done": is_done}
    return render(request, "essaimage/obstacles/confirm.html", context)


def _obstacle(form: Any) -> None:
    said = form.cleaned_data
    signalling.receive(form.obstacle(), said["email"], date=said["date"])


def _is_received(request: HttpRequest, form: Any, keep: Any) -> bool:
    if limits.too_many(request, "obstacle", PER_HOUR):
        form.add_error(None, TOO_MANY)
        return False
    try:
        keep(form)
    except SignalError as error:
        form.add_error(error.field or None, error.message)
    except OSError:
        form.add_error("email", NO_MAIL)
    return bool(form.is_valid())


def _public_or_404(slug: str) -> Innovation:
    """A public record; of one that was merged, the record that it became."""
    rows = Innovation.objects.select_related("merged_into")
    found = get_object_or_404(rows, slug=slug)
    return get_object_or_404(
        Innovation.objects.all(), pk=(found.merged_into or found).pk, status=Status.PUBLISHED
    )


def _replication(innovation: Innovation, code: str) -> Replication | None:
    if not code:
        return None
    rows = Replication.objects.of_public().of(innovation).select_related("territory", "repreneur")
    found: Replication = get_object_or_404(rows, code=code[:80])
    return found
