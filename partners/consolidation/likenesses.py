"""What two records have in common, field by field, for many pairs at once."""

from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz, process

from partners.consolidation.features import POINTS
from partners.consolidation.tables import Table, Weighed

EARTH = 6371.0
WORKERS = 2
# Names above this ratio differ by their spelling only.
ALIKE = 0.88
# The rarest word in common, from 0 (in every title) to 1: « fabrique » and rarer, as long as they
# stay so. Nearer than this, in km, two records are at one place.
RARE, NEAR = 0.55, 0.3


@dataclass(frozen=True)
class Likenesses:
    """One number per pair in each array; NaN where one of both records says nothing.

    ``name`` and ``title``: ratio of the words that tell which one, of all words; ``shared``,
    ``least`` and ``rarest``: rarity of the words in common, of all those of the record that has
    the fewest, of the rarest in common; ``contained``: share of the shorter title that is in the
    other; ``bare``: one title only says its place; ``number``, ``host``: 1 the same, -1 different,
    0 unknown; ``kind``: the same, and -0.25 when one only has any, -0.5 when some only are common;
    ``own``: 0 to 1, how far the common host is theirs alone; ``commune``, ``departement``: 1 in
    common, 0 not, NaN unknown; ``distance`` in km; ``reach``: places of the one that has the most.
    """

    name: np.ndarray
    title: np.ndarray
    shared: np.ndarray
    least: np.ndarray
    rarest: np.ndarray
    contained: np.ndarray
    bare: np.ndarray
    kind: np.ndarray
    network: np.ndarray
    number: np.ndarray
    initials: np.ndarray
    commune: np.ndarray
    departement: np.ndarray
    distance: np.ndarray
    reach: np.ndarray
    host: np.ndarray
    own: np.ndarray
    page: np.ndarray
    porteur: np.ndarray
    text: np.ndarray
    years: np.ndarray
    source: np.ndarray


