"""The operations that a proposed rule needs: cut cells, join columns, read ticked boxes."""

import re
from collections.abc import Sequence
from typing import Any

from carrefour.text import key
from partners.mapping.profiles import Column

# What separates several values of one cell, the surest first.
SEPARATORS = (";", "|", "\n", " – ", " — ", " • ", " · ", "--", " / ", " - ", ", ", "/", ",")
# Those that belong to words as often: they separate only values that come back.
DOUBTFUL = {" / ", " - ", ", ", "/", ",", "--"}
ALWAYS = [";", "|", "\n", " – "]
LONGEST = 35
# Parts of an address that are given apart, in the order in which they are written.
PARTS = (
    r"^(?:num(?:ero)?|n|no)\b.*\b(?:voie|rue)?$|^(?:house ?)?number$|^numero$",
    r"^(?:type|nature)\b.*\bvoie$",
    r"^(?:nom|libelle|lib)\b.*\b(?:voie|rue)$|^voie$|^rue$|^street(?: name)?$"
    r"|^adresse(?: ligne)? ?1$",
    r"complement|^adresse(?: ligne)? ?[23]$|lieu dit|lieudit|^batiment$",
)


def split_of(columns: Sequence[Column], known: set[str]) -> list[dict[str, Any]]:
    """The ``split`` that the columns' values need; [] when the default one does.

    ``known``: keys of the taxonomy's words, which are never cut.
    """
    strings = [s for c in columns for s in c.raw_strings]
    found = [s for s in SEPARATORS if s not in ALWAYS and _separates(s, strings, known)]
    if not found:
        return []
    return [{"op": "split", "separators": [*ALWAYS, *found]}]


def _separates(separator: str, strings: Sequence[str], known: set[str]) -> bool:
    cut = [s for s in strings if separator in s.strip()]
    if len(cut) < max(1, 0.1 * len(strings)):
        return False
    parts = [p.strip() for s in cut for p in s.split(separator) if p.strip()]
    if not parts or sum(map(len, parts)) / len(parts) > LONGEST:
        return False
    if separator not in DOUBTFUL:
        return True
    whole = {key(s) for s in cut}
    if len(whole & known) > 0.5 * len(whole):
        return False
    recognised = sum(key(p) in known for p in parts) / len(parts)
    # Words that come back in other combinations are values; those of one sentence do not.
    return (
        recognised > 0.4
        or len({key(p) for p in parts}) <= 0.7 * len(parts)
        or (separator == ", " and max(map(len, parts)) <= LONGEST)
    )


def address_parts(columns: Sequence[Column]) -> list[str]:
    """Paths of the columns that make an address together, in the order in which it is written."""
    chosen: list[str] = []
    for pattern in PARTS:
        found = next((c for c in columns if re.search(pattern, c.last_name) and c.filled), None)
        if found is not None and found.path not in chosen and found.addresses < 0.3:
            chosen.append(found.path)
    return chosen if len(chosen) > 1 else []


def boxes(columns: Sequence[Column], words: dict[str, set[str]]) -> list[dict[str, Any]]:
    """Rules for columns that are named by a word of the taxonomy and only say yes or no."""
    rules = []
    for column in columns:
        name = next((n for n in column.names if n in words), "")
        if not column.is_flag or not name:
            continue
        label = column.steps[-1].strip()
        yes = dict.fromkeys(("x", "oui", "1", "1.0", "true", "vrai", "yes", "o"), label)
        target = "publics" if words[name] == {"public"} else "themes"
        rules.append(
            {
                "target": target,
                "path": column.path,
                "transforms": [{"op": "map", "values": yes, "default": ""}],
                "confidence": 0.7,
            }
        )
    return rules
