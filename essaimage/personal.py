"""Personal data that the texts of a replication seem to hold: told to staff, never decided here."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from carrefour.personal_patterns import EMAIL, IBAN, NIR, PHONE, STREET

PATTERNS = (
    ("adresse électronique", EMAIL),
    ("numéro de sécurité sociale", NIR),
    ("numéro de compte bancaire", IBAN),
    ("numéro de téléphone", PHONE),
    ("adresse postale", re.compile(STREET, re.IGNORECASE)),
    (
        "nom d’une personne",
        re.compile(r"\b(?:M\.|Mme|Mlle|Monsieur|Madame|Mademoiselle)\s+[A-ZÉÈÀÂÎÔÇ][\w’'\-]+"),
    ),
)
SHOWN = 60


class Noticed(NamedTuple):
    """``field``: the name of what holds it; ``excerpt``: as it is written, for whoever decides."""

    field: str
    kind: str
    excerpt: str


def noticed(values: Mapping[str, Any]) -> list[Noticed]:
    """What looks like someone's own data in these texts, and in the texts inside them."""
    return [
        Noticed(field, kind, match.group()[:SHOWN])
        for field, value in values.items()
        for text in _texts(value)
        for kind, pattern in PATTERNS
        for match in pattern.finditer(text)
    ]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
