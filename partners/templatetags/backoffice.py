"""What the back-office's templates need: menu, badges, readable mappings, kept filters."""

from collections.abc import Iterator
from typing import Any

from django import template
from django.core.paginator import Page
from django.http import HttpRequest

from innovations.models import Vocabulary
from partners import access
from partners.backoffice import menu
from partners.backoffice.listing import duration_of
from partners.mapping.targets import TARGETS
from partners.models import RecordState, Run, RunState

register = template.Library()
# DSFR badge modifiers.
RUN_BADGES = {
    RunState.QUEUED: "new",
    RunState.RUNNING: "info",
    RunState.DONE: "success",
    RunState.DONE_WITH_ERRORS: "warning",
    RunState.FAILED: "error",
    RunState.CANCELLED: "",
}
# Shorter than the state's own label: several stand in a table.
RUN_LABELS = {RunState.DONE_WITH_ERRORS: "Terminé, avec refus"}
RECORD_BADGES = {
    RecordState.COMPLETE: "success",
    RecordState.TO_COMPLETE: "warning",
    RecordState.WITHDRAWN: "",
}
STATUS_BADGES = {"publiee": "success", "a-relire": "new", "a-completer": "warning"}
VALUES = {
    "porteur": "structure porteuse",
    "name": "nom",
    "kind": "nature",
    "reproduction": "pour reproduire ce projet",
    "hold": "à vérifier avant publication",
}


@register.inclusion_tag("backoffice/_menu.html", takes_context=True)
def backoffice_menu(context: dict[str, Any]) -> dict[str, Any]:
    request: HttpRequest = context["request"]
    return {"groups": menu.groups(request), "user": request.user, "request": request}


@register.inclusion_tag("backoffice/_badge.html")
def run_badge(state: str) -> dict[str, str]:
    if not state:
        return {}
    known = RunState(state)
    return {"label": RUN_LABELS.get(known, known.label), "kind": RUN_BADGES[known]}


@register.inclusion_tag("backoffice/_badge.html")
def record_badge(state: str) -> dict[str, str]:
    return {"label": RecordState(state).label, "kind": RECORD_BADGES[RecordState(state)]}


@register.inclusion_tag("backoffice/_badge.html")
def status_badge(innovation: Any) -> dict[str, str]:
    kind = STATUS_BADGES.get(innovation.status, "")
    return {"label": innovation.get_status_display(), "kind": kind}


@register.filter
def reads_raw(user: Any) -> bool:
    """See partners.access.reads_raw."""
    return access.reads_raw(user)


@register.filter
def duration(run: Run) -> str:
    return duration_of(run)


@register.filter
def target_label(target: str) -> str:
    """The French name of a mapping target; the target itself when unknown."""
    return TARGETS[target].label if target in TARGETS else target


@register.filter
def readable(value: Any) -> str:
    """A JSON value as a line of text: lists joined, mappings as « clé : valeur »."""
    if isinstance(value, dict):
        return " ; ".join(f"{k} : {readable(v)}" for k, v in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(readable(v) for v in value)
    if isinstance(value, bool):
        return "oui" if value else "non"
    return "" if value is None else str(value)


@register.filter
def value_label(name: str) -> str:
    """The French name of a key of ``SourceRecord.values``."""
    return VALUES.get(name) or target_label(name)


@register.filter
def vocabulary_label(vocabulary: str) -> str:
    return str(Vocabulary(vocabulary).label).lower()


@register.filter
def told(value: Any) -> str:
    """``readable``, the keys in French: a part of ``SourceRecord.values``."""
    if isinstance(value, dict):
        return "\n".join(f"{value_label(k).capitalize()} : {readable(v)}" for k, v in value.items())
    return readable(value)


@register.filter
def pages(page: Page) -> Iterator[int | str]:
    """The page numbers worth showing around the current one."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
