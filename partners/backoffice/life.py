"""A partner's life as the pages show it: the stepper, the moves on offer, whose turn it is."""

from dataclasses import dataclass

from django.db.models import Count
from django.urls import reverse

from partners.life import WAITING_FOR, next_steps
from partners.models import Partner, PartnerStep

Step = PartnerStep
PATH = (
    (Step.CONTACT, "Contact"),
    (Step.ADMITTED, "Admission par le collectif"),
    (Step.CHARTER, "Signature de la charte"),
    (Step.SOURCE, "Réglage d’une source"),
    (Step.LIVE, "En ligne"),
)
# How a move is asked for.
VERBS = {
    Step.CONTACT: "Reprendre contact",
    Step.ADMITTED: "Enregistrer l’admission",
    Step.REFUSED: "Enregistrer le refus",
    Step.CHARTER: "Enregistrer la signature de la charte",
    Step.SOURCE: "Passer au réglage d’une source",
    Step.LIVE: "Mettre en ligne",
    Step.PAUSED: "Mettre en pause",
    Step.LEFT: "Enregistrer le départ",
}
CONSEQUENCES = {
    Step.ADMITTED: "Ses sources pourront être moissonnées à leur rythme et publier directement.",
    Step.REFUSED: "Rien de ce partenaire ne sera moissonné. Le contact pourra reprendre.",
    Step.PAUSED: (
        "Ses sources ne seront plus moissonnées. Ses fiches restent publiques, telles qu’elles "
        "sont, jusqu’à la reprise."
    ),
    Step.LEFT: (
        "Ses sources ne seront plus moissonnées et sa page disparaît. Ses fiches restent ou "
        "partent, selon ce qu’il a choisi : c’est à lui de le dire."
    ),
    Step.LIVE: "Ses sources sont moissonnées à leur rythme.",
}


@dataclass(frozen=True)
class Offer:
    """A step that may be recorded now."""

    step: str
    label: str


def stepper_of(partner: Partner) -> dict[str, str]:
    """For the tag dsfr_stepper: how far the partner has come."""
    steps = [step for step, _ in PATH]
    current = steps.index(Step(partner.step)) if partner.step in steps else 0
    if partner.step in {Step.PAUSED, Step.LEFT}:
        current = len(steps) - 1
    following = PATH[current + 1][1] if current + 1 < len(PATH) else ""
    return {
        "current_step_id": str(current + 1),
        "current_step_title": partner.get_step_display(),
        "next_step_title": following if partner.step in steps else "",
        "total_steps": str(len(PATH)),
    }


def offers_of(partner: Partner) -> list[Offer]:
    return [Offer(step.value, VERBS[step]) for step in next_steps(partner)]


def waiting() -> list[tuple[str, str, int, str]]:
    """(step, whose turn it is, how many, where) for the steps where a partner waits; one query."""
    counts = dict(Partner.objects.order_by().values_list("step").annotate(n=Count("pk")))
    where = reverse("backoffice:partners")
    return [
        (step.label, who, counts[step], f"{where}?etape={step.value}")
        for step, who in WAITING_FOR.items()
        if counts.get(step)
    ]
