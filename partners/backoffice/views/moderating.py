"""The moderation queue, one record at a time: what the source gave, what the public will see."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from carrefour import keyboard
from carrefour.pagination import beyond
from carrefour.text import key, primary_key
from innovations.models import BulkAction, Innovation, Status
from innovations.querysets import InnovationQuerySet
from partners import moderation
from partners.access import backoffice_page
from partners.backoffice import keys
from partners.backoffice.forms.review import MotiveForm
from partners.backoffice.views.flags import flags_of
from partners.consolidation import queue as pair_queue
from partners.consolidation import tellings
from partners.models import Decision, Pair, PairState

KEYS = ("-created_at", "-pk")
SHOWN = 5


@never_cache
@backoffice_page("innovations.change_innovation")
def first(request: HttpRequest) -> HttpResponse:
    """To the first of the queue, with its filters."""
    found = waiting(request.GET).order_by(*KEYS).first()
    if found is None:
        messages.info(request, "Il n’y a rien à relire ici.")
        return redirect("backoffice:review")
    return redirect(_with(reverse("backoffice:review_one", args=[found.pk]), request))


@never_cache
@backoffice_page("innovations.change_innovation")
def after(request: HttpRequest, pk: int) -> HttpResponse:
    """To the one that follows this record in the queue, which is left as it is."""
    following = _following(request, _innovation(pk))
    if following is None:
        messages.info(request, "Il n’y a rien d’autre à relire ici.")
        return redirect("backoffice:review")
    return redirect(_with(reverse("backoffice:review_one", args=[following.pk]), request))


@never_cache
@backoffice_page("innovations.change_innovation")
def one(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _innovation(pk), MotiveForm())


@require_POST
@backoffice_page("innovations.change_innovation")
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide of the record and go to the next one."""
    innovation = _innovation(pk)
    action = request.POST.get("action", "")
    if action not in Decision.values:
        return _page(request, innovation, MotiveForm(), trouble="Choisissez une décision.")
    decision = Decision(action)
    form = MotiveForm(request.POST)
    form.decision = decision
    if not form.is_valid():
        return _page(request, innovation, form)
    # Without its mark the page that was read is not known.
    seen = request.POST.get("vu", "") or "?"
    try:
        done = moderation.decide(
            [pk], decision, author=request.user, seen={pk: seen}, **form.cleaned_data
        )
    except moderation.ChangedMeanwhile:
        innovation = _innovation(pk)
        trouble = (
            "Entre-temps, cette fiche a changé ; elle est maintenant à l’état "
            f"« {innovation.get_status_display()} ». "
            "Votre décision n’est pas appliquée ; relisez, puis décidez de nouveau."
        )
        return _page(request, innovation, MotiveForm(request.POST), trouble=trouble, status=409)
    return _next(request, innovation, done)


def waiting(given: Any) -> InnovationQuerySet:
    """What the queue's filters keep of the records to review."""
    found = Innovation.objects.filter(status=Status.IN_REVIEW)
    if words := given.get("q", "").strip()[:100]:
        found = found.filter(title_key__contains=key(words))
    if source := given.get("source", ""):
        found = found.filter(source_records__source__slug=source).distinct()
    return found


def _next(request: HttpRequest, innovation: Innovation, done: BulkAction) -> HttpResponse:
    following = _following(request, innovation)
    extra = {"fait": str(done.pk)}
    if following is None:
        return redirect(_with(reverse("backoffice:review"), request, extra))
    return redirect(_with(reverse("backoffice:review_one", args=[following.pk]), request, extra))


def _following(request: HttpRequest, innovation: Innovation) -> Innovation | None:
    left = waiting(request.GET).exclude(pk=innovation.pk).order_by(*KEYS)
    values = [innovation.created_at, innovation.pk]
    return beyond(left, KEYS, values, False).first() or left.first()


def _with(where: str, request: HttpRequest, extra: dict[str, str] | None = None) -> str:
    kept = {name: request.GET[name] for name in ("q", "source") if request.GET.get(name)}
    query = urlencode({**kept, **(extra or {})})
    return f"{where}?{query}" if query else where


def _page(
    request: HttpRequest,
    innovation: Innovation,
    form: MotiveForm,
    *,
    trouble: str = "",
    status: int = 200,
) -> HttpResponse:
    records = list(
        innovation.source_records.select_related("source__partner", "innovation")
        .defer("raw")
        .order_by("is_site", "pk")[:SHOWN]
    )
    reading = tellings.Reading(records)
    context = {
        "innovation": innovation,
        "records": [(letter, r) for letter, r in zip("ABCDE", records, strict=False)],
        "rows": tellings.beside_public(innovation, reading),
        "pairs": _pairs(records),
        "namesakes": _namesakes(innovation),
        "flags": flags_of(innovation, request.user),
        "form": form,
        "able": {d.value for d in Decision if innovation.status in moderation.RULES[d].allowed},
        "query": urlencode({n: request.GET[n] for n in ("q", "source") if request.GET.get(n)}),
        "skip": _with(reverse("backoffice:review_next", args=[innovation.pk]), request),
        "last": last_done(request),
        "seen": moderation.mark(innovation),
        "keys": keys.REVIEW,
        "keys_are_on": keyboard.are_on(request),
        "trouble": trouble,
    }
    return render(request, "backoffice/review_one.html", context, status=status)


def last_done(request: HttpRequest) -> BulkAction | None:
    """The gesture that this person just made, to offer to undo it."""
    pk = primary_key(request.GET.get("fait", ""))
    if pk is None:
        return None
    return BulkAction.objects.standing().filter(pk=pk, author=request.user.pk).first()


def _pairs(records: list[Any]) -> list[Pair]:
    open_states = [PairState.WAITING, PairState.LATER]
    found = Pair.objects.filter(state__in=open_states).about([r.pk for r in records])
    return list(pair_queue.with_records(found).order_by(*pair_queue.KEYS)[:SHOWN])


def _namesakes(innovation: Innovation) -> list[Innovation]:
    """Other records with the same title, whatever their state but merged."""
    if not innovation.title_key:
        return []
    same = Q(title_key=innovation.title_key)
    found = Innovation.objects.filter(same).exclude(pk=innovation.pk)
    return list(found.exclude(status=Status.MERGED).order_by("pk")[:SHOWN])


def _innovation(pk: int) -> Innovation:
    found = Innovation.objects.select_related("organisation", "reproduction").with_names()
    return get_object_or_404(found, pk=pk)
