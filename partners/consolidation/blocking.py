"""Which records are worth comparing: those that share a key that not too many hold.

Each family of keys finds what the others miss: the words of the name, its spelling, the place, the
web site, the porteur, the text. A key is 64 bits, computed alike for all records at once and for
the few that changed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from partners.consolidation.tables import Table

# Rows of a point's grid per degree: about 150 metres of latitude, 130 of longitude.
GRID = np.array([720.0, 580.0])
CHUNK = 2_000_000


@dataclass(frozen=True)
class Family:
    """``cap``: a key that more records than this hold tells nothing. ``sure``: a pair that has the
    key in common is worth comparing, whatever else."""

    name: str
    cap: int
    sure: bool = False


FAMILIES = (
    Family("titre", 250),
    Family("titre-commune", 60, sure=True),
    Family("nom-serre", 60),
    Family("squelette", 40),
    Family("mot", 40),
    Family("deux-mots", 40),
    Family("mot-departement", 40),
    Family("mot-commune", 40, sure=True),
    Family("site-web", 60, sure=True),
    Family("site-commune", 60, sure=True),
    Family("page", 30, sure=True),
    Family("porteur-commune", 40, sure=True),
    Family("porteur-mot", 60, sure=True),
    Family("point", 30, sure=True),
    Family("texte", 20, sure=True),
    Family("reseau", 120, sure=True),
)
NETWORK = "reseau"
CAPS = np.array([f.cap for f in FAMILIES])
# A key's five last bits are its family.
FAMILY_BITS = np.uint64(31)
_Cells = Callable[[np.ndarray], np.ndarray]


def keys_of(table: Table) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """By family: (positions in the table, keys), each once."""
    for number, family in enumerate(FAMILIES):
        cells = _CELLS[family.name](table.packed)
        mixed = (_mixed(cells, number) & ~FAMILY_BITS) | np.uint64(number)
        rows, columns = np.nonzero(cells)
        yield rows, mixed[rows, columns].view(np.int64)


def cap_of(keys: np.ndarray) -> np.ndarray:
    """How many records may hold each key at most."""
    return CAPS[(keys.view(np.uint64) & FAMILY_BITS).astype(np.int64)]


def is_network(key: int) -> bool:
    """Whether it is the key of a network: however many hold it, each is paired with the first."""
    return FAMILIES[key & int(FAMILY_BITS)].name == NETWORK


def candidates(table: Table) -> Iterator[tuple[np.ndarray, np.ndarray, bool]]:
    """Pairs of positions (first < second), by chunks, and whether they are surely worth comparing;
    the same pair may come again."""
    for family, (rows, keys) in zip(FAMILIES, keys_of(table), strict=True):
        for first, second in _pairs(rows, keys):
            yield first, second, family.sure
        if family.name == NETWORK:
            yield *_with_the_first(rows, keys, family.cap), family.sure


def _with_the_first(rows: np.ndarray, keys: np.ndarray, cap: int) -> tuple[np.ndarray, np.ndarray]:
    """Each holder of a key that more than ``cap`` hold, with the first of them: staff decide of a
    network at once, so that one pair by place is enough."""
    order = np.lexsort((rows, keys))
    keys, rows = keys[order], rows[order]
    _, starts, which, sizes = np.unique(
        keys, return_index=True, return_inverse=True, return_counts=True
    )
    first = rows[starts][which]
    apart = (sizes[which] > cap) & (first != rows)
    return first[apart], rows[apart]


def _pairs(rows: np.ndarray, keys: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    order = np.argsort(keys, kind="stable")
    keys, rows = keys[order], rows[order]
    edges = np.flatnonzero(np.diff(keys)) + 1
    starts = np.concatenate([[0], edges])
    sizes = np.diff(np.concatenate([starts, [len(keys)]]))
    fits = (sizes > 1) & (sizes <= cap_of(keys[starts])) if len(keys) else np.zeros(0, bool)
    starts, sizes = starts[fits], sizes[fits]
    for size in np.unique(sizes):
        one, other = np.triu_indices(size, 1)
        of_size = starts[sizes == size]
        step = max(1, CHUNK // len(one))
        for begin in range(0, len(of_size), step):
            members = rows[of_size[begin : begin + step, None] + np.arange(size)]
            first, second = members[:, one].ravel(), members[:, other].ravel()
            unlike = first != second
            first, second = first[unlike], second[unlike]
            yield np.minimum(first, second), np.maximum(first, second)


def _mixed(cells: np.ndarray, salt: int) -> np.ndarray:
    """Well spread 64-bit numbers (splitmix64)."""
    with np.errstate(over="ignore"):
        x = cells.astype(np.uint64) + np.uint64((salt + 1) * 0x9E3779B97F4A7C15 & (2**64 - 1))
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def _both(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Every cell of one with every cell of the other of its row; 0 where either is nothing."""
    with np.errstate(over="ignore"):
        mixed = _mixed(one, 31)[:, :, None] + other.astype(np.uint64)[:, None, :]
    told = (one > 0)[:, :, None] & (other > 0)[:, None, :]
    return np.where(told, mixed | np.uint64(1), 0).reshape(len(one), -1)


