"""What was typed of a record beside its rows: the reasons of gestures, and those of the changes
that the history keeps. They go when nothing else rests on them; else they no longer name it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models
from pghistory.models import Context, Event

from innovations.models import BulkAction, BulkChange, Innovation
from partners.redaction import Redactor

# What a context says in words of a change: why, and who told of it.
SAID = ("motif", "auteur")


@dataclass(frozen=True)
class Telling:
    """Keys of the gestures, and of the contexts of history, that speak of rows about to go."""

    actions: frozenset[int]
    contexts: frozenset[Any]


def telling_of(records: Iterable[Innovation], events: Iterable[models.QuerySet]) -> Telling:
    """To ask before the rows go; ``events``: their history."""
    changes = BulkChange.objects.filter(innovation__in=records)
    actions = changes.order_by().values_list("action", flat=True).distinct()
    contexts = {key for rows in events for key in _contexts(rows)}
    return Telling(frozenset(actions), frozenset(contexts))


def forget(told: Telling, titles: Redactor) -> None:
    """To call once the rows are gone; ``titles``: what takes their titles out of a text."""
    actions = BulkAction.objects.filter(pk__in=told.actions)
    actions.filter(changes=None).delete()
    for action in actions:
        label, reason = (titles.text(said)[0] for said in (action.label, action.reason))
        if (label, reason) != (action.label, action.reason):
            BulkAction.objects.filter(pk=action.pk).update(label=label[:200], reason=reason[:500])
    shared = _still_used(told.contexts)
    for pk, said in Context.objects.filter(pk__in=told.contexts).values_list("pk", "metadata"):
        kept = said | {
            name: titles.text(said[name])[0] if pk in shared else ""
            for name in SAID
            if isinstance(said.get(name), str)
        }
        if kept != said:
            Context.objects.filter(pk=pk).update(metadata=kept)


def _still_used(contexts: frozenset[Any]) -> set[Any]:
    """Those of other rows' history too: a gesture on many records."""
    found: set[Any] = set()
    for model in apps.get_models():
        if issubclass(model, Event) and getattr(model, "pgh_tracked_model", None):
            rows: Any = model._base_manager
            found |= _contexts(rows.filter(pgh_context__in=contexts - found))
    return found


def _contexts(events: models.QuerySet) -> set[Any]:
    found = events.order_by().exclude(pgh_context=None).values_list("pgh_context_id", flat=True)
    return set(found.distinct())
