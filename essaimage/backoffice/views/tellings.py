"""« Textes à relire »: what the sides of replications write, read for form before it is shown."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from carrefour import keyboard
from carrefour.accounts.access import staff_page
from carrefour.keyboard import Key
from carrefour.pagination import beyond
from carrefour.text import primary_key
from essaimage import tellings
from essaimage.models import (
    Adaptation,
    PublicAction,
    PublicRole,
    Replication,
    ReplicationState,
    Telling,
)
from essaimage.replication_page import labels_of
from essaimage.tellings import CannotTell

PAGE = 20
# The one that waits for longest first.
KEYS = ("created_at", "pk")
HELP = [
    Key("r", "Retenir le premier texte de la page"),
    Key("e", "Écarter le premier texte : ouvrir la raison"),
    Key("s", "Passer au texte suivant"),
    Key("?", "Ouvrir cette aide"),
]


def _label(name: str) -> str:
    field: Any = Replication._meta.get_field(name)
    return str(field.verbose_name)


@dataclass(frozen=True)
class Row:
    telling: Telling

    @property
    def mark(self) -> str:
        return tellings.mark(self.telling)

    @property
    def changes(self) -> list[tuple[str, str, str]]:
        """(label, what the public reads, what would replace it)."""
        said = tellings.current(self.telling.replication)
        found = [
            (_label(name), said[name], value)
            for name in tellings.FIELDS
            if (value := self.telling.values.get(name)) is not None
        ]
        if note := self.telling.values.get(tellings.NOTE):
            found.append(("motif de la contestation", "", note))
        found += [
            (f"motif de l’état « {ReplicationState(reason['state']).label.lower()} »", "", text)
            for reason in self.telling.reasons
            if (text := reason["text"])
        ]
        degrees = dict(Adaptation.choices)
        return [(label, degrees.get(a, a), degrees.get(b, b)) for label, a, b in found]

    @property
    def actors(self) -> list[tuple[dict[str, Any], list[str]]]:
        """(public actor, its roles and what it does)."""
        return [
            (
                actor,
                labels_of(PublicRole, actor["roles"]) + labels_of(PublicAction, actor["actions"]),
            )
            for actor in self.telling.actors
        ]


@never_cache
@require_safe
@staff_page("essaimage.view_telling")
def queue(request: HttpRequest) -> HttpResponse:
    """« apres »: the number of the text that one passed, to read those that came after it."""
    rows = Telling.objects.waiting().for_staff().order_by(*KEYS)
    passed = _passed(request.GET.get("apres", ""))
    page = Paginator(_after(rows, passed), PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "rows": [Row(telling) for telling in page],
        "passed": passed.pk if passed else "",
        "keys": HELP,
        "keys_are_on": keyboard.are_on(request),
    }
    return render(request, "essaimage/backoffice/tellings.html", context)


@require_POST
@staff_page("essaimage.change_telling")
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """« retenir » or « ecarter » (with its reason) what was read."""
    telling = get_object_or_404(Telling, pk=pk)
    action, seen = request.POST.get("action", ""), request.POST.get("vu", "")
    answer = request.POST.get("answer", "").replace("\x00", "")[:2000]
    try:
        if action == "retenir":
            tellings.accept(telling, request.user, seen=seen)
            messages.success(request, "Le texte est visible sur la page de la reprise.")
        elif action == "ecarter":
            tellings.set_aside(telling, request.user, answer=answer, seen=seen)
            messages.success(request, "Le texte est écarté ; le côté qui l’a écrit lira pourquoi.")
    except CannotTell as error:
        messages.error(request, error.message)
    where = reverse("gestion_essaimage:tellings")
    passed = _passed(request.POST.get("apres", ""))
    return redirect(f"{where}?apres={passed.pk}" if passed else where)


def _passed(number: str) -> Telling | None:
    pk = primary_key(number)
    return Telling.objects.filter(pk=pk).first() if pk else None


def _after(rows: Any, passed: Telling | None) -> Any:
    """Those that came after the one passed; all of them once there are none."""
    if passed is None:
        return rows
    later = beyond(rows, KEYS, [passed.created_at, passed.pk], False)
    return later if later.exists() else rows
