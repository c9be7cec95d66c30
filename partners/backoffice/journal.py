"""Who did what: the acts of people, from the contexts of the history and the admin's own log."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pghistory.models
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.postgres.fields import ArrayField
from django.db.models import Exists, Func, OuterRef, QuerySet, TextField, Value
from django.db.models.functions import Cast
from django.urls import reverse

from partners.backoffice.acts import named
from partners.backoffice.tracked import TRACKED, Tracked

PAGE = 40
# An act may write many rows: its page shows the first ones.
EVENTS = 400
SHOWN = 6
ADMIN = "administration"
LABELS = {"insert": "ajout", "update": "modification", "delete": "suppression"}


class Written(NamedTuple):
    """A row that an act wrote, as its table of events tells it."""

    kind: str
    pk: int
    verb: str
    name: str


@dataclass(frozen=True)
class Thing:
    """A row that an act wrote; ``url`` leads to its history."""

    label: str
    verb: str
    url: str


@dataclass
class Act:
    """One act of one person, ``name`` in words when known; ``count``: rows written, of which
    ``things`` are the first."""

    at: datetime.datetime
    who: str
    name: str = ""
    where: str = ""
    motive: str = ""
    things: list[Thing] = field(default_factory=list)
    count: int = 0


@dataclass(frozen=True)
class Asked:
    """Filters: a person (pk), a kind of object, since when; ``before`` is where the page begins."""

    person: int | None = None
    kind: str = ""
    since: datetime.datetime | None = None
    before: datetime.datetime | None = None


def acts(asked: Asked) -> tuple[list[Act], datetime.datetime | None]:
    """A page of acts, newest first, and where the next one begins; five queries."""
    contexts = list(_contexts(asked)[: PAGE + 1])
    entries = list(_entries(asked)[: PAGE + 1])
    moments = sorted([*(c.created_at for c in contexts), *(e.action_time for e in entries)])[::-1]
    limit = moments[PAGE - 1] if len(moments) > PAGE else None
    kept = [c for c in contexts if limit is None or c.created_at >= limit]
    logged = [e for e in entries if limit is None or e.action_time >= limit]
    names = _names({c.metadata.get("user") for c in kept} | {e.user_id for e in logged})
    things = _things([c.pk for c in kept])
    found = [_act(c, names, things[c.pk]) for c in kept if things[c.pk] or not asked.kind]
    found += [_logged(e, names) for e in logged]
    return sorted(found, key=lambda act: act.at, reverse=True), limit


def people() -> list[tuple[int, str]]:
    """Those who may act in the back-office."""
    users = get_user_model().objects.filter(is_active=True)
    found = users.filter(groups__isnull=False).distinct().order_by("display_name", "pk")
    return [(user.pk, str(user)) for user in found[:500]]


def _contexts(asked: Asked) -> QuerySet[Any]:
    found = pghistory.models.Context.objects.filter(metadata__has_key="user")
    found = found.exclude(metadata__user=None).order_by("-created_at", "-pk")
    if asked.person:
        found = found.filter(metadata__user=asked.person)
    if asked.since:
        found = found.filter(created_at__gte=asked.since)
    if asked.before:
        found = found.filter(created_at__lt=asked.before)
    if asked.kind == ADMIN:
        return found.none()
    if asked.kind in TRACKED:
        events: Any = TRACKED[asked.kind].events
        found = found.filter(Exists(events.objects.filter(pgh_context=OuterRef("pk"))))
    return found


def _entries(asked: Asked) -> QuerySet[LogEntry]:
    found = LogEntry.objects.select_related("content_type").order_by("-action_time", "-pk")
    if asked.kind and asked.kind != ADMIN:
        return found.none()
    if asked.person:
        found = found.filter(user=asked.person)
    if asked.since:
        found = found.filter(action_time__gte=asked.since)
    return found.filter(action_time__lt=asked.before) if asked.before else found


def _things(contexts: Sequence[Any]) -> dict[Any, list[Written]]:
    """Context → what it wrote; one query, whatever the number of tables."""
    found: dict[Any, list[Written]] = defaultdict(list)
    if not contexts:
        return found
    parts: list[Any] = []
    for kind, tracked in TRACKED.items():
        events: Any = tracked.events
        rows = events.objects.filter(pgh_context__in=contexts).order_by()
        named = _named(tracked)
        told = rows.annotate(
            journal_kind=Value(kind, output_field=TextField()),
            journal_name=named,
        )
        columns = ("pgh_context_id", "journal_kind", "pgh_obj_id", "pgh_label", "journal_name")
        parts.append(told.values_list(*columns)[:EVENTS])
    for context, *row in parts[0].union(*parts[1:], all=True):
        found[context].append(Written(*row))
    return found


def _named(tracked: Tracked) -> Any:
    """The name of a row as text, in its events; that of a group is its members'."""
    if not tracked.title:
        return Value("", output_field=TextField())
    if isinstance(tracked.events._meta.get_field(tracked.title), ArrayField):
        joined = Func(tracked.title, Value(" = "), function="array_to_string")
        return Cast(joined, TextField())
    return Cast(tracked.title, TextField())


def _act(context: Any, names: dict[Any, str], written: Iterable[Written]) -> Act:
    # The last name of a row written several times is the one it kept.
    rows = list({(w.kind, w.pk, w.verb): w for w in written}.values())
    said = context.metadata
    return Act(
        at=context.created_at,
        who=names.get(said.get("user"), "compte supprimé"),
        name=named(str(said.get("url") or "")),
        where=str(said.get("url") or ""),
        motive=str(said.get("motif") or ""),
        things=[_thing(row) for row in rows[:SHOWN]],
        count=len(rows),
    )


def _thing(row: Written) -> Thing:
    url = reverse("backoffice:history", args=[row.kind, row.pk])
    label = TRACKED[row.kind].label
    named = f"{label} « {row.name} »" if row.name else f"{label} n° {row.pk}"
    return Thing(named, LABELS.get(row.verb, row.verb), url)


def _logged(entry: LogEntry, names: dict[Any, str]) -> Act:
    what = f"{entry.content_type} : {entry.object_repr}" if entry.content_type else ""
    thing = Thing(what, str(entry.get_change_message())[:200], entry.get_admin_url() or "")
    who = names.get(entry.user_id, "compte supprimé")
    return Act(entry.action_time, who, "Administration avancée", things=[thing], count=1)


def _names(ids: set[Any]) -> dict[Any, str]:
    users = get_user_model().objects.filter(pk__in=[pk for pk in ids if isinstance(pk, int)])
    return {user.pk: str(user) for user in users}
