"""« C’est mon projet »: asked, confirmed by mail, decided by staff, then joined by an account."""

import datetime
import hashlib
import logging
import secrets
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from carrefour.accounts.models import User
from innovations.models import Innovation, Status
from partners import signed
from partners.models import Claim, ClaimState
from partners.screening.emails import providers

logger = logging.getLogger(__name__)
SALT = "partners.claims"
LINK_DAYS = 7
INVITED = datetime.timedelta(days=14)
KEPT_DAYS = 90
UNCONFIRMED_PER_ADDRESS = 3
SUBJECTS = {
    "confirm": "Confirmez que ce projet est le vôtre",
    "accepted": "Complétez la fiche de votre projet",
    "refused": "Votre demande sur une fiche du Carrefour",
}
ALREADY_DECIDED = "Cette demande est déjà traitée."


class ClaimError(Exception):
    """A step that cannot be taken; ``message`` is for the person who asked for it."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


def is_of_project(email: str, innovation: Innovation) -> bool:
    """Whether the address is at the project's own web site: « nom@projet.fr », www.projet.fr.

    Anybody has an address where the site is only lodged (« projet.free.fr »): it says nothing.
    """
    host = (urlsplit(innovation.website).hostname or "").removeprefix("www.")
    domain = email.rpartition("@")[2].lower()
    if not host or domain in providers():
        return False
    return host == domain or host.endswith(f".{domain}")


@transaction.atomic
def receive(claim: Claim) -> Claim:
    """Keep a claim and send its author the link that confirms it.

    Raises ``ClaimError``, and ``OSError`` when the mail cannot leave (nothing is then kept).
    """
    same = Claim.objects.filter(email__iexact=claim.email)
    if same.filter(state=ClaimState.RECEIVED).count() >= UNCONFIRMED_PER_ADDRESS:
        raise ClaimError(
            "Plusieurs demandes attendent déjà d’être confirmées à cette adresse. "
            "Ouvrez le lien reçu par courriel avant d’en faire une autre."
        )
    claim.state = ClaimState.RECEIVED
    claim.save()
    _mail("confirm", claim, "partners:claim_confirm", signed.token(claim.pk, SALT))
    return claim


def from_token(token: str) -> Claim:
    """The claim that a link confirms. Raises ``BadLink``."""
    pk = signed.opened(token, SALT, days=LINK_DAYS)
    found = Claim.objects.filter(pk=pk, state=ClaimState.RECEIVED)
    if claim := found.select_related("innovation").first():
        return claim
    raise signed.BadLink("Ce lien a déjà servi : votre demande est enregistrée.")


def confirm(claim: Claim) -> bool:
    """Pass it on to staff; False when it was confirmed meanwhile."""
    waiting = Claim.objects.filter(pk=claim.pk, state=ClaimState.RECEIVED)
    return bool(waiting.update(state=ClaimState.WAITING, confirmed_at=timezone.now()))


@transaction.atomic
def accept(claim: Claim, by: Any) -> Claim:
    """Invite the porteur to complete the record. Raises ``ClaimError``, ``OSError`` (as above)."""
    held = _held(claim)
    token = secrets.token_urlsafe(32)
    held.state, held.decided_at, held.decided_by = ClaimState.ACCEPTED, timezone.now(), by
    held.token_digest, held.invited_until = _digest(token), timezone.now() + INVITED
    held.save()
    _mail("accepted", held, "partners:claim_join", token)
    return held


@transaction.atomic
def refuse(claim: Claim, by: Any, answer: str) -> Claim:
    """Say no, with the reason; the address is forgotten once the answer has left."""
    held = _held(claim)
    email = held.email
    held.state, held.decided_at, held.decided_by = ClaimState.REFUSED, timezone.now(), by
    held.answer, held.email, held.proof = answer, "", ""
    held.save()
    transaction.on_commit(lambda: _try_answer(held, email))
    return held


@transaction.atomic
def end(claim: Claim, by: Any) -> Claim:
    """Take the right back: the account stays, and completes this record no more."""
    held = Claim.objects.select_for_update().get(pk=claim.pk)
    held.state, held.decided_at, held.decided_by = ClaimState.ENDED, timezone.now(), by
    held.token_digest, held.email, held.proof = "", "", ""
    held.save()
    return held


def of_invitation(token: str) -> Claim | None:
    """The accepted claim that this link opens, while it serves."""
    found = Claim.objects.select_related("innovation")
    claim = found.filter(token_digest=_digest(token), state=ClaimState.ACCEPTED).first()
    return claim if claim and claim.is_invited else None


def account_of(claim: Claim) -> User | None:
    return User.objects.filter(email__iexact=claim.email).first()


@transaction.atomic
def join(claim: Claim, user: User) -> Claim:
    """Give the account its right over the record. Raises ``ClaimError``."""
    held = Claim.objects.select_for_update().get(pk=claim.pk)
    if not held.is_invited:
        raise ClaimError("Cette invitation a déjà servi, ou n’est plus valable.")
    if held.email.lower() != user.email.lower():
        raise ClaimError("Cette invitation est adressée à une autre personne.")
    held.user, held.token_digest = user, ""
    # The account has the address now, and what was shown to the team has served.
    held.email = held.proof = ""
    held.save()
    return held


@transaction.atomic
def open_account(claim: Claim, password: str) -> User:
    """Make the porteur's account and join it to its project. Raises ``ClaimError``."""
    if account_of(claim) is not None:
        raise ClaimError("Un compte existe déjà à cette adresse : connectez-vous.")
    user = User.objects.create_user(claim.email, password, display_name=claim.name)
    join(claim, user)
    return user


