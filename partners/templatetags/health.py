"""How sources and harvests are doing, in templates: troubles, journal lines, durations."""

import datetime
from typing import Any

from django import template
from django.urls import reverse

from partners import access, alerts
from partners.health import Cause, Health, Trouble, health_of_one
from partners.models import Run, Source

register = template.Library()
# DSFR badge modifiers.
BADGES = {
    Cause.FAILED: "error",
    Cause.HELD_BACK: "warning",
    Cause.CONTRACT: "warning",
    Cause.UNFINISHED: "info",
    Cause.LATE: "warning",
    Cause.NEVER: "info",
    Cause.REFUSED: "new",
    Cause.WORDS: "new",
}
LEVELS = {"info": "Information", "attention": "Attention", "erreur": "Erreur"}


@register.inclusion_tag("backoffice/_source_health.html", takes_context=True)
def source_health(context: dict[str, Any], source: Source) -> dict[str, Any]:
    """What the source needs and how it does; five queries."""
    user = context["request"].user
    return {
        "health": health_of_one(source),
        "source": source,
        "user": user,
        "perms": context.get("perms"),
    }


@register.inclusion_tag("backoffice/_alert_button.html", takes_context=True)
def alert_button(context: dict[str, Any], source: Source) -> dict[str, Any]:
    request = context["request"]
    return {
        "source": source,
        "asked": alerts.is_asked(source, request.user),
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("backoffice/_badge.html")
def trouble_badge(trouble: Trouble) -> dict[str, str]:
    return {"label": trouble.label, "kind": BADGES[trouble.cause]}


@register.simple_tag
def trouble_url(trouble: Trouble, health: Health, user: Any) -> str:
    """Where something can be done about it by this person; "" when nowhere."""
    slug = health.source.slug
    if trouble.cause in {Cause.FAILED, Cause.CONTRACT} and health.last:
        return reverse("backoffice:run", args=[health.last.pk])
    if trouble.cause == Cause.HELD_BACK and access.reads_raw(user):
        return reverse("backoffice:held_back", args=[slug])
    if trouble.cause == Cause.REFUSED and access.reads_raw(user):
        return reverse("backoffice:rejected", args=[slug])
    if trouble.cause == Cause.WORDS and user.has_perm("partners.change_vocabularyentry"):
        return f"{reverse('backoffice:vocabulary')}?source={slug}"
    return ""


@register.filter
def instant(text: Any) -> datetime.datetime | None:
    """The moment written in a run's journal (ISO 8601); None when it cannot be read."""
    try:
        return datetime.datetime.fromisoformat(str(text))
    except ValueError:
        return None


@register.filter
def level_label(level: str) -> str:
    return LEVELS.get(level, level)


@register.filter
def about(left: datetime.timedelta | None) -> str:
    """« moins d’une minute », « 3 min environ », « 2 h 10 environ »: a guess."""
    if left is None:
        return ""
    minutes = round(left.total_seconds() / 60)
    if minutes < 1:
        return "moins d’une minute"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest:02d} environ" if hours else f"{minutes} min environ"


@register.filter
def announced(run: Run) -> str:
    """What is worth saying aloud: changes every tenth, or with each digit of an unknown total."""
    if not run.is_active:
        return str(run.get_state_display())
    if run.cancel_requested:
        return "Arrêt demandé"
    if run.started_at is None:
        return "Moissonnage en attente"
    return "Moissonnage en cours" + _so_far(run)


def _so_far(run: Run) -> str:
    if run.progress is not None:
        return f" : {run.progress // 10 * 10} % des lignes lues"
    seen = run.counts.get("seen", 0)
    return f" : plus de {10 ** (len(str(seen)) - 1)} lignes lues" if seen > 9 else ""
