"""Writing the evidence in three facts: by staff, or by one side through a link sent to it.

What staff write is published at once; what a side writes is read by staff first, for form only, and
is never rewritten: it is published as it is, or set aside with the reason.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pghistory
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from essaimage import dates, holding, keeping, links
from essaimage.models import (
    Facts,
    FollowUp,
    Origin,
    Party,
    Publication,
    Purpose,
    Replication,
    ReplicationState,
    Side,
)
from essaimage.moving import TEAM
from essaimage.querysets import BEGUN
from innovations.models import Innovation

SIDES = {Side.REPRENEUR: Origin.REPRENEUR, Side.PORTEUR: Origin.PORTEUR}
NOT_BEGUN = "Cette reprise n’a pas commencé : il n’y a pas encore d’effet à constater."
GONE = "Cette reprise n’est plus publiée : il n’y a plus rien à en dire ici."


class CannotReport(Exception):
    """Facts that are not kept; ``message`` is in French, ``field`` says where."""

    def __init__(self, message: str, field: str = "") -> None:
        self.message, self.field = message, field
        super().__init__(message)


@dataclass(frozen=True)
class Said:
    """What is told; ``months`` after the start (0: at the start, None: not known)."""

    effect: str = ""
    effect_text: str = ""
    strength: str = ""
    reasons: Sequence[str] = field(default=())
    cost: str = ""
    cost_text: str = ""
    beyond: str = ""
    stopped_because: str = ""
    learnt: str = ""
    months: int | None = None

    def write_on(self, facts: Facts) -> None:
        """Put this on the row, not saved. Raises ``CannotReport`` when it does not hold."""
        for name, value in vars(self).items():
            clean = value.strip() if isinstance(value, str) else value
            setattr(facts, name, list(value) if name == "reasons" else clean)
        try:
            facts.full_clean()
        except ValidationError as error:
            name, messages = next(iter(error.message_dict.items()))
            raise CannotReport(messages[0], "" if name == "__all__" else name) from error


@transaction.atomic
def by_staff(
    innovation: Innovation, replication: Replication | None, said: Said, author: Any
) -> Facts:
    """Facts that the team tells, published at once. Raises ``CannotReport``."""
    facts = Facts(
        innovation=replication.innovation if replication else innovation,
        replication=replication,
        told_by=Origin.STAFF,
        told_name=TEAM,
        publication=Publication.PUBLISHED,
    )
    _check_months(replication, said.months)
    said.write_on(facts)
    with pghistory.context(user=author.pk, motif="Résultats enregistrés"):
        facts.save()
    return facts


@transaction.atomic
def correct(facts: Facts, said: Said, seen: str, author: Any) -> Facts:
    """Write again what the team told. Raises ``CannotReport``, ``keeping.ChangedMeanwhile``."""
    with pghistory.context(user=author.pk, motif="Résultats corrigés"):
        held = keeping.held(facts, seen, {})
        if not held.is_by_staff:
            raise CannotReport(
                "La parole d’un côté ne se réécrit pas : elle se publie ou s’écarte."
            )
        _check_months(held.replication, said.months)
        said.write_on(held)
        held.save()
    return held


def of_link(token: str) -> FollowUp:
    """The question that a link answers, not used. Raises ``DeadLink``."""
    return _question(links.read(token, Purpose.EVIDENCE))


@transaction.atomic
def answer(token: str, said: Said) -> Facts:
    """Keep what a side says of its replication, to be read by staff.

    Raises ``DeadLink``, ``CannotReport`` (the link still opens).
    """
    asked = _question(links.use(token, Purpose.EVIDENCE), hold=True)
    party = asked.party
    if asked.months is not None:
        # Its beginning may have been annulled since the question left.
        _check_months(party.replication, None)
    holding.sides(pk=party.pk)
    facts = Facts(
        innovation=party.replication.innovation,
        replication=party.replication,
        told_by=SIDES[Side(party.side)],
        told_name=party.name,
        publication=Publication.WAITING,
    )
    said.write_on(facts)
    with pghistory.context(motif="Réponse à une question de suivi", auteur=facts.told_name):
        facts.save()
    asked.answered_at, asked.facts = timezone.now(), facts
    asked.save(update_fields=["answered_at", "facts"])
    links.revoke(Purpose.EVIDENCE, asked.pk)
    Party.objects.filter(pk=party.pk).update(served_at=timezone.now())
    return facts


def months_since(replication: Replication, until: datetime.date) -> int | None:
    """Whole months surely passed between its beginning and a day; None when it is not dated."""
    began = began_by(replication)
    if began is None or began > until:
        return None
    months = (until.year - began.year) * 12 + until.month - began.month
    return months if dates.months_after(began, months) <= until else months - 1


def began_by(replication: Replication) -> datetime.date | None:
    """The last day on which it may have begun, as its journal tells; None when it has no date."""
    begun = replication.steps.filter(annulled_at=None, state=ReplicationState.EN_COURS)
    date = begun.order_by("-pk").values_list("date", flat=True).first()
    return dates.last_day(date or "")


def _question(pk: int, *, hold: bool = False) -> FollowUp:
    rows = FollowUp.objects.with_party()
    rows = rows.select_for_update(of=["self"]) if hold else rows
    asked = rows.filter(pk=pk).exclude(party__email="").first()
    if asked is None:
        raise links.DeadLink(links.UNKNOWN)
    if asked.answered_at is not None:
        raise links.DeadLink(links.USED)
    if not Replication.objects.of_public().filter(pk=asked.party.replication_id).exists():
        raise links.DeadLink(GONE)
    return asked


def _check_months(replication: Replication | None, months: int | None) -> None:
    """Raises ``CannotReport``: nothing is known of what has not begun, or is not come yet."""
    if replication is None:
        return
    steps = replication.steps.filter(annulled_at=None).order_by("pk")
    if replication.state not in BEGUN and not steps.filter(state__in=BEGUN).exists():
        raise CannotReport(NOT_BEGUN)
    date = steps.filter(state=ReplicationState.EN_COURS).values_list("date", flat=True).first()
    began = dates.first_day(date or "")
    if began and months and dates.months_after(began, months) > timezone.localdate():
        raise CannotReport(
            f"Commencée en {dates.shown(date)}, cette reprise n’a pas encore {months} mois.",
            "months",
        )
