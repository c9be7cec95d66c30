"""The narrow row that is compared: what one record says, in numbers and three short texts."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit
from zlib import crc32

import numpy as np

from carrefour.text import key
from partners.consolidation.wording import FOLDER, Wording, porteur_words, taken_apart
from partners.digests import normalised_url
from partners.likeness import page_key

# Raise it when what is computed here changes: rows of another version are made again.
VERSION = 1
WORDS, PLACES, POINTS, SKETCH, INITIALS, GIVEN, KINDS = 8, 6, 3, 12, 2, 6, 2
SHINGLE = 3
SKETCHED = 700
NO_YEAR = 0
# Letters below which a name is too short for its spelling to be guessed at.
SPELLABLE = 5
VOWELS, DOUBLED = re.compile("[aeiouyh]"), re.compile(r"(.)\1+")
ALIKE = str.maketrans({"k": "c", "q": "c", "z": "s", "w": "v"})
LOCAL_PREFIXES = ("www.", "m.", "fr.", "fr-fr.", "mobile.", "web.")
PACKED = np.dtype(
    [
        ("words", "u4", WORDS),
        ("core", "u4", WORDS),
        ("kinds", "u4", KINDS),
        ("networks", "u4", KINDS),
        ("numbers", "u4"),
        ("compact", "u4"),
        ("skeleton", "u4"),
        ("start", "u4"),
        ("initials", "u4", INITIALS),
        ("porteur", "u4", GIVEN),
        ("communes", "u4", PLACES),
        ("departements", "u2", PLACES),
        ("points", "f4", (POINTS, 2)),
        ("host", "u8"),
        ("site", "u8"),
        ("page", "u8"),
        ("sketch", "u4", SKETCH),
        ("shingles", "u2"),
        ("year", "i2"),
        ("sites", "u1"),
        ("source", "u4"),
    ]
)


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
    row = np.zeros(1, PACKED)
    _put(row["words"], map(_hash, wording.words))
    _put(row["core"], map(_hash, wording.core))
    _put(row["kinds"], map(_hash, wording.kinds))
    _put(row["networks"], map(_hash, wording.networks))
    _put(row["initials"], map(_hash, wording.initials))
    _put(row["porteur"], map(_hash, porteur))
    row["numbers"] = _hash(" ".join(sorted(wording.numbers))) if wording.numbers else 0
    _put_spellings(row, "".join(wording.core))
    row["source"] = source_id
    row["year"] = _year(values.get("year"))
    _put_places(row, sites)
    _put_addresses(row, str(values.get("website") or ""), url)
    _put_text(row, values)
    return Compared(
        record_id,
        source_id,
        _joined(wording.words),
        _joined(wording.core),
        _joined(porteur),
        row.tobytes(),
    )


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


def _hash(text: str) -> int:
    return crc32(text.encode()) or 1


def _wide(text: str) -> int:
    """Two hashes in one, 0 for nothing."""
    data = text.encode()
    return crc32(data) << 32 | crc32(data, 0x5BD1E995) if text else 0


def _put(cells: np.ndarray, numbers: Iterable[int]) -> None:
    """The distinct numbers, as many as there is room for."""
    kept = [*dict.fromkeys(numbers)][: cells.shape[1]]
    cells[0, : len(kept)] = kept


def _joined(words: Sequence[str]) -> str:
    return " ".join(w.partition(":")[2] or w for w in words)[:120]


def _names(sites: Sequence[Mapping[str, Any]]) -> list[str]:
    return [*dict.fromkeys(str(s["name"]) for s in sites[:PLACES] if s.get("name"))]


def _year(said: Any) -> int:
    return said if isinstance(said, int) and 1800 <= said <= 2100 else NO_YEAR


def _put_spellings(row: np.ndarray, compact: str) -> None:
    """What is left of a name once spaces, then vowels and doubled letters, do not count."""
    if len(compact) < SPELLABLE:
        return
    row["compact"], row["start"] = _hash(compact), _hash(compact[:SPELLABLE])
    skeleton = DOUBLED.sub(r"\1", VOWELS.sub("", compact.translate(ALIKE)))
    row["skeleton"] = _hash(compact[0] + skeleton) if len(skeleton) >= SPELLABLE - 1 else 0


def _put_places(row: np.ndarray, sites: Sequence[Mapping[str, Any]]) -> None:
    coded = [str(s["code"]) for s in sites if s.get("code") and s.get("kind") == "commune"]
    wide = [str(s["code"]) for s in sites if s.get("code") and s.get("kind") == "departement"]
    _put(row["communes"], map(_hash, coded))
    _put(row["departements"], map(_departement, [*coded, *wide]))
    row["sites"] = min(len(sites), 255)
    points = [
        (s["latitude"], s["longitude"])
        for s in sites
        if s.get("latitude") is not None and s.get("longitude") is not None
    ][:POINTS]
    row["points"] = np.nan
    if points:
        row["points"][0, : len(points)] = points


def _departement(code: str) -> int:
    """A number for the département of a commune's or département's code."""
    head = code[:3] if code.startswith("97") else code[:2]
    return (crc32(head.encode()) & 0xFFFF) or 1


def _put_addresses(row: np.ndarray, website: str, url: str) -> None:
    host, page = host_of(website)
    row["host"], row["site"] = _wide(host), _wide(page)
    row["page"] = _wide(page_key(url)) if url else 0


def _put_text(row: np.ndarray, values: Mapping[str, Any]) -> None:
    """A sketch of the text: the least hashes of its runs of words."""
    text = str(values.get("description") or values.get("summary") or "")
    words = key(_without_tags(text[: 2 * SKETCHED])[:SKETCHED]).split()
    runs = {crc32(" ".join(words[i : i + SHINGLE]).encode()) for i in range(len(words) - 2)}
    _put(row["sketch"], sorted(runs))
    row["shingles"] = min(len(runs), 0xFFFF)


def _without_tags(text: str) -> str:
    return " ".join(part.partition(">")[2] if n else part for n, part in enumerate(text.split("<")))
