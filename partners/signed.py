"""Links that we send by e-mail: signed, dated, and told apart by what they open."""

import datetime
from typing import Any

from django.core import signing

INCOMPLETE = "Ce lien n’est pas complet. Recopiez-le tout entier depuis le courriel."


class BadLink(Exception):
    """A link that opens nothing; ``message`` is one French sentence."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


def token(said: Any, salt: str) -> str:
    return signing.dumps(said, salt=salt)


def opened(token: str, salt: str, *, days: int | None = None) -> Any:
    """What a link says. Raises ``BadLink`` when it is forged, cut short or too old."""
    age = datetime.timedelta(days=days) if days else None
    try:
        return signing.loads(token, salt=salt, max_age=age)
    except signing.SignatureExpired as error:
        raise BadLink(
            f"Ce lien a plus de {days} jours : il ne sert plus. Refaites votre demande."
        ) from error
    except signing.BadSignature as error:
        raise BadLink(INCOMPLETE) from error
