"""Reminding whoever makes a porteur wait: the staff, then the partners."""

import datetime
import logging
from collections import defaultdict

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from partners.models import Offer, Partner, Proposal
from partners.proposals import offering

logger = logging.getLogger(__name__)
STAFF_AFTER = datetime.timedelta(days=7)
PARTNER_AFTER = datetime.timedelta(days=14)


def remind() -> tuple[int, int]:
    """(proposals told to the staff, offers told to partners); each again only after as long."""
    now = timezone.now()
    return _remind_staff(now), _remind_partners(now)


def _remind_staff(now: datetime.datetime) -> int:
    limit = now - STAFF_AFTER
    long_ago = Q(reminded_at=None) | Q(reminded_at__lt=limit)
    late = Proposal.objects.to_read().filter(long_ago, sent_at__lt=limit)
    waiting = list(late.select_related("record").defer("record__raw"))
    if not waiting:
        return 0
    path = reverse("backoffice:proposals")
    context = {"proposals": waiting, "link": settings.BASE_URL + path}
    body = render_to_string("partners/proposal_mail_reminder.txt", context)
    subject = f"Projets proposés : {len(waiting)} en attente de l’équipe"
    try:
        send_mail(subject, body, settings.DEFAULT_FROM_EMAIL, [settings.CONTACT_EMAIL])
    except OSError:
        logger.exception("Rappel des projets proposés non envoyé")
        return 0
    Proposal.objects.filter(pk__in=[p.pk for p in waiting]).update(reminded_at=now)
    return len(waiting)


def _remind_partners(now: datetime.datetime) -> int:
    limit = now - PARTNER_AFTER
    long_ago = Q(reminded_at=None) | Q(reminded_at__lt=limit)
    waiting = Offer.objects.waiting().filter(long_ago, offered_at__lt=limit)
    by_partner: dict[Partner, list[Offer]] = defaultdict(list)
    for offer in waiting.select_related("partner", "proposal__record"):
        by_partner[offer.partner].append(offer)
    told = 0
    for partner, offers in by_partner.items():
        if offering.tell(partner, offers, is_reminder=True):
            Offer.objects.filter(pk__in=[o.pk for o in offers]).update(reminded_at=now)
            told += len(offers)
    return told
