"""What people outside the team write here names structures: no one is to be reached or named."""

import re

from django.core.exceptions import ValidationError

from carrefour.personal_patterns import EMAIL, IBAN, NIR, PHONE, STREET
from carrefour.text import key
from innovations.search_log_scrubbing import CIVILITY, names_someone

REACHING = (
    (EMAIL, "une adresse électronique"),
    (PHONE, "un numéro de téléphone"),
    (NIR, "un numéro de sécurité sociale"),
    (IBAN, "un numéro de compte"),
)
HOME = re.compile(STREET, re.IGNORECASE)


def check(text: str) -> None:
    """Raises ``ValidationError`` when the text holds what reaches a person."""
    for pattern, what in REACHING:
        if pattern.search(text):
            raise ValidationError(
                "Ce texte sera public, et il contient %(what)s : retirez-le.",
                params={"what": what},
            )


def check_structure(name: str) -> None:
    """Raises ``ValidationError`` when what should name a structure names or reaches a person."""
    check(name)
    if HOME.search(name):
        raise ValidationError("Écrivez le nom de la structure, sans son adresse.")
    if CIVILITY.search(key(name)):
        raise ValidationError("Écrivez le nom d’une structure, jamais celui d’une personne.")


def may_name_someone(name: str) -> bool:
    """Whether the name holds a first name and a word beside it. « Espace Simone-Veil » does too:
    who writes it is asked, not refused."""
    return names_someone(key(name))
