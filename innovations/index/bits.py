"""Strings of bits as arrays of bytes: position 0 is the first bit, as PostgreSQL keeps them."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Bits = NDArray[np.uint8]

# Positions of a chunk: two rows of 4,000 bytes fill a page of PostgreSQL.
CHUNK = 32_000
BYTES = CHUNK // 8


def empty(chunks: int) -> Bits:
    return np.zeros(chunks * BYTES, dtype=np.uint8)


def of_positions(positions: Iterable[int], chunks: int) -> Bits:
    """The bits of these positions, all below ``chunks`` × CHUNK."""
    flags = np.zeros(chunks * CHUNK, dtype=np.bool_)
    flags[np.fromiter(positions, dtype=np.int64)] = True
    return np.packbits(flags)


def positions(bits: Bits) -> NDArray[np.int64]:
    """The positions that are set, in order."""
    return np.flatnonzero(np.unpackbits(bits))


def first_of(found: NDArray[np.int64], base: int, most: int) -> list[int]:
    """The first of these positions; of those from ``base`` on, put at the end since, as many."""
    at_end = int(np.searchsorted(found, base))
    return [*found[:at_end][:most].tolist(), *found[at_end:][:most].tolist()]


def count(bits: Bits) -> int:
    return int(np.bitwise_count(bits).sum())


def weighed(several: Iterable[tuple[Bits, int]]) -> NDArray[np.uint16]:
    """For each position, the sum of the weights of those where it is set."""
    return np.add.reduce([np.unpackbits(bits) * np.uint16(weight) for bits, weight in several])


def at_least(several: Sequence[tuple[Bits, int]], least: int) -> Bits:
    """Positions of which the weights make at least ``least``."""
    if least <= min(weight for _, weight in several):
        return np.bitwise_or.reduce([bits for bits, _ in several])
    return np.packbits(weighed(several) >= least)


def chunks_of(bits: Bits) -> Iterator[tuple[int, bytes]]:
    """(chunk, its bytes) of the chunks that hold something."""
    for chunk, part in enumerate(bits.reshape(-1, BYTES)):
        if part.any():
            yield chunk, part.tobytes()


def to_literal(part: bytes) -> str:
    """The bytes of a chunk as PostgreSQL reads a string of bits."""
    return f"x{part.hex()}"
