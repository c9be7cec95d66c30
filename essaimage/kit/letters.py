"""The characters that the fonts of the kit can print; PDF/UA and PDF/A refuse all others."""

import unicodedata
from functools import cache
from pathlib import Path

import regex
from fontTools.ttLib import TTFont

FONTS = Path(__file__).parent / "fonts"
# By family, in the order of kit.typ: only what all its styles hold is sure to be printed.
FAMILIES = (
    (
        "SourceSans3-Regular.ttf",
        "SourceSans3-It.ttf",
        "SourceSans3-Semibold.ttf",
        "SourceSans3-Bold.ttf",
    ),
    ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"),
)
# What stands for a character that no font has.
UNKNOWN = "\u25a1"
CLUSTER = regex.compile(r"\X")
# Marks without a shape of their own (joiners, variation selectors, bidirectional controls…).
IGNORED = regex.compile(r"[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cs}\p{Cn}\p{Co}]")
CONTROL = regex.compile(r"[\p{Cc}--[\n]]", flags=regex.V1)
SPACE = regex.compile(r"[\u2028\u2029\x85\t]")


@cache
def printed() -> tuple[frozenset[int], ...]:
    """The code points of each family."""
    return tuple(frozenset.intersection(*map(_held, family)) for family in FAMILIES)


def _held(name: str) -> frozenset[int]:
    with TTFont(FONTS / name, lazy=True) as font:
        return frozenset(font.getBestCmap())


def printable(text: str) -> str:
    """The text with what can be printed only; « □ » stands for each character that cannot.

    A letter whose accent no font has keeps its letter. A text of common letters comes out at once.
    """
    if text.isascii() and text.isprintable():
        return text
    text = unicodedata.normalize("NFC", SPACE.sub(" ", text))
    text = CONTROL.sub("", text)
    return "".join(_cluster(found) for found in CLUSTER.findall(text))


def _cluster(cluster: str) -> str:
    kept = IGNORED.sub("", cluster)
    if cluster == "\n" or not kept:
        return cluster if cluster == "\n" else (UNKNOWN if _is_shown(cluster) else "")
    base = kept[0]
    # A mark that no letter carries says nothing, and hundreds of them hold Typst for a minute.
    if unicodedata.category(base)[0] == "M":
        return ""
    if unicodedata.category(base) == "Zs":
        return base if any(ord(base) in font for font in printed()) else " "
    codes = {ord(c) for c in kept}
    if any(codes <= font for font in printed()):
        return kept
    # One font alone draws a letter and its marks.
    return base if any(ord(base) in font for font in printed()) else UNKNOWN


def _is_shown(cluster: str) -> bool:
    """Whether it stands for a sign that a reader would see, of a private or unassigned code."""
    return any(unicodedata.category(c) in {"Co", "Cn"} for c in cluster)
