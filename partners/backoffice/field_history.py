"""What the staff wrote on one field of a record, version after version."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet

from innovations import fields
from innovations.models import Innovation

SHOWN = 100


@dataclass(frozen=True)
class Version:
    """``text`` is the value as people read it; ``is_end``: the value was given up."""

    event: int
    at: datetime.datetime
    who: str
    note: str
    value: Any
    text: str
    is_end: bool
    credit_kind: str
    credit: str


def versions(innovation: Innovation, name: str) -> list[Version]:
    """The latest versions, newest first; what only says that partners changed is left out."""
    events = list(_events(innovation, name).select_related("pgh_context")[:SHOWN])
    names = _names(events)
    found: list[Version] = []
    for event, before in zip(events, [*events[1:], None], strict=True):
        is_end = event.pgh_label == "delete"
        if before and not is_end and event.value == before.value and before.pgh_label != "delete":
            continue
        found.append(_version(event, names, is_end=is_end))
    return found


def version(innovation: Innovation, name: str, event: int) -> Version | None:
    found = _events(innovation, name).select_related("pgh_context").filter(pgh_id=event).first()
    return _version(found, _names([found]), is_end=found.pgh_label == "delete") if found else None


def _version(event: Any, names: dict[Any, str], *, is_end: bool) -> Version:
    context = _context(event)
    who = context.get("user") if context.get("user") else event.author_id
    return Version(
        event=event.pgh_id,
        at=event.pgh_created_at,
        who=names.get(who, ""),
        note=str(context.get("motif") or "") if is_end else event.note,
        value=event.value,
        text=fields.readable(event.field, event.value),
        is_end=is_end,
        credit_kind=event.credit_kind,
        credit=event.credit,
    )


def _events(innovation: Innovation, name: str) -> QuerySet[Any]:
    """The history of the field, here and on the records merged here."""
    model = apps.get_model("innovations", "FieldEditEvent")
    merged = Innovation.objects.filter(merged_into=innovation).values("pk")
    mine = Q(innovation_id=innovation.pk) | Q(innovation_id__in=merged)
    return model._base_manager.filter(mine, field=name).order_by("-pgh_id")


def _names(events: Sequence[Any]) -> dict[Any, str]:
    ids: set[Any] = {e.author_id for e in events} | {_context(e).get("user") for e in events}
    found = get_user_model().objects.filter(pk__in=ids - {None})
    return {user.pk: str(user) for user in found}


def _context(event: Any) -> dict[str, Any]:
    return (event.pgh_context.metadata or {}) if event.pgh_context else {}
