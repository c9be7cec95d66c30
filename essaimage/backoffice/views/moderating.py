"""« Reprises à relire »: the queue, one at a time; for form only."""

from typing import Any

from django.contrib import messages
from django.db.models import Case, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from carrefour import keyboard
from carrefour.accounts.access import staff_page
from carrefour.keyboard import Key
from carrefour.keyset import keyset_page
from carrefour.pagination import beyond
from carrefour.text import primary_key
from essaimage import editing, moderating
from essaimage.backoffice.forms.life import DecisionForm
from essaimage.backoffice.views.replication import found, page_of
from essaimage.models import Publication, Replication, SetAside
from essaimage.moderating import CannotDecide, ChangedMeanwhile, Choice
from innovations import bulk
from innovations.models import BulkAction

REVIEW = "essaimage.review_replication"
PAGE = 25
# The one that waits for longest first.
KEYS = ("created_at", "pk")
# Other replications of the innovation shown beside, where a double is seen.
BESIDE = 10
HELP = [
    Key("p", "Publier"),
    Key(f"1 à {len(SetAside)}", "Choisir le motif"),
    Key("e", "Écarter"),
    Key("s", "Passer à la suivante"),
    Key("z", "Annuler la décision précédente"),
    Key("?", "Ouvrir cette aide"),
]


@never_cache
@staff_page(REVIEW)
def queue(request: HttpRequest) -> HttpResponse:
    rows = Replication.objects.to_review().for_staff()
    page = keyset_page(rows, KEYS, request.GET.get("suite", ""), PAGE)
    context = {"page": page, "last": _last(request), "keys_are_on": keyboard.are_on(request)}
    return render(request, "essaimage/backoffice/review.html", context)


@never_cache
@staff_page(REVIEW)
def one(request: HttpRequest, code: str) -> HttpResponse:
    return _page(request, found(code), DecisionForm())


@require_POST
@staff_page(REVIEW)
def decide(request: HttpRequest, code: str) -> HttpResponse:
    """Publish, set aside or put back, then the next one; what changed meanwhile is told."""
    replication = found(code)
    form = DecisionForm(request.POST)
    wanted = request.POST.get("action", "")
    if wanted not in Publication.values or not form.is_valid():
        return _page(request, replication, form, trouble="Choisissez une décision.")
    choice = Choice(Publication(wanted), **_said(wanted, form))
    seen = request.POST.get("vu", "")
    try:
        done = moderating.decide(replication, choice, author=request.user, seen=seen)
    except ChangedMeanwhile as error:
        return _page(request, found(code), form, trouble=error.message, status=409)
    except CannotDecide as error:
        form.add_error(error.field or None, error.message)
        return _page(request, replication, form, trouble=error.message)
    following = _following(replication)
    if following is None:
        messages.info(request, "Il n’y a rien d’autre à relire.")
    return redirect(f"{_address(following)}?fait={done.pk}")


@require_POST
@staff_page(REVIEW)
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a decision back; what changed since is left alone, and told."""
    action = get_object_or_404(BulkAction, pk=pk, kind=moderating.KIND)
    try:
        undone = bulk.undo(action, author=request.user)
    except bulk.AlreadyUndone:
        messages.info(request, "Cette décision était déjà annulée.")
    else:
        if undone.left:
            messages.warning(request, f"Changée depuis, laissée telle quelle : {undone.left[0]}")
        else:
            messages.success(request, "Décision annulée.")
    rows = Replication.objects.filter(pk__in=action.changes.values("row"))
    row = rows.first()
    if row is None:
        return redirect("gestion_essaimage:review")
    return redirect("gestion_essaimage:review_one", code=row.code)


def _said(wanted: str, form: DecisionForm) -> dict[str, str]:
    """Only what is set aside has a reason of the list."""
    said = form.cleaned_data
    motive = said["motive"] if wanted == Publication.SET_ASIDE else ""
    return {"motive": motive, "text": said["text"]}


def _following(replication: Replication) -> Replication | None:
    left = Replication.objects.to_review().exclude(pk=replication.pk).order_by(*KEYS)
    place = [replication.created_at, replication.pk]
    return beyond(left, KEYS, place, False).first() or left.first()


def _beside(replication: Replication) -> list[Replication]:
    """The others of its innovation, those of its own territory first."""
    others = Replication.objects.of(replication.shown_innovation).exclude(pk=replication.pk)
    here = Case(When(territory=replication.territory_id, then=0), default=1)
    return list(others.for_staff().order_by(here, "-created_at", "-pk")[:BESIDE])


def _address(replication: Replication | None) -> str:
    if replication is None:
        return reverse("gestion_essaimage:review")
    return reverse("gestion_essaimage:review_one", args=[replication.code])


def _last(request: HttpRequest) -> BulkAction | None:
    """The decision that this person just took, to offer to undo it."""
    pk = primary_key(request.GET.get("fait", ""))
    if pk is None:
        return None
    mine = BulkAction.objects.standing().filter(author=request.user.pk, kind=moderating.KIND)
    return mine.filter(pk=pk).first()


def _page(
    request: HttpRequest,
    replication: Replication,
    form: DecisionForm,
    *,
    trouble: str = "",
    status: int = 200,
) -> HttpResponse:
    following = _following(replication)
    context: dict[str, Any] = page_of(replication) | {
        "form": form,
        "seen": editing.mark(replication),
        "able": moderating.able(replication),
        "beside": _beside(replication),
        "skip": _address(following) if following else "",
        "last_done": _last(request),
        "keys": HELP,
        "keys_are_on": keyboard.are_on(request),
        "trouble": trouble,
    }
    return render(request, "essaimage/backoffice/review_one.html", context, status=status)