def promising(weighed: Weighed, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Which pairs may have more in common than a kind of body (see ``scoring.specific``): told by
    numbers only, before any text is compared."""
    found = _likely_named(weighed, first, second)
    left = np.flatnonzero(~found)
    one, other = weighed.table.packed[first[left]], weighed.table.packed[second[left]]
    more = _called(one, other) | _pages(one, other) | _same(one["host"], other["host"])
    more |= _same(one["communes"][:, 0], other["communes"][:, 0])
    more |= _same(one["networks"][:, 0], other["networks"][:, 0])
    more |= _same(one["sketch"][:, 0], other["sketch"][:, 0])
    more |= (one["porteur"][:, 0] > 0) & (one["porteur"] == other["porteur"]).all(1)
    found[left] = more
    return found


def _likely_named(weighed: Weighed, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """A rare word in common, or rare names that may be spelt alike."""
    cells = weighed.table.packed
    rare, rarer = weighed.core[first], weighed.core[second]
    words = np.where(rare >= RARE, cells["core"][first], 0)
    found: np.ndarray = np.any(_common(words, cells["core"][second]), axis=1)
    spelt = np.zeros(len(first), bool)
    for name in ("compact", "skeleton"):
        spelt |= _same(cells[name][first], cells[name][second])
    found |= spelt & (rare.max(1) >= RARE) & (rarer.max(1) >= RARE)
    return found


def likenesses(weighed: Weighed, first: np.ndarray, second: np.ndarray) -> Likenesses:
    """Compare the pairs of positions ``first[k]``, ``second[k]``."""
    one, other = weighed.table.packed[first], weighed.table.packed[second]
    name, title = _names(weighed.table, first, second)
    shared, least, rarest = _rarities(weighed, first, second, name)
    communes = _told(one["communes"][:, 0], other["communes"][:, 0])
    departements = _told(one["departements"][:, 0], other["departements"][:, 0])
    host = _agreement(one["host"], other["host"])
    return Likenesses(
        name=name,
        title=title,
        shared=shared,
        least=least,
        rarest=rarest,
        contained=_contained(weighed, first, second, np.fmax(name, title)),
        bare=((one["words"][:, 0] == 0) ^ (other["words"][:, 0] == 0)).astype(np.float32),
        kind=_kinds(one, other),
        network=_shared(one, other, "networks").astype(np.float32),
        number=_numbers(one["numbers"], other["numbers"]),
        initials=_called(one, other).astype(np.float32),
        commune=_known(_shared(one, other, "communes"), communes),
        departement=_known(_shared(one, other, "departements"), departements),
        distance=_distances(one, other),
        reach=np.maximum(one["sites"], other["sites"]).astype(np.float32),
        host=host,
        own=np.where(host > 0, weighed.own[first], 0).astype(np.float32),
        page=_pages(one, other).astype(np.float32),
        porteur=_porteurs(weighed.table, first, second),
        text=_texts(one, other),
        years=_known(
            np.abs(one["year"].astype(np.int32) - other["year"]), _told(one["year"], other["year"])
        ),
        source=(one["source"] == other["source"]).astype(np.float32),
    )  # fmt: skip


def _names(table: Table, first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ratios of the names and of the titles, spaces and order apart when that is kinder."""
    cores, titles = table.cores, table.titles
    one, other = [cores[k] for k in first], [cores[k] for k in second]
    name = np.maximum(_ratio(one, other), _ratio(_serried(one), _serried(other)))
    told = np.array([bool(a and b) for a, b in zip(one, other, strict=True)], bool)
    one, other = [titles[k] for k in first], [titles[k] for k in second]
    title = _ratio(one, other)
    return np.where(told, name, np.nan).astype(np.float32), title


def _ratio(one: list[str], other: list[str]) -> np.ndarray:
    said = process.cpdist(
        one, other, scorer=fuzz.token_sort_ratio, dtype=np.float32, workers=WORKERS
    )
    return said / 100


def _serried(texts: list[str]) -> list[str]:
    return [t.replace(" ", "") for t in texts]


def _rarities(
    weighed: Weighed, first: np.ndarray, second: np.ndarray, name: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(Of the words in common, of the record that has the fewest, of the rarest in common): names
    spelt nearly alike have all their words in common."""
    cells = weighed.table.packed["core"]
    rare, rarer = weighed.core[first], weighed.core[second]
    common = np.where(_common(cells[first], cells[second]), rare, 0)
    shared, rarest = common.sum(1), common.max(1)
    least = np.minimum(rare.sum(1), rarer.sum(1))
    alike = np.nan_to_num(name) >= ALIKE
    shared = np.where(alike, np.maximum(shared, least * name), shared)
    rarest = np.where(alike, np.maximum(rarest, np.minimum(rare.max(1), rarer.max(1))), rarest)
    return shared, least, rarest


def _contained(
    weighed: Weighed, first: np.ndarray, second: np.ndarray, alike: np.ndarray
) -> np.ndarray:
    """The share of the shorter title's words; titles spelt nearly alike contain each other."""
    cells = weighed.table.packed["words"]
    rare, rarer = weighed.words[first], weighed.words[second]
    shared = np.where(_common(cells[first], cells[second]), rare, 0).sum(1)
    least = np.minimum(rare.sum(1), rarer.sum(1))
    share = np.where(least > 0, shared / np.maximum(least, 1e-6), 0).clip(0, 1)
    return np.where(alike >= ALIKE, np.maximum(share, alike), share).astype(np.float32)


def _porteurs(table: Table, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    said = table.porteurs
    one, other = [said[k] for k in first], [said[k] for k in second]
    told = np.array([bool(a and b) for a, b in zip(one, other, strict=True)], bool)
    found = np.full(len(first), np.nan, np.float32)
    if told.any():
        pairs = [(a, b) for a, b in zip(one, other, strict=True) if a and b]
        found[told] = (
            process.cpdist(
                [a for a, _ in pairs], [b for _, b in pairs],
                scorer=fuzz.token_set_ratio, dtype=np.float32, workers=WORKERS,
            )
            / 100
        )  # fmt: skip
    return found


def _common(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Which cells of each row of ``one`` stand in the same row of ``other``."""
    found = np.zeros(one.shape, bool)
    for column in range(other.shape[1]):
        found |= one == other[:, column : column + 1]
    return found & (one > 0)


def _shared(one: np.ndarray, other: np.ndarray, name: str) -> np.ndarray:
    """Whether both rows have a cell of this field in common."""
    return np.any(_common(one[name], other[name]), axis=1)


def _same(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    same: np.ndarray = np.logical_and(one == other, one > 0)
    return same


def _pages(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Whether the web site or the page of one is the web site or the page of the other."""
    same = _same(one["site"], other["site"]) | _same(one["page"], other["page"])
    return same | _same(one["site"], other["page"]) | _same(one["page"], other["site"])


def _told(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return (one > 0) & (other > 0)


def _known(value: np.ndarray, told: np.ndarray) -> np.ndarray:
    return np.where(told, value, np.nan).astype(np.float32)


def _agreement(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    agree = np.where(one == other, 1, -1)
    return np.where(_told(one, other), agree, 0).astype(np.float32)


def _numbers(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """1 the same numbers, -1 others or only one has any, 0 none."""
    return np.where((one > 0) | (other > 0), np.where(one == other, 1, -1), 0).astype(np.float32)


def _kinds(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """1 the same, 0 neither has any, -0.25 one only has, -0.5 some in common, -1 none."""
    mine, yours = (np.concatenate([r["kinds"], r["networks"]], axis=1) for r in (one, other))
    number, numbers = (mine > 0).sum(1), (yours > 0).sum(1)
    common = _common(mine, yours).sum(1)
    same = (common == number) & (common == numbers)
    found = np.where(common > 0, np.where(same, 1, -0.5), -1)
    found = np.where((number == 0) ^ (numbers == 0), -0.25, found)
    return np.where((number == 0) & (numbers == 0), 0, found).astype(np.float32)


def _called(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Whether a word of one is made of the initials of the other."""
    named = np.any(_common(one["initials"], other["core"]), axis=1)
    return np.logical_or(named, np.any(_common(other["initials"], one["core"]), axis=1))


def _distances(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Kilometres between the nearest of the points of each; NaN when either has none."""
    nearest = np.full(len(one), np.inf)
    here, there = (np.radians(r["points"].reshape(-1, POINTS, 2), dtype="f8") for r in (one, other))
    for a in range(here.shape[1]):
        for b in range(there.shape[1]):
            north = here[:, a, 0] - there[:, b, 0]
            east = (here[:, a, 1] - there[:, b, 1]) * np.cos(here[:, a, 0])
            nearest = np.fmin(nearest, north * north + east * east)
    return np.where(np.isinf(nearest), np.nan, np.sqrt(nearest) * EARTH).astype(np.float32)


def _texts(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Likeness of both sketches: the least hashes of both together, how many both have."""
    told = (one["shingles"] >= 5) & (other["shingles"] >= 5)
    found = np.full(len(one), np.nan, np.float32)
    mine, yours = one["sketch"][told], other["sketch"][told]
    if len(mine):
        length = np.minimum((mine > 0).sum(1), (yours > 0).sum(1))
        # Beyond the last hash of the shorter sketch nothing can be told.
        last = np.minimum(mine.max(1), yours.max(1))
        common = (_common(mine, yours) & (mine <= last[:, None])).sum(1)
        told_of = ((mine > 0) & (mine <= last[:, None])).sum(1)
        told_of += ((yours > 0) & (yours <= last[:, None])).sum(1) - common
        found[told] = common / np.maximum(told_of, np.minimum(length, 1))
    return found
