"""The decision of form as the pages of staff show it, whatever is decided of: its form and its
keys, what follows it, and taking it back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from carrefour import keyboard
from carrefour.keyboard import Key
from carrefour.pagination import beyond
from carrefour.text import primary_key
from essaimage import announcing, moderated, moderating
from essaimage.backoffice.forms.life import DecisionForm
from essaimage.models import (
    Experiment,
    Facts,
    Interpretation,
    Obstacle,
    Publication,
    Replication,
    SetAside,
)
from essaimage.moderated import Moderated
from essaimage.moderating import CannotDecide, ChangedMeanwhile, Choice
from innovations.models import BulkAction

HELP = [
    Key("p", "Publier"),
    Key(f"1 à {len(SetAside)}", "Choisir le motif"),
    Key("e", "Écarter"),
    Key("s", "Passer à la suite"),
    Key("z", "Annuler la décision précédente"),
    Key("?", "Ouvrir cette aide"),
]


def _at(name: str, by: str = "pk") -> Callable[[Any], str]:
    return lambda row: reverse(f"gestion_essaimage:{name}", args=[getattr(row, by)])


@dataclass(frozen=True)
class Place:
    """Where one kind is read and decided (addresses of a row), and where those that wait are: the
    one that waits for longest first, by ``keys``; none when it has no queue."""

    page: Callable[[Any], str]
    decide: Callable[[Any], str]
    queue: str = ""
    query: str = ""
    keys: Sequence[str] = ()

    @property
    def waiting(self) -> str:
        return reverse(f"gestion_essaimage:{self.queue}") + self.query


PLACES: dict[type, Place] = {
    Replication: Place(
        _at("review_one", "code"), _at("review_decide", "code"), "review",
        keys=("created_at", "pk"),
    ),
    Obstacle: Place(
        _at("obstacle"), _at("obstacle_decide"), "obstacles_review", keys=("created_at", "pk")
    ),
    Interpretation: Place(
        _at("interpretation_review"), _at("interpretation_review"), "obstacles_review",
        keys=("created_at", "pk"),
    ),
    Facts: Place(
        _at("facts_one"), _at("facts_decide"), "facts", "?publication=a-relire",
        ("reported_at", "pk"),
    ),
    Experiment: Place(_at("experiment"), _at("experiment_decide")),
}  # fmt: skip


@dataclass(frozen=True)
class Deciding:
    """What the page of a row shows of its decision. ``standing``: the last one, if any; ``done``:
    the one that this person just took; ``tells``: whether who wrote it would be told."""

    row: Any
    form: DecisionForm
    trouble: str
    skip: str
    done: BulkAction | None
    standing: BulkAction | None
    keys_are_on: bool

    keys = HELP

    @property
    def kind(self) -> Moderated:
        return moderated.of(self.row)

    @property
    def seen(self) -> str:
        return self.kind.mark(self.row)

    @property
    def able(self) -> set[str]:
        return moderating.able(self.row)

    @property
    def url(self) -> str:
        return PLACES[type(self.row)].decide(self.row)

    @property
    def tells(self) -> bool:
        return bool(announcing.to_tell(self.row))


@dataclass(frozen=True)
class Answer:
    """What came of a decision that was posted: ``done``, or else why not (``trouble``, with the
    form and the status of the page)."""

    done: BulkAction | None
    form: DecisionForm
    trouble: str = ""
    status: int = 200


def page_of(request: HttpRequest, row: Any, answer: Answer | None = None) -> Deciding:
    following = _following(row)
    kind = moderated.of(row)
    return Deciding(
        row=row,
        form=answer.form if answer else DecisionForm(kind=kind),
        trouble=answer.trouble if answer else "",
        skip=PLACES[type(row)].page(following) if following else "",
        done=last_of(request),
        standing=kind.last_decision(row),
        keys_are_on=keyboard.are_on(request),
    )


def decide(request: HttpRequest, row: Any) -> Answer:
    """Take the decision that was posted (« action », « motive », « text », « vu »)."""
    form = DecisionForm(request.POST, kind=moderated.of(row))
    wanted = request.POST.get("action", "")
    if wanted not in Publication.values:
        return Answer(None, form, "Choisissez une décision.")
    if not form.is_valid():
        return Answer(None, form, " ".join(e for errors in form.errors.values() for e in errors))
    said = form.cleaned_data
    # Only what is set aside has a reason of the list.
    motive = said["motive"] if wanted == Publication.SET_ASIDE else ""
    choice = Choice(Publication(wanted), motive, said["text"])
    try:
        done = moderating.decide(row, choice, author=request.user, seen=request.POST.get("vu", ""))
    except CannotDecide as error:
        form.add_error(error.field or None, error.message)
        return Answer(
            None, form, error.message, 409 if isinstance(error, ChangedMeanwhile) else 200
        )
    return Answer(done, form)


def go_on(request: HttpRequest, row: Any, done: BulkAction) -> HttpResponse:
    """After a decision on ``row``, as it was read: the next one that waits, or where it stands."""
    place = PLACES[type(row)]
    if row.publication != Publication.WAITING or not place.queue:
        return redirect(_with(place.page(row), done))
    following = _following(row)
    if following is None:
        messages.info(request, "Il n’y a rien d’autre à relire.")
        return redirect(_with(place.waiting, done))
    return redirect(_with(place.page(following), done))


def last_of(request: HttpRequest) -> BulkAction | None:
    """The decision that this person just took, to offer to undo it."""
    pk = primary_key(request.GET.get("fait", ""))
    if pk is None:
        return None
    mine = BulkAction.objects.standing().filter(author=request.user.pk)
    return mine.filter(pk=pk, kind__in=list(moderated.BY_CODE)).first()


def _following(row: Any) -> Any:
    place = PLACES[type(row)]
    if not place.queue:
        return None
    left = type(row).objects.to_review().exclude(pk=row.pk).order_by(*place.keys)
    here = [getattr(row, name) for name in place.keys]
    return beyond(left, place.keys, here, False).first() or left.first()


def _with(address: str, done: BulkAction) -> str:
    return f"{address}{'&' if '?' in address else '?'}fait={done.pk}"
