"""What a text about a place is made of: segments, postal codes, département numbers, streets."""

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from carrefour.text import one_line
from territories.lookup.words import (
    ARTICLES,
    BELOW,
    CEDEX,
    ON_WATER,
    mended,
    without_cedex,
    words,
)

BOXES = re.compile(r"\b(?:CS|TSA)\s?\d{4,5}\b|\bBP\s?\d{1,5}\b", re.IGNORECASE)
POSTCODE = re.compile(r"(?<![\d.,])(?:F-?)?(\d{5}|\d{2}[ \u00a0]\d{3})(?![\d.,]*\d)")
SEPARATORS = re.compile(r"[;|•·\n\r\t(){}\[\]<>:+&]+|,|\s[-–—]+(?:\s|$)|--+|\s*[/]\s*|\s>\s")
GLUED = re.compile(r"(?<=[^\W\d])(?=\d{2}(?:\d{3})?(?!\w))")
NUMBER_FIRST = re.compile(r"(\d{1,3}|2[ab]) (.+)")
NUMBER_LAST = re.compile(r"(.+?) (?:departement )?(\d{2,3}|2[ab])")
NUMBER_ALONE = re.compile(r"(?:departement |region )?(\d{1,3}|2[ab])")
STREETS = (
    "rue|avenue|ave|av|boulevard|boul|bvd|bd|bld|blvd|place|pl|chemin|chem|che|route|rte|impasse|"
    "imp|allee|allees|quai|square|sq|passage|esplanade|faubourg|fbg|lotissement|residence|hameau|"
    "lieu dit|lieudit|zone|za|zi|zac|zae|batiment|bat|immeuble|ruelle|rond point|sentier|venelle|"
    "traverse|montee|promenade|cours|mail|voie|parvis|villa|cite|rocade|sente|bp|cs|tsa|cedex"
)
STREET = re.compile(
    rf"(?:\d+ ?(?:bis|ter|quater|[a-d])? (?:\d+ )?)?(?:{STREETS})\b.*|.*\b\d+ (?:bis |ter |[a-d] )?"
    rf"(?:{STREETS})\b.*|.*\b(?:rue|avenue|boulevard|impasse|chemin|allee) (?:de|du|des|d|la)\b.*"
)


class Segment(NamedTuple):
    """A part of the text between two separators: its words, and whether it is a street."""

    spelt: str
    street: bool


@dataclass(slots=True)
class Clues:
    """The parts of one text."""

    segments: list[Segment] = field(default_factory=list)
    # For each postal code: its five figures, the words before it and after it.
    postcodes: list[tuple[str, str, str]] = field(default_factory=list)
    departements: set[str] = field(default_factory=set)


def read(text: str, departements: set[str]) -> Clues:
    """Take a text apart; ``departements`` are the codes that a number may stand for."""
    text = BOXES.sub(" ", mended(text).replace("\u2019", "'"))
    text = ON_WATER.sub("sur ", BELOW.sub("sous", text)) if "/" in text else text
    text = GLUED.sub(" ", text)
    clues = Clues()
    for match in POSTCODE.finditer(text):
        code = match.group(1).replace(" ", "").replace("\u00a0", "")
        before, after = text[: match.start()], text[match.end() :]
        clues.postcodes.append((code, before, after))
    text = POSTCODE.sub(" ; ", text)
    for part in SEPARATORS.split(text):
        _add(clues, without_cedex(words(part)), departements)
    return clues


def _add(clues: Clues, spelt: str, departements: set[str]) -> None:
    spelt = spelt.removeprefix("et ").removesuffix(" et")
    if not spelt or CEDEX.fullmatch(spelt):
        return
    if f"{spelt} " in ARTICLES and clues.segments:
        # « Mans (Le) ».
        clues.segments[-1] = Segment(f"{spelt} {clues.segments[-1].spelt}", False)
        return
    if STREET.fullmatch(spelt):
        clues.segments.append(Segment(spelt, True))
        return
    code, rest = _numbered(spelt, departements)
    if code:
        clues.departements.add(code)
    if rest:
        clues.segments.append(Segment(rest, False))


def _numbered(spelt: str, departements: set[str]) -> tuple[str, str]:
    """(département that a number at either end stands for or "", the other words)."""
    for pattern, number, rest in ((NUMBER_ALONE, 1, 0), (NUMBER_FIRST, 1, 2), (NUMBER_LAST, 2, 1)):
        match = pattern.fullmatch(spelt)
        if match and not spelt.isalpha():
            code = match.group(number).upper().zfill(2)
            if code in departements and not _arrondissement(match, rest):
                return code, match.group(rest) if rest else ""
    return "", spelt


def _arrondissement(match: re.Match, rest: int) -> bool:
    # « Paris 11 » is the 11th arrondissement, not the Aude; « Paris 75 » is the département.
    city = bool(rest) and match.group(rest) in {"paris", "lyon", "marseille"}
    return city and match.group(3 - rest) not in {"75", "69", "13"}


def sentence(text: str) -> str:
    """The text on one line, as a reason quotes it."""
    text = one_line(text)
    return text if len(text) <= 60 else f"{text[:59]}…"
