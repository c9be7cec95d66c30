"""A partner's life: contact, the collective's decision, charter, source, live; paused, gone."""

import datetime
import logging
from dataclasses import dataclass
from typing import Any

import pghistory
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils import timezone

from partners.models import Partner, PartnerMove, PartnerStep, RecordsChoice, Source, SourceRecord

log = logging.getLogger(__name__)
Step = PartnerStep
# From each step, those that staff may record. What facts prove (charter, source) comes of itself.
ALLOWED: dict[Step, tuple[Step, ...]] = {
    Step.CONTACT: (Step.ADMITTED, Step.REFUSED),
    Step.REFUSED: (Step.CONTACT,),
    Step.ADMITTED: (Step.CHARTER, Step.LEFT),
    Step.CHARTER: (Step.SOURCE, Step.LEFT),
    Step.SOURCE: (Step.LIVE, Step.LEFT),
    Step.LIVE: (Step.PAUSED, Step.LEFT),
    Step.PAUSED: (Step.LIVE, Step.LEFT),
    Step.LEFT: (Step.CONTACT,),
}
# Whose turn it is.
WAITING_FOR = {
    Step.CONTACT: "le collectif",
    Step.ADMITTED: "le partenaire",
    Step.CHARTER: "l’équipe",
    Step.SOURCE: "l’équipe",
    Step.PAUSED: "l’équipe",
}
DECISIONS = {Step.ADMITTED, Step.REFUSED}
REASONED = {Step.REFUSED, Step.PAUSED}


class CannotMove(ValidationError):
    """The partner cannot go to that step, or not so; one French sentence."""


@dataclass(frozen=True)
class Told:
    """What is said of a move: its date, the collective's decision, a note, what of the records."""

    on: datetime.date | None = None
    reference: str = ""
    note: str = ""
    records: str = ""


def next_steps(partner: Partner) -> tuple[Step, ...]:
    return ALLOWED[Step(partner.step)]


@transaction.atomic
def move(partner: Partner, after: Step, told: Told, *, author: Any) -> PartnerMove:
    """Record that the partner goes to another step, and what follows of it.

    Raises ``CannotMove``; nothing is then changed.
    """
    locked = Partner.objects.select_for_update().get(pk=partner.pk)
    _check(locked, after, told)
    with pghistory.context(user=author.pk if author else None, motif=told.note):
        made = _write(locked, after, told, author)
        if after == Step.LEFT:
            _leave(locked, told)
        elif after == Step.CONTACT:
            locked.is_active = True
            locked.save(update_fields=["is_active"])
        elif after == Step.CHARTER and locked.charter_signed_on is None:
            locked.charter_signed_on = made.happened_on
            locked.save(update_fields=["charter_signed_on"])
        catch_up(locked, author=author)
    partner.refresh_from_db(fields=["step", "is_active", "charter_signed_on"])
    return made


@transaction.atomic
def catch_up(partner: Partner, *, author: Any) -> list[PartnerMove]:
    """Go through the steps that facts have proved: the charter signed, a source, one in service."""
    found = []
    while proved := _proved(partner):
        after, on, note = proved
        found.append(_write(partner, after, Told(on=on, note=note), author))
    return found


def begin(partner: Partner, *, author: Any) -> PartnerMove:
    """The journal of a new partner opens on the contact."""
    made = PartnerMove.objects.create(
        partner=partner, after=partner.step, happened_on=timezone.localdate(), author=author
    )
    catch_up(partner, author=author)
    return made


def _proved(partner: Partner) -> tuple[Step, datetime.date | None, str] | None:
    if partner.step == Step.ADMITTED and partner.charter_signed_on:
        return Step.CHARTER, partner.charter_signed_on, "Charte signée."
    sources = Source.objects.filter(partner=partner)
    if partner.step == Step.CHARTER and sources.exists():
        return Step.SOURCE, None, "Une source est en cours de réglage."
    if partner.step == Step.SOURCE and sources.filter(is_active=True).exists():
        return Step.LIVE, None, "Une source est en service."
    return None


def _check(partner: Partner, after: Step, told: Told) -> None:
    if after not in next_steps(partner):
        now = partner.get_step_display().lower()
        raise CannotMove(f"« {now} » ne mène pas à « {Step(after).label.lower()} ».")
    if told.on and told.on > timezone.localdate():
        raise CannotMove("La date est à venir : une étape s’enregistre une fois franchie.")
    if after in DECISIONS and not told.reference.strip():
        raise CannotMove(
            "Cette décision est celle du collectif : dites lors de quelle réunion, ou sous quelle "
            "référence, il l’a prise."
        )
    if after in REASONED and not told.note.strip():
        raise CannotMove("Dites pourquoi : le partenaire le lira.")
    if after == Step.LEFT and told.records not in RecordsChoice.values:
        raise CannotMove("Dites ce que le partenaire a choisi pour ses fiches.")


def _write(partner: Partner, after: Step, told: Told, author: Any) -> PartnerMove:
    before, partner.step = partner.step, after
    partner.save(update_fields=["step"])
    return PartnerMove.objects.create(
        partner=partner,
        before=before,
        after=after,
        happened_on=told.on or timezone.localdate(),
        reference=told.reference.strip(),
        note=told.note.strip(),
        records_choice=told.records if after == Step.LEFT else "",
        author=author,
    )


def _leave(partner: Partner, told: Told) -> None:
    """Nothing is harvested any more; its records stay or go, as it chose."""
    partner.is_active = False
    partner.save(update_fields=["is_active"])
    Source.objects.filter(partner=partner).update(is_active=False, next_run_at=None)
    if told.records == RecordsChoice.WITHDRAWN:
        transaction.on_commit(lambda: _send_withdrawal(partner))


def to_withdraw() -> QuerySet[Source]:
    """Sources of the partners that left and want their records gone, while some are there."""
    last = PartnerMove.objects.filter(partner=OuterRef("partner")).values("records_choice")[:1]
    present = SourceRecord.objects.present().filter(source=OuterRef("pk"))
    gone = Source.objects.filter(Exists(present), partner__step=Step.LEFT)
    return gone.annotate(choice=Subquery(last)).filter(choice=RecordsChoice.WITHDRAWN)


def _send_withdrawal(partner: Partner) -> None:
    """Without a broker it waits for the next round of ``resume_staff_acts``."""
    from partners.tasks import withdraw_partner

    try:
        withdraw_partner.delay(partner.pk)
    except withdraw_partner.OperationalError:
        log.warning("Le service de tâches est injoignable : le retrait de %s attend.", partner)
