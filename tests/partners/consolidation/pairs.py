"""The labelled pairs of records of real files (docs/decisions/0040-linkage-labels.md)."""

import csv
from dataclasses import dataclass
from pathlib import Path

PAIRS = Path(__file__).parent / "pairs.csv"
VERDICTS = ("same", "site", "distinct", "uncertain")
PARTS = ("tune", "final", "fresh")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two identifiers of benchmarks/real_records.py, in order, and what was judged of them.

    ``verdict`` is one of VERDICTS; ``part`` one of PARTS, all but ``tune`` for the figures only.
    """

    a: str
    b: str
    verdict: str
    reason: str
    part: str


def labelled() -> list[Pair]:
    with PAIRS.open(encoding="utf-8", newline="") as file:
        return [Pair(**row) for row in csv.DictReader(file)]