def _all_of(cells: np.ndarray) -> np.ndarray:
    """One number for the set of a row's cells, whatever their order."""
    with np.errstate(over="ignore"):
        total = np.where(cells > 0, _mixed(cells, 47), 0).sum(1, dtype=np.uint64)
    return total[:, None]


def _titles(packed: np.ndarray) -> np.ndarray:
    return _all_of(packed["words"])


def _couples(packed: np.ndarray) -> np.ndarray:
    """Each two of the first words that tell which one."""
    core = packed["core"][:, :5]
    one, other = np.triu_indices(core.shape[1], 1)
    least, most = (f(core[:, one], core[:, other]) for f in (np.minimum, np.maximum))
    with np.errstate(over="ignore"):
        mixed = _mixed(least, 11) + most
    return np.where(least > 0, mixed | np.uint64(1), 0)


def _called(packed: np.ndarray) -> np.ndarray:
    """The words that few records have, and what this one may be called for short."""
    return np.concatenate([_telling(packed)[:, :6], packed["initials"]], axis=1)


def _telling(packed: np.ndarray) -> np.ndarray:
    """The words of the name that the lexicon does not know: the others are in too many."""
    cells = packed["core"]
    return np.where(np.arange(cells.shape[1]) < packed["telling"][:, None], cells, 0)


def _points(packed: np.ndarray) -> np.ndarray:
    """The cell of the first point in two grids, half a cell apart."""
    point = packed["points"][:, :2].astype(np.float64)
    told = ~np.isnan(point[:, :1])
    grids = []
    for shift in (0.0, 0.5):
        cell = np.floor(np.nan_to_num(point) * GRID + shift).astype(np.int64)
        grids.append((cell[:, 0] + 200_000) * 1_000_000 + cell[:, 1] + 500_000)
    cells = np.stack(grids, axis=1).astype(np.uint64) * np.uint64(2) + np.arange(2, dtype=np.uint64)
    return np.where(told, cells, 0)


def _column(name: str) -> _Cells:
    return lambda packed: packed[name][:, None]


_CELLS: dict[str, _Cells] = {
    "titre": _titles,
    "titre-commune": lambda p: _both(_titles(p), p["communes"][:, :3]),
    "nom-serre": _column("compact"),
    "squelette": _column("skeleton"),
    "mot": _telling,
    "deux-mots": _couples,
    "mot-departement": lambda p: _both(_called(p), p["departements"][:, :2]),
    "mot-commune": lambda p: _both(p["words"][:, :6], p["communes"][:, :2]),
    "site-web": _column("host"),
    "site-commune": lambda p: _both(p["host"][:, None], p["communes"][:, :2]),
    "page": lambda p: np.stack([p["site"], p["page"]], axis=1),
    "porteur-commune": lambda p: _both(_all_of(p["porteur"]), p["communes"][:, :3]),
    "porteur-mot": lambda p: _both(_all_of(p["porteur"]), p["core"][:, :3]),
    "point": _points,
    "texte": lambda p: p["sketch"][:, :4],
    "reseau": lambda p: p["networks"],
}
