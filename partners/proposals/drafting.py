"""What a porteur does with its proposal: begins, confirms its address, sends, corrects, withdraws.

Everything goes by one signed link: no account, no password.
"""

import datetime
import logging
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from partners import signed
from partners.editing import take_turn
from partners.erasure import Target, erase
from partners.models import (
    Offer,
    OfferState,
    Proposal,
    ProposalState,
    RecordState,
    SourceRecord,
)
from partners.proposals.filing import file
from partners.publishing import republish
from partners.suppression import keep_objections_waiting

logger = logging.getLogger(__name__)
SALT = "partners.proposals"
DRAFT_DAYS = 60
REFUSED_DAYS = 90
ADDRESS_DAYS = 90
DRAFTS_PER_ADDRESS = 5
SUBJECTS = {
    "begun": "Votre projet proposé au Carrefour : le lien pour y revenir",
    "sent": "Votre projet est bien arrivé au Carrefour",
    "vouched": "Une plateforme répond de votre projet",
    "declined": "Une plateforme a répondu pour votre projet",
    "refused": "Votre projet proposé au Carrefour",
    "published": "Vos corrections sont publiées",
}


class ProposalError(Exception):
    """A step that cannot be taken; ``message`` is for the person who asked for it."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


def link_token(proposal: Proposal, *, is_mailed: bool = False) -> str:
    """What opens the proposal; ``is_mailed``: only the owner of the mailbox can have it."""
    return signed.token({"pk": proposal.pk, "courriel": is_mailed}, SALT)


def of_token(token: str) -> tuple[Proposal, bool]:
    """The proposal that a link opens, and whether the link came by mail. Raises ``BadLink``."""
    said = signed.opened(token, SALT)
    found = Proposal.objects.select_related("record__source__partner", "record__innovation")
    proposal = found.filter(pk=said["pk"]).first()
    if proposal is None:
        raise signed.BadLink("Ce projet n’est plus proposé : il a été retiré ou effacé.")
    return proposal, bool(said["courriel"])


@transaction.atomic
def begin(email: str) -> Proposal:
    """A new draft, whose link is sent by mail.

    Raises ``ProposalError``, and ``OSError`` when the mail cannot leave (nothing is then kept).
    """
    drafts = Proposal.objects.filter(email__iexact=email, email_confirmed_at=None)
    if drafts.count() >= DRAFTS_PER_ADDRESS:
        raise ProposalError(
            "Plusieurs propositions attendent déjà à cette adresse. Ouvrez le lien reçu par "
            "courriel pour reprendre l’une d’elles."
        )
    proposal = Proposal.objects.create(email=email)
    mail("begun", proposal)
    return proposal


def keep(proposal: Proposal, answers: dict[str, Any]) -> None:
    """Save what a step of the form says, over what it said before.

    Corrections of a published project that are being written again are not to be read until they
    are sent again.
    """
    with transaction.atomic():
        held = Proposal.objects.select_for_update().get(pk=proposal.pk)
        kept = held.answers | answers
        wanted = {name: value for name, value in kept.items() if value not in ("", [], None)}
        if wanted != held.answers:
            held.answers, held.is_corrected = wanted, False
            held.save()
    proposal.answers, proposal.is_corrected = held.answers, held.is_corrected


@transaction.atomic
def confirm_address(proposal: Proposal) -> bool:
    """The mailbox is theirs; what only waited for that is sent. Whether it was. Raises
    ``NotFiled``."""
    keep_objections_waiting()
    held = _held(proposal)
    if held.email_confirmed_at is None:
        held.email_confirmed_at = timezone.now()
        held.save()
    return held.wants_sending and _send(held)


@transaction.atomic
def send(proposal: Proposal) -> bool:
    """Send it, or its corrections; False when the address must be confirmed first.

    Raises ``NotFiled``. A published proposal changes only once someone has read the corrections.
    """
    keep_objections_waiting()
    held = _held(proposal)
    if held.state == ProposalState.VOUCHED:
        held.is_corrected = True
        held.save()
        return True
    if held.email_confirmed_at is None:
        held.wants_sending = True
        held.save()
        return False
    return _send(held)


def _send(held: Proposal) -> bool:
    is_new = held.state in {ProposalState.DRAFT, ProposalState.REFUSED}
    held.record = file(held)
    held.wants_sending = False
    if is_new:
        held.state, held.sent_at = ProposalState.WAITING, timezone.now()
        held.decided_at, held.decided_by, held.answer = None, None, ""
        held.reminded_at = None
    held.save()
    if is_new:
        transaction.on_commit(lambda: try_mail("sent", held))
    return True


@transaction.atomic
def withdraw(proposal: Proposal) -> None:
    """The porteur takes its project back: erased if it was never public, gone from the site else.

    What was public keeps its address, which says that it is gone; full erasure is the right to
    object's.
    """
    take_turn()
    held = _held(proposal)
    record = held.record
    if record is None:
        held.delete()
    elif record.innovation_id is None:
        erase(Target(records=[record]))
    else:
        SourceRecord.objects.filter(pk=record.pk).update(
            state=RecordState.WITHDRAWN, missing_since=timezone.now()
        )
        republish([record.innovation_id])
        held.delete()


def purge() -> int:
    """Forget old drafts, what was set aside long ago, and the addresses that no longer serve."""
    now = timezone.now()

    def before(days: int) -> datetime.datetime:
        return now - datetime.timedelta(days=days)

    drafts = Proposal.objects.filter(
        state=ProposalState.DRAFT, record=None, updated_at__lt=before(DRAFT_DAYS)
    )
    count = drafts.delete()[0]
    refused = Proposal.objects.filter(
        state=ProposalState.REFUSED, decided_at__lt=before(REFUSED_DAYS)
    )
    for proposal in refused:
        count += _forget(proposal)
    served = Proposal.objects.filter(
        state=ProposalState.VOUCHED, decided_at__lt=before(ADDRESS_DAYS)
    )
    return count + served.exclude(email="").update(email="")


@transaction.atomic
def _forget(proposal: Proposal) -> bool:
    """Withdraw what was set aside, unless its porteur just sent it again."""
    take_turn()
    waits = Proposal.objects.select_for_update().filter(pk=proposal.pk)
    held = waits.filter(state=ProposalState.REFUSED).first()
    if held is not None:
        withdraw(held)
    return held is not None


def asked_of(proposal: Proposal) -> list[Offer]:
    """The partners asked, for the porteur: those who declined, with their reason."""
    return list(proposal.offers.select_related("partner").exclude(state=OfferState.CLOSED))


def try_mail(name: str, proposal: Proposal, **context: Any) -> None:
    """A decision stands even when its mail cannot leave: the journal says so."""
    try:
        mail(name, proposal, **context)
    except OSError:
        logger.exception("Courriel « %s » du projet proposé n° %s non envoyé", name, proposal.pk)


def mail(name: str, proposal: Proposal, **context: Any) -> None:
    """Raises ``OSError`` (``SMTPException`` is one) when the mail cannot leave."""
    if not proposal.email:
        return
    token = link_token(proposal, is_mailed=True)
    link = settings.BASE_URL + reverse("partners:proposal", args=[token])
    context |= {"proposal": proposal, "link": link, "days": DRAFT_DAYS}
    context |= {"base_url": settings.BASE_URL}
    body = render_to_string(f"partners/proposal_mail_{name}.txt", context)
    send_mail(SUBJECTS[name], body, settings.DEFAULT_FROM_EMAIL, [proposal.email])


def _held(proposal: Proposal) -> Proposal:
    rows = Proposal.objects.select_for_update(of=["self"])
    held = rows.select_related("record__source__partner").filter(pk=proposal.pk).first()
    if held is None:
        raise ProposalError("Ce projet n’est plus proposé.")
    return held
