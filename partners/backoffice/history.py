"""What changed and when, read from the history that PostgreSQL triggers keep."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models
from django.utils import timezone
from django.utils.formats import date_format

SHOWN = 50
SILENT = {"changed_at", "seen_at", "updated_at", "composed_at", "fingerprint", "origins", "pgh_id"}
# What nobody confirmed yet is no one's word: where, from a row, its publication is told.
UNHEARD = "a-confirmer"
PUBLICATIONS = {
    "essaimage.Replication": "publication",
    "essaimage.Obstacle": "publication",
    "essaimage.Interpretation": "publication",
    "essaimage.Party": "replication__publication",
    "essaimage.PublicActor": "replication__publication",
    "essaimage.ReplicationStep": "replication__publication",
}


@dataclass(frozen=True)
class Change:
    """A field before and after, as each can be shown; ``event`` holds the former value of the
    field ``name``, "" for a part of one."""

    label: str
    before: Any
    after: Any
    name: str = ""
    event: int = 0


@dataclass(frozen=True)
class Step:
    """One moment of a row's life. ``who`` is "" when no one was logged in (a harvest)."""

    at: datetime.datetime
    is_creation: bool
    who: str
    changes: Sequence[Change]
    event: int = 0
    motive: str = ""
    is_deletion: bool = False


def readable(model: type[models.Model]) -> Any:
    """The rows whose history staff may read."""
    rows = model._default_manager.all()
    path = PUBLICATIONS.get(model._meta.label)
    return rows.exclude(**{path: UNHEARD}) if path else rows


def history_of(row: models.Model, before: int | None = None) -> list[Step]:
    """The latest steps of a tracked row, newest first, ``before`` an event; two queries."""
    found = row.events.select_related("pgh_context").order_by("-pgh_id")  # type: ignore[attr-defined]
    if before:
        found = found.filter(pgh_id__lt=before)
    events = list(found[: SHOWN + 1])
    names = _names(events)
    steps = [
        Step(
            at=event.pgh_created_at,
            is_creation=event.pgh_label == "insert",
            who=names.get(_user(event), ""),
            changes=_changes(event, earlier, names) if earlier else (),
            event=event.pgh_id,
            motive=_metadata(event).get("motif") or "",
            is_deletion=event.pgh_label == "delete",
        )
        for event, earlier in zip_longest(events, events[1:])
    ]
    return [s for s in steps[:SHOWN] if s.is_creation or s.is_deletion or s.changes]


def _changes(event: Any, before: Any, names: dict[Any, str]) -> list[Change]:
    found: list[Change] = []
    for field in event._meta.concrete_fields:
        name = field.attname
        if field.name in SILENT or field.name.startswith("pgh_"):
            continue
        old, new = getattr(before, name), getattr(event, name)
        if old == new:
            continue
        if isinstance(old, dict) and isinstance(new, dict):
            found += _inside(str(field.verbose_name), old, new)
        else:
            found.append(
                Change(
                    _label(field),
                    _shown(field, old, names),
                    _shown(field, new, names),
                    field.name,
                    before.pgh_id,
                )
            )
    return found


def _inside(label: str, old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    """A mapping's own changed keys, rather than the whole of it twice."""
    names = [n for n in {**old, **new} if old.get(n) != new.get(n)]
    return [Change(f"{label} : {n}", old.get(n), new.get(n)) for n in names]


def _label(field: models.Field) -> str:
    return str(field.verbose_name)


def _shown(field: models.Field, value: Any, names: dict[Any, str]) -> Any:
    """A value as it is read: a person by name, what else a field points to by its number."""
    if field.is_relation:
        if not value:
            return ""
        return names.get(value, "compte supprimé") if _is_person(field) else f"n° {value}"
    if isinstance(value, datetime.datetime):
        return date_format(timezone.localtime(value), "j F Y à H:i")
    if isinstance(value, datetime.date):
        return date_format(value, "j F Y")
    return dict(field.flatchoices).get(value, value) if field.choices else value


def _is_person(field: Any) -> bool:
    return field.is_relation and field.related_model is get_user_model()


def _user(event: Any) -> Any:
    return _metadata(event).get("user")


def _metadata(event: Any) -> dict[str, Any]:
    return (event.pgh_context.metadata or {}) if event.pgh_context else {}


def _names(events: Sequence[Any]) -> dict[Any, str]:
    """Those who acted and those whom a field names, in one query."""
    ids = {user for event in events if (user := _user(event))}
    for event in events:
        people = (f for f in event._meta.concrete_fields if _is_person(f))
        ids |= {value for f in people if (value := getattr(event, f.attname))}
    found = get_user_model().objects.filter(pk__in=ids) if ids else ()
    return {user.pk: str(user) for user in found}
