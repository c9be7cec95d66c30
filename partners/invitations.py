"""Inviting people to act for a partner: a link by e-mail, valid seven days, used once."""

import datetime
import hashlib
import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from carrefour.accounts.models import User
from carrefour.accounts.roles import Role
from partners.models import Invitation, Membership, Partner

LASTS = datetime.timedelta(days=7)
# More would be someone else's game.
MOST_OPEN = 20


class NotInvited(ValueError):
    """An invitation that cannot be made or used; ``message`` is one French sentence."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


@transaction.atomic
def invite(partner: Partner, email: str, user: Any) -> Invitation:
    """Send a link to ``email``; one sent before to the same person no longer serves.

    Raises ``NotInvited`` for someone who acts for the partner already or too many open
    invitations, ``ValidationError`` for what is no address, ``OSError`` when the mail cannot leave
    (nothing is then kept).
    """
    email = email.strip()
    validate_email(email)
    # Two clicks at once make one invitation.
    Partner.objects.select_for_update().get(pk=partner.pk)
    if partner.memberships.filter(user__email__iexact=email).exists():
        raise NotInvited("Cette personne est déjà rattachée à ce partenaire.")
    partner.invitations.filter(email__iexact=email, accepted_at__isnull=True).delete()
    if waiting(partner).count() >= MOST_OPEN:
        raise NotInvited("Trop d’invitations attendent déjà : annulez-en une d’abord.")
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        partner=partner,
        email=email,
        token_digest=_digest(token),
        expires_at=timezone.now() + LASTS,
        created_by=user,
    )
    _mail(invitation, token)
    return invitation


def waiting(partner: Partner) -> QuerySet[Invitation]:
    """Invitations sent and not accepted, those out of date included."""
    return partner.invitations.filter(accepted_at__isnull=True)


def of_token(token: str) -> Invitation | None:
    """The invitation that this link opens, while it serves."""
    found = Invitation.objects.select_related("partner", "created_by")
    return found.filter(
        token_digest=_digest(token),
        accepted_at__isnull=True,
        expires_at__gt=timezone.now(),
        partner__is_active=True,
    ).first()


def account_of(invitation: Invitation) -> User | None:
    """The account that the invited person already has."""
    return User.objects.filter(email__iexact=invitation.email).first()


@transaction.atomic
def accept(invitation: Invitation, user: User) -> Membership:
    """Let ``user`` act for the partner, once.

    Raises ``NotInvited`` when the link has served meanwhile, or is another person's.
    """
    kept = Invitation.objects.select_for_update().filter(pk=invitation.pk).first()
    if kept is None or kept.accepted_at or kept.expires_at <= timezone.now():
        raise NotInvited("Cette invitation a déjà servi, ou n’est plus valable.")
    if kept.email.lower() != user.email.lower():
        raise NotInvited("Cette invitation est adressée à une autre personne.")
    kept.accepted_at = timezone.now()
    kept.save(update_fields=["accepted_at"])
    group, _ = Group.objects.get_or_create(name=Role.PARTNER.value)
    user.groups.add(group)
    return Membership.objects.get_or_create(user=user, partner=kept.partner)[0]


@transaction.atomic
def join(invitation: Invitation, display_name: str, password: str) -> User:
    """Make the invited person's account and let it act for the partner. Raises ``NotInvited``."""
    if account_of(invitation) is not None:
        raise NotInvited("Un compte existe déjà à cette adresse : connectez-vous.")
    user = User.objects.create_user(invitation.email, password, display_name=display_name)
    accept(invitation, user)
    return user


@transaction.atomic
def remove(membership: Membership) -> None:
    """The person no longer acts for the partner; the role goes with the last partner."""
    user = membership.user
    membership.delete()
    if not user.memberships.exists():
        user.groups.remove(*Group.objects.filter(name=Role.PARTNER.value))


def _mail(invitation: Invitation, token: str) -> None:
    address = reverse("backoffice:invitation", kwargs={"token": token})
    context = {"invitation": invitation, "link": settings.BASE_URL + address}
    EmailMessage(
        subject=f"Invitation à suivre les fiches de {invitation.partner.name} au Carrefour",
        body=render_to_string("accounts/invitation_mail.txt", context),
        to=[invitation.email],
    ).send()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
