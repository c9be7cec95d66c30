"""The narrow row that is compared: what one record says, in numbers and three short texts."""

import math
import re
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit
from zlib import crc32

import numpy as np

from carrefour.text import key
from partners.consolidation.wording import FOLDER, Wording, lexicon, porteur_words, taken_apart
from partners.digests import normalised_url
from partners.likeness import page_key

# Raise it when what is computed here changes: rows of another version are made again.
VERSION = 1
WORDS, PLACES, POINTS, SKETCH, INITIALS, GIVEN, KINDS = 8, 6, 3, 12, 2, 6, 2
SKETCHED = 700
NO_YEAR = 0
# Letters below which a name is too short for its spelling to be guessed at.
SPELLABLE = 5
VOWELS, DOUBLED = re.compile("[aeiouyh]"), re.compile(r"(.)\1+")
ALIKE = str.maketrans({"k": "c", "q": "c", "z": "s", "w": "v"})
LOCAL_PREFIXES = ("www.", "m.", "fr.", "fr-fr.", "mobile.", "web.")
# Name, type, cells; in the order of the bytes.
FIELDS = (
    ("words", "u4", WORDS), ("core", "u4", WORDS), ("kinds", "u4", KINDS),
    ("networks", "u4", KINDS), ("initials", "u4", INITIALS), ("porteur", "u4", GIVEN),
    ("communes", "u4", PLACES), ("departements", "u2", PLACES), ("points", "f4", 2 * POINTS),
    ("sketch", "u4", SKETCH), ("numbers", "u4", 1), ("compact", "u4", 1), ("skeleton", "u4", 1),
    ("host", "u8", 1), ("site", "u8", 1), ("page", "u8", 1),
    ("shingles", "u2", 1), ("year", "i2", 1), ("sites", "u1", 1), ("telling", "u1", 1),
    ("source", "u4", 1),
)  # fmt: skip
PACKED = np.dtype([(n, f"<{t}", c) if c > 1 else (n, f"<{t}") for n, t, c in FIELDS])
LETTERS = {"u1": "B", "u2": "H", "i2": "h", "u4": "I", "u8": "Q", "f4": "f"}
LAYOUT = struct.Struct("<" + "".join(f"{c}{LETTERS[t]}" for _, t, c in FIELDS))
ROOM = {name: cells for name, _, cells in FIELDS}


@dataclass(frozen=True, slots=True)
class Compared:
    """What one record gives to the comparison: ``packed`` is one PACKED row, as bytes."""

    record_id: int
    source_id: int
    title: str
    core: str
    porteur: str
    packed: bytes


def compared(
    record_id: int,
    source_id: int,
    values: Mapping[str, Any],
    sites: Sequence[Mapping[str, Any]],
    url: str = "",
) -> Compared:
    """The compared row of a record's values and sites (as SourceRecord keeps them) and page."""
    wording = taken_apart(str(values.get("title") or ""), _names(sites))
    porteur = porteur_words(str((values.get("porteur") or {}).get("name") or ""))
    host, page = host_of(str(values.get("website") or ""))
    sketch = _sketch(str(values.get("description") or values.get("summary") or ""))
    # The words that the lexicon does not know come first: they are looked up one by one.
    core = sorted(dict.fromkeys(wording.core), key=lambda word: lexicon().share(word) > 0)
    telling = sum(not lexicon().share(word) for word in core)
    packed = LAYOUT.pack(
        *_cells("words", map(_hash, wording.words)),
        *_cells("core", map(_hash, core)),
        *_cells("kinds", map(_hash, wording.kinds)),
        *_cells("networks", map(_hash, wording.networks)),
        *_cells("initials", map(_hash, wording.initials)),
        *_cells("porteur", map(_hash, porteur)),
        *_cells("communes", map(_hash, _codes(sites, "commune"))),
        *_cells("departements", map(_departement, _codes(sites, "commune", "departement"))),
        *_points(sites),
        *_cells("sketch", sketch),
        _hash(" ".join(sorted(wording.numbers))) if wording.numbers else 0,
        *_spellings("".join(wording.core)),
        _wide(host),
        _wide(page),
        _wide(page_key(url)) if url else 0,
        min(len(sketch), 0xFFFF),
        _year(values.get("year")),
        min(len(sites), 0xFF),
        min(telling, WORDS),
        source_id,
    )
    title, name, body = (_joined(words) for words in (wording.words, wording.core, porteur))
    return Compared(record_id, source_id, title, name, body, packed)