def projects_of(user: Any) -> QuerySet[Innovation]:
    """The public records that the account may complete; a merged one is the one it became."""
    if not user.is_authenticated:
        return Innovation.objects.none()
    own = Claim.objects.held_by(user)
    mine = Innovation.objects.filter(pk__in=own.values("innovation"))
    merged = mine.filter(merged_into__isnull=False).values("merged_into")
    return (mine.filter(merged_into=None) | Innovation.objects.filter(pk__in=merged)).filter(
        status__in=[Status.PUBLISHED, Status.IN_REVIEW, Status.TO_COMPLETE]
    )


def organisation_of(user: Any, innovation: Innovation) -> str:
    """The organisation for which the account completes this record."""
    own = Claim.objects.held_by(user).filter(
        Q(innovation=innovation) | Q(innovation__merged_into=innovation)
    )
    return own.values_list("organisation", flat=True).first() or ""


def purge() -> int:
    """Forget what nobody confirmed or joined in time, and what was refused long ago."""
    now = timezone.now()
    never = Claim.objects.filter(
        state=ClaimState.RECEIVED, created_at__lt=now - datetime.timedelta(days=LINK_DAYS)
    )
    unused = Claim.objects.filter(
        state=ClaimState.ACCEPTED, user=None, invited_until__lt=now - datetime.timedelta(days=30)
    )
    old = Claim.objects.filter(
        state__in=[ClaimState.REFUSED, ClaimState.ENDED],
        decided_at__lt=now - datetime.timedelta(days=KEPT_DAYS),
    )
    return sum(rows.delete()[0] for rows in (never, unused, old))


def _held(claim: Claim) -> Claim:
    rows = Claim.objects.select_for_update(of=["self"]).select_related("innovation")
    held = rows.filter(pk=claim.pk, state=ClaimState.WAITING).first()
    if held is None:
        raise ClaimError(ALREADY_DECIDED)
    return held


def _try_answer(claim: Claim, email: str) -> None:
    try:
        _send("refused", claim, email)
    except OSError:
        logger.exception("Réponse à la demande de porteur n° %s non envoyée", claim.pk)


def _mail(name: str, claim: Claim, view: str, token: str) -> None:
    _send(name, claim, claim.email, settings.BASE_URL + reverse(view, args=[token]))


def _send(name: str, claim: Claim, email: str, link: str = "") -> None:
    """Raises ``OSError`` (``SMTPException`` is one) when the mail cannot leave."""
    context = {"claim": claim, "link": link, "days": LINK_DAYS, "base_url": settings.BASE_URL}
    body = render_to_string(f"partners/claim_mail_{name}.txt", context)
    send_mail(SUBJECTS[name], body, settings.DEFAULT_FROM_EMAIL, [email])


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
