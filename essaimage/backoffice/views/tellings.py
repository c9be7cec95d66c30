"""« Textes à relire »: what the sides of replications write, read for form before it is shown."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

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
from essaimage import answering, personal, sifting, tellings
from essaimage.models import Adaptation, PublicAction, PublicRole, Replication, Telling
from essaimage.personal import Noticed
from essaimage.replication_page import labels_of
from essaimage.tellings import CannotTell
from innovations import bulk
from innovations.models import BulkAction

PAGE = 20
# The one that waits for longest first.
KEYS = ("created_at", "pk")
HELP = [
    Key("r", "Retenir le premier texte de la page"),
    Key("e", "Écarter le premier texte : ouvrir la raison"),
    Key("s", "Passer au texte suivant"),
    Key("z", "Annuler la décision précédente"),
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
        if self.telling.step:
            found.append((self._of_step, "", self.telling.reason))
        degrees = dict(Adaptation.choices)
        return [(label, degrees.get(a, a), degrees.get(b, b)) for label, a, b in found]

    @property
    def _of_step(self) -> str:
        step = self.telling.step
        return f"motif de l’état « {step.get_state_display().lower()} »" if step else ""

    @property
    def noticed(self) -> list[tuple[str, Noticed]]:
        """(where, what looks like someone's own data)."""
        others = {
            tellings.ACTORS: "acteur public",
            tellings.NOTE: "motif de la contestation",
            tellings.REASON: self._of_step,
        }
        return [
            (others.get(one.field) or _label(one.field), one)
            for one in personal.noticed(self.telling.values)
        ]

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
    rows = Telling.objects.to_read().for_staff().order_by(*KEYS)
    passed = _passed(request.GET.get("apres", ""))
    page = Paginator(_after(rows, passed), PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "rows": [Row(telling) for telling in page],
        "passed": passed.pk if passed else "",
        "last": _last_of(request),
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
    done: BulkAction | None = None
    try:
        if action == "retenir":
            done = sifting.accept(telling, request.user, seen=seen)
            messages.success(request, _shown(telling))
        elif action == "ecarter":
            done = sifting.set_aside(telling, request.user, answer=answer, seen=seen)
            messages.success(request, _set_aside(telling))
    except CannotTell as error:
        messages.error(request, error.message)
    said = {"apres": _passed(request.POST.get("apres", "")), "fait": done}
    query = urlencode({name: row.pk for name, row in said.items() if row})
    where = reverse("gestion_essaimage:tellings")
    return redirect(f"{where}?{query}" if query else where)


@require_POST
@staff_page("essaimage.change_telling")
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    action = get_object_or_404(BulkAction, pk=pk, kind=sifting.CODE)
    try:
        sifting.undo(action, author=request.user)
    except bulk.AlreadyUndone:
        messages.info(request, "Cette décision était déjà annulée.")
    except CannotTell as error:
        messages.warning(request, error.message)
    else:
        messages.success(request, "Décision annulée : le texte attend de nouveau.")
    return redirect("gestion_essaimage:tellings")


def _shown(telling: Telling) -> str:
    if telling.replication.is_public:
        return "Le texte est visible sur la page de la reprise."
    return "Le texte est retenu : il sera visible quand la reprise sera publiée."


def _set_aside(telling: Telling) -> str:
    if answering.to_tell(telling):
        return (
            "Le texte est écarté. Le côté qui l’a écrit lira pourquoi sur sa page, et par courriel "
            "dans dix minutes, sauf si vous annulez d’ici là."
        )
    return (
        "Le texte est écarté. Aucune adresse n’est connue de ce côté : il ne lira pourquoi "
        "que s’il rouvre sa page."
    )


def _last_of(request: HttpRequest) -> BulkAction | None:
    """The decision that this person just took, to offer to undo it."""
    pk = primary_key(request.GET.get("fait", ""))
    mine = BulkAction.objects.standing().filter(author=request.user.pk, kind=sifting.CODE)
    return mine.filter(pk=pk).first() if pk else None


def _passed(number: str) -> Telling | None:
    pk = primary_key(number)
    return Telling.objects.filter(pk=pk).first() if pk else None


def _after(rows: Any, passed: Telling | None) -> Any:
    """Those that came after the one passed; all of them once there are none."""
    if passed is None:
        return rows
    later = beyond(rows, KEYS, [passed.created_at, passed.pk], False)
    return later if later.exists() else rows