def wording_of(values: Mapping[str, Any], sites: Sequence[Mapping[str, Any]]) -> Wording:
    """The title taken apart, for the explanation of a pair."""
    return taken_apart(str(values.get("title") or ""), _names(sites))


def host_of(website: str) -> tuple[str, str]:
    """(Host, address in it) of a web site, "" for what is no address; a host that anyone may have
    a page on counts as none."""
    try:
        host = (urlsplit(website.strip()).hostname or "").lower()
    except ValueError:
        return "", ""
    for prefix in LOCAL_PREFIXES:
        host = host.removeprefix(prefix)
    return ("" if host in shared_hosts() else host), normalised_url(website).lower()


@cache
def shared_hosts() -> frozenset[str]:
    lines = (FOLDER / "hosts.txt").read_text("utf-8").splitlines()
    return frozenset(line.strip() for line in lines if line and not line.startswith("#"))


def network_of(number: int) -> str:
    """The code of the network that a cell of ``networks`` tells, "" for none that is known."""
    return _networks().get(number, "")


@cache
def _networks() -> dict[int, str]:
    return {_hash(code): code for code in lexicon().networks}


def _hash(text: str) -> int:
    return crc32(text.encode()) or 1


def _wide(text: str) -> int:
    """Two hashes in one, 0 for nothing."""
    data = text.encode()
    return crc32(data) << 32 | crc32(data, 0x5BD1E995) if text else 0


def _cells(name: str, numbers: Iterable[int]) -> list[int]:
    """The distinct numbers, as many as there is room for, then zeros."""
    room = ROOM[name]
    kept = [*dict.fromkeys(numbers)][:room]
    return kept + [0] * (room - len(kept))


def _joined(words: Sequence[str]) -> str:
    return " ".join(w.partition(":")[2] or w for w in words)[:120]


def _names(sites: Sequence[Mapping[str, Any]]) -> list[str]:
    return [*dict.fromkeys(str(s["name"]) for s in sites[:PLACES] if s.get("name"))]


def _year(said: Any) -> int:
    return said if isinstance(said, int) and 1800 <= said <= 2100 else NO_YEAR


def _spellings(compact: str) -> tuple[int, int]:
    """A name without its spaces; without vowels and doubled letters either."""
    if len(compact) < SPELLABLE:
        return 0, 0
    skeleton = DOUBLED.sub(r"\1", VOWELS.sub("", compact.translate(ALIKE)))
    told = len(skeleton) >= SPELLABLE - 1
    return _hash(compact), _hash(compact[0] + skeleton) if told else 0


def _codes(sites: Sequence[Mapping[str, Any]], *kinds: str) -> list[str]:
    return [str(s["code"]) for kind in kinds for s in sites if s.get("kind") == kind and s["code"]]


def _points(sites: Sequence[Mapping[str, Any]]) -> list[float]:
    points = [
        float(s[name])
        for s in sites
        if s.get("latitude") is not None and s.get("longitude") is not None
        for name in ("latitude", "longitude")
    ][: ROOM["points"]]
    return points + [math.nan] * (ROOM["points"] - len(points))


def _departement(code: str) -> int:
    """A number for the département of a commune's or département's code."""
    head = code[:3] if code.startswith("97") else code[:2]
    return (crc32(head.encode()) & 0xFFFF) or 1


def _sketch(text: str) -> list[int]:
    """The hashes of the text's runs of words, the least first."""
    words = key(_without_tags(text[: 2 * SKETCHED])[:SKETCHED]).split()
    runs = zip(words, words[1:], words[2:], strict=False)
    return sorted({crc32(f"{a} {b} {c}".encode()) or 1 for a, b, c in runs})


def _without_tags(text: str) -> str:
    return " ".join(part.partition(">")[2] if n else part for n, part in enumerate(text.split("<")))
