"""Opening an account to an accompagnateur: no role, no right but its own list of replications.

The person chooses a password by the link of a mail, the one by which a lost password is renewed.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from carrefour.accounts.models import User

SUBJECT = "Votre compte pour suivre des reprises"
KNOWN = (
    "Un compte existe déjà à cette adresse : la personne se connecte et ouvre « Mes reprises "
    "suivies »."
)


class CannotInvite(Exception):
    """No account is made; ``message`` is in French."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


@transaction.atomic
def invite(email: str, name: str, by: Any) -> User:
    """The new account, once the mail has left.

    Raises ``CannotInvite``, and ``OSError`` when the mail cannot leave (no account is then made).
    """
    if User.objects.filter(email__iexact=email).exists():
        raise CannotInvite(KNOWN)
    try:
        with transaction.atomic():
            user = User.objects.create_user(email, display_name=name)
    except IntegrityError as error:
        raise CannotInvite(KNOWN) from error
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    token = default_token_generator.make_token(user)
    chosen = reverse("accounts:password_reset_confirm", args=[uid, token])
    context = {
        "user": user,
        "by": by,
        "link": settings.BASE_URL + chosen,
        "list_link": settings.BASE_URL + reverse("essaimage:watched"),
        "base_url": settings.BASE_URL,
    }
    body = render_to_string("essaimage/mail_invited.txt", context)
    send_mail(SUBJECT, body, settings.DEFAULT_FROM_EMAIL, [user.email])
    return user
