"""Compared rows in columns, and how rare their words are: what blocking and scoring read."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from partners.consolidation.features import PACKED, Compared, _hash
from partners.consolidation.wording import NETWORK_SHARE, lexicon

# Titles that the lexicon stands for beside those really there: with ten records, three that hold
# « numérique » do not make it rare.
IMAGINED = 20_000
# Rows weighed at a time, to spare memory.
ROWS = 100_000


@dataclass(frozen=True)
class Frequencies:
    """How many records hold each word or host (sorted 64-bit keys), of how many."""

    keys: np.ndarray
    counts: np.ndarray
    total: int

    @classmethod
    def of(cls, packed: np.ndarray) -> "Frequencies":
        """Counted over these rows."""
        words = packed["words"]
        numbers = [words[words > 0].astype(np.int64), packed["host"][packed["host"] > 0].view("i8")]
        keys, counts = np.unique(np.concatenate(numbers), return_counts=True)
        return cls(keys, counts, len(packed))

    def count(self, keys: np.ndarray) -> np.ndarray:
        """The number of records that hold each of the keys (any shape)."""
        if not len(self.keys):
            return np.zeros(keys.shape, np.int64)
        spots = np.searchsorted(self.keys, keys).clip(max=len(self.keys) - 1)
        return np.where(self.keys[spots] == keys, self.counts[spots], 0)

    def rarity(self, words: np.ndarray) -> np.ndarray:
        """From 0 (in every title) to 1 (in this one only) for each word; 0 where there is none."""
        everyone = self.total + IMAGINED
        held = self.count(words.astype(np.int64)) + imagined(words) + 1
        rare = np.log(everyone / held) / math.log(everyone)
        return np.where(words > 0, rare.clip(0, 1), 0).astype(np.float32)

    def ownness(self, hosts: np.ndarray) -> np.ndarray:
        """From 1 (the site of a few records) to 0 (that of hundreds, which tells little)."""
        held = self.count(hosts.view(np.int64)).clip(min=1)
        own = 1 - np.log(held / 8) / math.log(100)
        return np.where(hosts > 0, own.clip(0, 1), 0).astype(np.float32)


@dataclass(frozen=True)
class Table:
    """Rows compared, by position: packed features and the three short texts."""

    ids: np.ndarray
    packed: np.ndarray
    titles: Sequence[str]
    cores: Sequence[str]
    porteurs: Sequence[str]

    @classmethod
    def of(cls, rows: Iterable[Compared]) -> "Table":
        kept = list(rows)
        return cls(
            np.array([r.record_id for r in kept], np.int64),
            np.frombuffer(b"".join(r.packed for r in kept), PACKED),
            [r.title for r in kept],
            [r.core for r in kept],
            [r.porteur for r in kept],
        )

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Weighed:
    """A table and how rare the words of each of its rows are, computed once for all its pairs.

    ``core`` and ``words``: the rarity of each cell of those fields; ``own``: that of the host.
    """

    table: Table
    core: np.ndarray
    words: np.ndarray
    own: np.ndarray

    @classmethod
    def of(cls, table: Table, frequencies: Frequencies) -> "Weighed":
        parts = [
            (frequencies.rarity(p["core"]), frequencies.rarity(p["words"]))
            for p in np.array_split(table.packed, max(1, len(table) // ROWS))
        ]
        core, words = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        return cls(table, core, words, frequencies.ownness(table.packed["host"]))


@cache
def _shares() -> tuple[np.ndarray, np.ndarray]:
    """Hashes of the lexicon's words, sorted, and how many imagined titles hold each."""
    lexical = lexicon()
    listed = lexical.generic | lexical.place_words | lexical.common
    shares = {_hash(word): lexical.share(word) for word in listed}
    for code in lexical.phrases.values():
        shares[_hash(code)] = NETWORK_SHARE
    keys = np.array(sorted(shares), np.int64)
    return keys, np.array([shares[k] * IMAGINED for k in keys.tolist()])


def imagined(words: np.ndarray) -> np.ndarray:
    """How many of the imagined titles hold each word."""
    keys, held = _shares()
    spots = np.searchsorted(keys, words).clip(max=len(keys) - 1)
    return np.where(keys[spots] == words, held[spots], 0)
