"""What people and software write when they have nothing to say."""

import string
from typing import Any

from carrefour.text import key

NOTHING = frozenset(
    {
        "", "nr", "na", "n a", "nd", "n d", "n c", "nc", "null", "none", "nil", "nan", "undefined",
        "default", "non renseigne", "non renseignee", "non communique", "non communiquee",
        "non precise", "non precisee", "inconnu", "inconnue", "aucun", "aucune", "vide", "neant",
        "sans objet", "so", "ref", "value", "div 0", "valeur", "a completer", "todo", "tbd", "xxx",
    }
)  # fmt: skip
ZEROS = frozenset({"0", "0 0", "00", "00000", "0000 00 00", "1970 01 01"})
EMPTY = NOTHING | ZEROS
# What none of them begins with: most texts need no closer look.
TELLING = frozenset(
    c for c in string.ascii_letters + string.digits if c.lower() not in {e[:1] for e in EMPTY}
)


def is_empty(value: Any) -> bool:
    """Whether the value says nothing: « NR », « #N/D », 0, an empty list…; False says something."""
    if isinstance(value, str):
        return len(value) <= 24 and value[:1] not in TELLING and key(value) in EMPTY
    if isinstance(value, dict):
        return is_empty(list(value.values()))
    if isinstance(value, list | tuple | set):
        return all(is_empty(v) for v in value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value == 0 or value != value  # noqa: PLR0124 - NaN
    return value is None


def is_no_identifier(value: Any) -> bool:
    """As ``is_empty``, but zero is a number that an identifier may be."""
    return value is None or (isinstance(value, str) and key(value) in NOTHING)
