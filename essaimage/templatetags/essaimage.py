"""What the essaimage has to say on pages of other rooms."""

from typing import Any

from django import template

from essaimage import dates
from essaimage.models import (
    DiffusionForm,
    DiffusionStatement,
    Dynamic,
    NationalTakeUp,
    PublicActor,
    Replication,
    ReplicationState,
)
from essaimage.querysets import BEGUN
from innovations.models import Innovation

register = template.Library()

STATE_BADGES = {
    ReplicationState.ENVISAGEE: "fr-badge--info",
    ReplicationState.EN_PREPARATION: "fr-badge--new",
    ReplicationState.EN_COURS: "fr-badge--success",
    ReplicationState.PERENNISEE: "fr-badge--success",
    ReplicationState.ABANDONNEE: "fr-badge--warning",
}
WAITING = (ReplicationState.ENVISAGEE, ReplicationState.EN_PREPARATION)
ORDER = (
    ReplicationState.PERENNISEE, ReplicationState.EN_COURS, ReplicationState.EN_PREPARATION,
    ReplicationState.ENVISAGEE, ReplicationState.ABANDONNEE,
)  # fmt: skip


# How many replications a record shows; the page of its spread has them all.
SHOWN = 6


@register.inclusion_tag("essaimage/_replications.html")
def replications_of(innovation: Innovation) -> dict[str, Any]:
    """What the public reads of the diffusion of an innovation and of those merged into it."""
    take_ups = NationalTakeUp.objects.of(innovation)
    found = list(Replication.objects.of_public().of(innovation).for_record().order_by("pk"))
    # What runs first, what stopped last.
    found.sort(key=lambda one: (ORDER.index(one.state), one.pk))
    return {
        "innovation": innovation,
        "replications": found[:SHOWN],
        "total": len(found),
        "spread": sum(one.has_begun for one in found),
        "running": sum(one.state in BEGUN for one in found),
        "waiting": sum(one.state in WAITING and not one.has_begun for one in found),
        "statements": list(DiffusionStatement.objects.of(innovation).order_by("-as_of", "pk")),
        "take_ups": list(take_ups.order_by("-is_done", "mode", "pk")),
    }


@register.filter
def state_badge(replication: Replication) -> str:
    """The DSFR badge of the state of a replication."""
    return STATE_BADGES.get(ReplicationState(replication.state), "")


@register.filter
def forms_labels(replication: Replication) -> list[str]:
    labels = dict(DiffusionForm.choices)
    return [labels[form] for form in replication.forms if form in labels]


@register.filter
def dynamics_labels(replication: Replication) -> list[str]:
    labels = dict(Dynamic.choices)
    return [labels[dynamic] for dynamic in replication.dynamics if dynamic in labels]


@register.filter
def roles_labels(actor: PublicActor) -> list[str]:
    """« facilitateur », « utilisateur »: the roles of a public actor, in a sentence."""
    return [str(role.label).lower() for role in actor.all_roles]


@register.filter
def partial_date(date: str) -> str:
    """« 2017 », « novembre 2017 »."""
    return dates.shown(date)


@register.filter
def dates_told(replication: Replication) -> str:
    """« Association du bourg · depuis mars 2019 »: who, and since when or until when."""
    parts = [replication.repreneur_shown] if replication.target else []
    if replication.network and replication.network not in replication.name:
        parts.append(replication.network)
    began, stopped = replication.began_on, replication.stopped_on
    if replication.has_begun and replication.state in BEGUN and began:
        parts.append(f"depuis {dates.shown(began)}")
    elif replication.has_begun and began and stopped:
        parts.append(f"de {dates.shown(began)} à {dates.shown(stopped)}")
    elif replication.has_begun:
        parts.append("dates non renseignées")
    return " · ".join(part for part in parts if part)
