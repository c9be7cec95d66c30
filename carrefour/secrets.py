"""Secrets kept in the database: sealed with the keys of ``CARREFOUR_SECRETS_KEY``.

The first key seals, all of them open: a new one is put in front, ``reseal_credentials`` writes all
again with it, then the old one goes. Fernet (AES-128-CBC and HMAC-SHA-256) of ``cryptography``.
"""

import base64
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

PURPOSE = b"carrefour.secrets"


class SecretsKeyLost(Exception):
    """What was sealed cannot be opened with the keys given."""


def seal(text: str) -> str:
    return _box().encrypt(text.encode()).decode("ascii")


def unseal(sealed: str) -> str:
    """The text. Raises ``SecretsKeyLost`` when no key opens it, or when it was altered."""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise SecretsKeyLost from error


def resealed(sealed: str) -> str:
    """The same, sealed with the first key. Raises ``SecretsKeyLost``."""
    try:
        return _box().rotate(sealed.encode()).decode("ascii")
    except InvalidToken as error:
        raise SecretsKeyLost from error


def _box() -> MultiFernet:
    # Outside production no key is asked for: the site's own key makes one.
    return _boxed(tuple(settings.SECRETS_KEYS) or (settings.SECRET_KEY,))


@cache
def _boxed(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(key: str) -> bytes:
    """Whatever its shape, 32 bytes that serve for nothing else."""
    made = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(key.encode())
    return base64.urlsafe_b64encode(made)
