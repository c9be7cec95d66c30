"""« Mes reprises suivies »: any account, its own list, its own notes."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import CharField, F, Func, Q
from django.db.models.functions import Lower
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from carrefour import spreadsheets
from carrefour.text import key, well_formed
from essaimage import watched, watching
from essaimage.models import Following, Replication
from essaimage.watched_board import WatchedBoard
from essaimage.watching import CannotFollow
from essaimage.watching_forms import FindForm, NoteForm

FOUND = 30


def _trail() -> list[dict[str, str]]:
    return [{"url": reverse("essaimage:watched"), "title": "Mes reprises suivies"}]


@never_cache
@login_required
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    lines = watched.lines(request.user)
    return render(request, "essaimage/watched.html", {"lines": lines, "board": WatchedBoard(lines)})


@never_cache
@login_required
@require_safe
def csv(request: HttpRequest) -> HttpResponseBase:
    return spreadsheets.download(watched.table(request.user), "mes-reprises-suivies")


@never_cache
@login_required
def add(request: HttpRequest) -> HttpResponse:
    """Find published replications (« q », or « reprise=code » for one) and follow them."""
    if request.method == "POST":
        return _follow(request)
    form = FindForm(request.GET)
    form.is_valid()
    asked = key(form.cleaned_data.get("q") or "")
    code = well_formed(request.GET.get("reprise", ""))
    found = _found(asked, code) if asked or code else []
    context = {
        "form": form,
        "trail": _trail(),
        "is_asked": bool(asked or code),
        "found": found[:FOUND],
        "is_more": len(found) > FOUND,
        "followed": set(Following.objects.of(request.user).values_list("replication", flat=True)),
    }
    return render(request, "essaimage/watch_add.html", context)


@never_cache
@login_required
def one(request: HttpRequest, code: str) -> HttpResponse:
    """One's own notes on one replication; 404 for who does not follow it, staff too."""
    mine = Following.objects.of(request.user).for_list()
    following = get_object_or_404(mine, replication__code=code)
    form = NoteForm(request.POST or None, following=following)
    status = 200
    if form.is_valid():
        try:
            watching.write(request.user, code, form.said(), form.cleaned_data["vu"])
        except CannotFollow as error:
            form.add_error(None, error.message)
            status = 409
        else:
            messages.success(request, "Votre suivi est enregistré.")
            return redirect("essaimage:watched")
    context = {"form": form, "following": following, "code": code, "trail": _trail()}
    return render(request, "essaimage/watched_one.html", context, status=status)


@require_POST
@login_required
def remove(request: HttpRequest, code: str) -> HttpResponse:
    if not watching.stop(request.user, code):
        raise Http404
    messages.success(request, "Cette reprise est retirée de votre liste, avec vos notes.")
    return redirect("essaimage:watched")


def _follow(request: HttpRequest) -> HttpResponse:
    code = well_formed(request.POST.get("reprise", ""))
    try:
        _, is_new = watching.follow(request.user, code)
    except CannotFollow as error:
        messages.error(request, error.message)
        return redirect("essaimage:watch_add")
    told = "Vous suivez cette reprise." if is_new else "Vous suiviez déjà cette reprise."
    messages.success(request, told)
    return redirect("essaimage:watched_one", code=code)


def _found(asked: str, code: str) -> list[Any]:
    rows = Replication.objects.of_public().select_related(
        "innovation__merged_into", "territory", "repreneur"
    )
    if code:
        return list(rows.filter(code=code))
    said = (
        Q(innovation__title_key__contains=asked)
        | Q(innovation__organisation__name_key__contains=asked)
        | Q(innovation__merged_into__title_key__contains=asked)
        | Q(territory__name_key__contains=asked)
        | Q(repreneur__name_key__contains=asked)
        | Q(repreneur_words__contains=asked)
    )
    words = Lower(Func(F("repreneur_name"), function="unaccent"), output_field=CharField())
    rows = rows.annotate(repreneur_words=words)
    return list(rows.filter(said).order_by("innovation__title_key", "pk")[: FOUND + 1])
