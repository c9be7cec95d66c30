"""What the essaimage has to say on pages of other rooms."""

from typing import Any

from django import template

from essaimage.models import (
    DiffusionForm,
    DiffusionStatement,
    Dynamic,
    NationalTakeUp,
    Replication,
    ReplicationState,
)
from innovations.models import Innovation

register = template.Library()

STATE_BADGES = {
    ReplicationState.ENVISAGEE: "fr-badge--info",
    ReplicationState.EN_PREPARATION: "fr-badge--new",
    ReplicationState.EN_COURS: "fr-badge--success",
    ReplicationState.PERENNISEE: "fr-badge--success",
    ReplicationState.ABANDONNEE: "fr-badge--warning",
}


@register.inclusion_tag("essaimage/_replications.html")
def replications_of(innovation: Innovation) -> dict[str, Any]:
    """What is known of the diffusion of an innovation and of those merged into it."""
    take_ups = NationalTakeUp.objects.of(innovation)
    return {
        "replications": list(
            Replication.objects.of(innovation).published().for_record().order_by("pk")
        ),
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
