"""Keyed digests: how the suppression list recognises what it no longer knows in clear.

The key is ``settings.SUPPRESSION_KEY``, or ``SECRET_KEY`` when none is given. It must outlive every
rotation of the latter (``SECRET_KEY_FALLBACKS`` keeps old ones readable), or the list forgets all
it holds: see ``suppression.Suppressions.load``, which refuses to go on when that happened.
"""

import hashlib
import hmac
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings

from carrefour.text import key

SALT = b"carrefour.partners.suppression"
PHONE_CHARACTERS = re.compile(r"[\d\s.()/+\-\u2010-\u2015\u00a0\u202f]+")
EMAIL = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+\.[^\s@<>\"']+")
# Overseas prefixes: +262 692… is dialled 0692… from France.
FRENCH_PREFIXES = ("33", "262", "590", "594", "596")
PHONE_LENGTHS = range(8, 16)
TRACKING = re.compile(r"^(utm_|fbclid|gclid|mc_|at_medium|at_campaign)")


class Digester:
    """HMAC-SHA-256 of a text under one key, as 64 hexadecimal digits."""

    def __init__(self, secret: str | bytes) -> None:
        secret = secret.encode() if isinstance(secret, str) else secret
        self._key = hashlib.sha256(SALT + secret).digest()

    def __call__(self, kind: str, text: str) -> str:
        return hmac.digest(self._key, f"{kind}\n{text}".encode(), "sha256").hex()


def digesters() -> list[Digester]:
    """The current key's first, then those of the former secret keys still known."""
    current = getattr(settings, "SUPPRESSION_KEY", "") or settings.SECRET_KEY
    secrets = dict.fromkeys([current, settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS])
    return [Digester(secret) for secret in secrets]


def normalised_url(url: str) -> str:
    """One spelling per page: no scheme, « www. », fragment, tracking or final slash.

    Empty for a home page: an address that stands for a whole site is no one record's; and for
    what is no address at all.
    """
    try:
        parts = urlsplit(url.strip())
        port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    except ValueError:
        return ""
    host = (parts.hostname or "").removeprefix("www.")
    query = "&".join(q for q in parts.query.split("&") if q and not TRACKING.match(q))
    path = parts.path.rstrip("/")
    if not host or not (path or query):
        return ""
    return f"{host}{port}{path}" + (f"?{query}" if query else "")


def title_and_porteur(title: str, porteur: str) -> str:
    """What names a project wherever it is written; empty when too little to name just one."""
    words = key(title).split()
    if not words or (not key(porteur) and len(words) < 3):
        return ""
    return f"{' '.join(words)}\n{key(porteur)}"


def phone_digits(text: str) -> str:
    """The digits of a phone number in its national spelling, or "" when the text is not one.

    « 06 12 34 56 78 », « +33 (0)6.12.34.56.78 » and « 0033612345678 » give « 0612345678 ».
    """
    if not PHONE_CHARACTERS.fullmatch(text.strip()):
        return ""
    return national(re.sub(r"\D", "", text))


def national(digits: str) -> str:
    """Digits of a number, French prefixes brought back to « 0 »; "" when too short or too long."""
    if digits.startswith("00"):
        digits = digits[2:]
    for prefix in FRENCH_PREFIXES:
        rest = digits.removeprefix(prefix)
        if rest != digits and len(rest.lstrip("0")) == 9 and len(rest) <= 10:
            return f"0{rest.lstrip('0')}"
    if len(digits) == 9 and not digits.startswith("0"):
        return f"0{digits}"  # A spreadsheet ate the zero.
    return digits if len(digits) in PHONE_LENGTHS else ""


def window(words: list[str]) -> str:
    """Words in no order: « Jean Dupont » is also « DUPONT Jean »."""
    return " ".join(sorted(words))


def spellings(datum: str) -> Iterator[tuple[str, int, str]]:
    """(kind, number of words, normal form) of each way in which a harvest may meet the datum.

    A phone number counts zero words. Yields nothing for a datum with fewer than three letters
    or digits: it would tear holes everywhere.
    """
    phone = phone_digits(datum)
    if phone:
        yield "telephone", 0, phone
        return
    words = key(datum).split()
    if len("".join(words)) < 3:
        return
    yield "mots", len(words), window(words)
    if EMAIL.fullmatch(datum.strip()):
        name, _, domain = datum.strip().partition("@")
        for at in ("at", "arobase", "chez"):
            hidden = [*key(name).split(), at, *key(domain).split()]
            yield "mots", len(hidden), window(hidden)
