"""Finding who answers for a proposed project: staff show it, a partner vouches or declines.

Staff judge form and legality only; that the project is innovative is the partner's word.
"""

import logging
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from innovations.models import Innovation
from partners.editing import take_turn
from partners.models import (
    Offer,
    OfferState,
    Partner,
    Proposal,
    ProposalState,
    RecordType,
    SourceRecord,
)
from partners.notices import people_of
from partners.proposals import sources
from partners.proposals.drafting import ProposalError, try_mail
from partners.proposals.filing import file
from partners.publishing import publish_records

logger = logging.getLogger(__name__)
NOT_WAITING = "Ce projet n’attend plus de répondant."
ANSWERED = "Cette demande a déjà sa réponse."
REWRITTEN = "Le porteur a changé son texte depuis : relisez-le avant d’en décider."


@transaction.atomic
def offer(proposal: Proposal, partners: Iterable[Partner], by: Any) -> list[Offer]:
    """Show a waiting proposal to partners, whose people are told by mail; each once."""
    held = _held(proposal)
    known = set(held.offers.values_list("partner_id", flat=True))
    made = [
        Offer.objects.create(proposal=held, partner=partner, offered_by=by)
        for partner in partners
        if partner.pk not in known
    ]
    for new in made:
        transaction.on_commit(lambda new=new: tell(new.partner, [new]))  # type: ignore[misc]
    return made


@transaction.atomic
def vouch(offer: Offer, by: Any, *, seen: str = "") -> Innovation:
    """The partner answers for the project: its record is published, cited under the partner.

    ``seen``: fingerprint of the record that was read, if that matters. Raises ``ProposalError``
    when the porteur changed it since, when another answered first, or when it waits no more.
    """
    take_turn()
    held = _held(offer.proposal)
    mine = Offer.objects.select_for_update().get(pk=offer.pk)
    record = held.record
    if mine.state != OfferState.WAITING or record is None:
        raise ProposalError(ANSWERED)
    if seen and seen != record.fingerprint:
        raise ProposalError(REWRITTEN)
    record.source = sources.of_partner(mine.partner)
    record.record_type = RecordType.INNOVATION
    record.save(update_fields=["source", "record_type"])
    (innovation,) = publish_records([record])
    now = timezone.now()
    mine.state, mine.answered_at, mine.answered_by = OfferState.VOUCHED, now, by
    mine.save()
    held.offers.filter(state=OfferState.WAITING).update(state=OfferState.CLOSED, answered_at=now)
    held.state, held.decided_at, held.decided_by = ProposalState.VOUCHED, now, by
    held.save()
    transaction.on_commit(
        lambda: try_mail("vouched", held, partner=mine.partner, innovation=innovation)
    )
    return innovation


@transaction.atomic
def decline(offer: Offer, by: Any, reason: str) -> Offer:
    """The partner does not answer for it, and says why; the porteur reads it."""
    held = _held(offer.proposal)
    mine = Offer.objects.select_for_update().select_related("partner").get(pk=offer.pk)
    if mine.state != OfferState.WAITING:
        raise ProposalError(ANSWERED)
    mine.state, mine.reason = OfferState.DECLINED, reason
    mine.answered_at, mine.answered_by = timezone.now(), by
    mine.save()
    transaction.on_commit(lambda: try_mail("declined", held, offer=mine))
    return mine


@transaction.atomic
def refuse(proposal: Proposal, by: Any, reason: str) -> Proposal:
    """Set it aside, for its form or its legality; its porteur may mend it and send it again."""
    held = _held(proposal)
    now = timezone.now()
    held.state, held.answer = ProposalState.REFUSED, reason
    held.decided_at, held.decided_by = now, by
    held.save()
    held.offers.filter(state=OfferState.WAITING).update(state=OfferState.CLOSED, answered_at=now)
    transaction.on_commit(lambda: try_mail("refused", held))
    return held


@transaction.atomic
def publish_corrections(proposal: Proposal, *, seen: str = "") -> SourceRecord:
    """What the porteur changed since it was published is read, and shows.

    ``seen``: the ``mark`` of what was read, if that matters. Raises ``ProposalError`` when it
    changed since, or nothing waits; ``NotFiled``.
    """
    take_turn()
    rows = Proposal.objects.select_for_update(of=["self"])
    held = rows.select_related("record__source__partner").get(pk=proposal.pk)
    if not held.is_corrected or held.state != ProposalState.VOUCHED:
        raise ProposalError("Aucune correction n’attend sur ce projet.")
    if seen and seen != held.mark:
        raise ProposalError(REWRITTEN)
    record = file(held)
    held.is_corrected = False
    held.save()
    transaction.on_commit(lambda: try_mail("published", held))
    return record


def tell(partner: Partner, offers: list[Offer], *, is_reminder: bool = False) -> bool:
    """Write to the partner's people about these offers; whether the mail left."""
    path = reverse("backoffice:partner_offers", args=[partner.slug])
    context = {
        "partner": partner,
        "offers": offers,
        "is_reminder": is_reminder,
        "link": settings.BASE_URL + path,
        "base_url": settings.BASE_URL,
    }
    body = render_to_string("partners/offer_mail.txt", context)
    subject = f"{partner.name} : des projets proposés au Carrefour attendent votre réponse"
    try:
        for person in people_of(partner):
            send_mail(subject, body, settings.DEFAULT_FROM_EMAIL, [person])
    except OSError:
        logger.exception("Courriel de projets proposés à %s non envoyé", partner.slug)
        return False
    return True


def _held(proposal: Proposal) -> Proposal:
    rows = Proposal.objects.select_for_update(of=["self"])
    held = rows.select_related("record__source__partner").filter(pk=proposal.pk).first()
    if held is None or held.state != ProposalState.WAITING:
        raise ProposalError(NOT_WAITING)
    return held
