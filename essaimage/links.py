"""Links sent by e-mail, or handed on the page that follows: each opens one thing, once, for a time.

Only the digest of a link is kept. Reading the page does not use it (mail scanners open links): what
is posted there does.
"""

import datetime
import hashlib
import secrets

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from essaimage.models import Link, Purpose

MAILED = datetime.timedelta(days=14)
# One that follows on from the last on the screen, for who goes on at once.
HANDED = datetime.timedelta(hours=2)
KEPT_DAYS = 30
UNKNOWN = "Ce lien n’ouvre rien : recopiez-le tout entier depuis le courriel."
USED = "Ce lien a déjà servi. Demandez-en un autre depuis la page de la reprise."
EXPIRED = "Ce lien n’est plus valable. Demandez-en un autre depuis la page de la reprise."


class DeadLink(Exception):
    """A link that opens nothing; ``message`` is one French sentence."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


def make(purpose: Purpose, subject: int, *, lasts: datetime.timedelta = MAILED) -> str:
    """The token of a new link."""
    token = secrets.token_urlsafe(32)
    Link.objects.create(
        digest=digest(token),
        purpose=purpose,
        subject=subject,
        expires_at=timezone.now() + lasts,
    )
    return token


def address(view: str, token: str) -> str:
    return settings.BASE_URL + reverse(f"essaimage:{view}", args=[token])


def read(token: str, purpose: Purpose) -> int:
    """What the link opens, without using it. Raises ``DeadLink``."""
    found = Link.objects.filter(digest=digest(token), purpose=purpose).first()
    if found is None:
        raise DeadLink(UNKNOWN)
    if found.used_at is not None:
        raise DeadLink(USED)
    if found.expires_at <= timezone.now():
        raise DeadLink(EXPIRED)
    return found.subject


def use(token: str, purpose: Purpose) -> int:
    """What the link opens, used up: of two who post at once, one is refused. Raises ``DeadLink``.

    To be called in the transaction of what it allows, so that a refusal gives the link back.
    """
    subject = read(token, purpose)
    unused = Link.objects.filter(digest=digest(token), used_at=None, expires_at__gt=timezone.now())
    if not unused.update(used_at=timezone.now()):
        raise DeadLink(USED)
    return subject


def revoke(purpose: Purpose, subject: int) -> int:
    """Close what still waits for this subject."""
    waiting = Link.objects.filter(purpose=purpose, subject=subject, used_at=None)
    return waiting.update(used_at=timezone.now())


def purge() -> int:
    """Forget the links that ended a while ago."""
    limit = timezone.now() - datetime.timedelta(days=KEPT_DAYS)
    return Link.objects.filter(expires_at__lt=limit).delete()[0]


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
