"""What changed and when, read from the history that PostgreSQL triggers keep."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models

SHOWN = 50
SILENT = {"changed_at", "seen_at", "updated_at", "composed_at", "fingerprint", "origins", "pgh_id"}


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
            changes=_changes(event, earlier) if earlier else (),
            event=event.pgh_id,
            motive=_metadata(event).get("motif") or "",
            is_deletion=event.pgh_label == "delete",
        )
        for event, earlier in zip(events, [*events[1:], None], strict=True)
    ]
    return [s for s in steps[:SHOWN] if s.is_creation or s.is_deletion or s.changes]


def _changes(event: Any, before: Any) -> list[Change]:
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
                    _shown(event, field, old),
                    _shown(event, field, new),
                    field.name,
                    before.pgh_id,
                )
            )
    return found


def _inside(label: str, old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    """A mapping's own changed keys, rather than the whole of it twice."""
    names = [n for n in {**old, **new} if old.get(n) != new.get(n)]
    return [Change(f"{label} : {n}", old.get(n), new.get(n)) for n in names]


def _label(field: models.Field) -> str:
    return str(field.verbose_name)


def _shown(event: Any, field: models.Field, value: Any) -> Any:
    if field.is_relation:
        return f"n° {value}" if value else ""
    return dict(field.flatchoices).get(value, value) if field.choices else value


def _user(event: Any) -> Any:
    return _metadata(event).get("user")


def _metadata(event: Any) -> dict[str, Any]:
    return (event.pgh_context.metadata or {}) if event.pgh_context else {}


def _names(events: Sequence[Any]) -> dict[Any, str]:
    ids = {user for event in events if (user := _user(event))}
    found = get_user_model().objects.filter(pk__in=ids) if ids else ()
    return {user.pk: str(user) for user in found}
