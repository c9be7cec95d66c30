"""Personal data in what is told here: pointed out to staff, refused of people outside the team.

What they write names structures: no one is to be reached or named.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError

from carrefour.personal_patterns import EMAIL, IBAN, NIR, PHONE, STREET
from carrefour.text import key
from innovations.search_log_scrubbing import CIVILITY, names_someone

NAMED = "nom d’une personne"
PATTERNS = (
    ("adresse électronique", EMAIL),
    ("numéro de sécurité sociale", NIR),
    ("numéro de compte bancaire", IBAN),
    ("numéro de téléphone", PHONE),
    ("adresse postale", re.compile(STREET, re.IGNORECASE)),
    (
        NAMED,
        re.compile(r"\b(?:M\.|Mme|Mlle|Monsieur|Madame|Mademoiselle)\s+[A-ZÉÈÀÂÎÔÇ][\w’'\-]+"),
    ),
)
# A text may say where something is: a street reaches someone beside a name only.
REACHING = {
    "adresse électronique": "une adresse électronique",
    "numéro de téléphone": "un numéro de téléphone",
    "numéro de sécurité sociale": "un numéro de sécurité sociale",
    "numéro de compte bancaire": "un numéro de compte",
}
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


def check(text: str) -> None:
    """Raises ``ValidationError`` when the text holds what reaches a person."""
    for kind in _kinds(text):
        if kind in REACHING:
            raise ValidationError(
                "Ce texte sera public, et il contient %(what)s : retirez-le.",
                params={"what": REACHING[kind]},
            )


def check_structure(name: str) -> None:
    """Raises ``ValidationError`` when what should name a structure names or reaches a person."""
    check(name)
    if "adresse postale" in _kinds(name):
        raise ValidationError("Écrivez le nom de la structure, sans son adresse.")
    if CIVILITY.search(key(name)):
        raise ValidationError("Écrivez le nom d’une structure, jamais celui d’une personne.")


def check_unnamed(text: str) -> None:
    """Raises ``ValidationError`` when the text names someone: agents are not to be exposed."""
    if NAMED in _kinds(text):
        raise ValidationError(
            "Ce texte sera public, et il semble nommer une personne : nommez l’autorité ou le "
            "service, jamais l’agent."
        )


def may_name_someone(name: str) -> bool:
    """Whether the name holds a first name and a word beside it. « Espace Simone-Veil » does too:
    who writes it is asked, not refused."""
    return names_someone(key(name))


def _kinds(text: str) -> list[str]:
    return [one.kind for one in noticed({"": text})]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
