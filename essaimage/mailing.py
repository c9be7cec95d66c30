"""The mails that the essaimage sends to the sides of a replication."""

from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string

from essaimage import links
from essaimage.models import Party

SUBJECTS = {
    "declare": "Confirmez la reprise que vous déclarez",
    "verdict": "Confirmez ou contestez une reprise",
    "follow": "Tenir une reprise à jour",
    "news": "Où en est cette reprise ?",
    "set_aside": "Ce que vous avez écrit n’est pas publié",
    "published": "La reprise déclarée est publiée",
    "text_aside": "Ce que vous avez écrit n’est pas montré",
}


def send(name: str, party: Party, view: str, token: str, **said: Any) -> None:
    """Mail a link to one side. Raises ``OSError`` (``SMTPException`` is one) when it cannot leave.

    ``party`` comes with its replication and the innovation.
    """
    tell(name, party, link=links.address(view, token), days=links.MAILED.days, **said)


def tell(name: str, party: Party, **said: Any) -> None:
    """Mail one side what is to know; ``party`` and errors as for ``send``."""
    replication = party.replication
    context = {
        "party": party,
        "replication": replication,
        "innovation": replication.shown_innovation,
        "base_url": settings.BASE_URL,
    } | said
    body = render_to_string(f"essaimage/mail_{name}.txt", context)
    send_mail(SUBJECTS[name], body, settings.DEFAULT_FROM_EMAIL, [party.email])
