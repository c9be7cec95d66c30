"""What linkage makes of labelled pairs of real records, over the whole files:
``python benchmarks/linkage_labels.py --data FOLDER [--pairs FILE] [--part final] --json``.

The files are harvested into a database of our own, removed at the end, and all their records are
compared with all others as a full pass does, blocking included. ``--pairs`` takes any CSV with the
columns a, b, verdict (same, site, distinct, uncertain) and, when ``--part`` is asked, part; the
identifiers are those of benchmarks/real_records.py, unknown ones are counted and left out.

A pair is « linked » when the rules, and the chains that they make, put both records into one
innovation; « asked » when it stands in the queue, or when both stand among the places of one
network, which are decided at once; « asked nearby » when what stands there is a pair of records
linked to these.
"""

import argparse
import csv
import json
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

if TYPE_CHECKING:
    from partners.consolidation.tables import Table

ROOT = Path(__file__).resolve().parent.parent
PAIRS = ROOT / "tests" / "partners" / "consolidation" / "pairs.csv"
LINKING = ("same", "site")
BANDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.01)


def table_of(folder: Path) -> "tuple[dict[str, int], Table]":
    """Identifier → position, and the compared rows of all the records of the folder's files.

    Needs the current database to be empty: the files are harvested into it.
    """
    from benchmarks.real_records import real_records
    from innovations import taxonomy
    from partners.consolidation.features import compared
    from partners.consolidation.tables import Table
    from territories import loading

    taxonomy.load()
    loading.load()
    records = real_records(folder)
    rows = [
        compared(number, record.source_id, record.values, record.sites, record.url)
        for number, record in enumerate(records.values())
    ]
    return {name: number for number, name in enumerate(records)}, Table.of(rows)


class Outcome:
    """A full pass over the table, in memory: who is linked with whom, and what is asked."""

    def __init__(self, table: "Table") -> None:
        from partners.consolidation.clusters import Clustering, Edge, Node
        from partners.consolidation.comparing import kept_of
        from partners.consolidation.likenesses import likenesses
        from partners.consolidation.pairing import networks_of
        from partners.consolidation.rules import BY_CODE, OFF_AT_FIRST
        from partners.consolidation.scoring import of_network, scores
        from partners.consolidation.tables import Frequencies, Weighed
        from partners.models import Verdict

        began = time.perf_counter()
        weighed = Weighed.of(table, Frequencies.of(table.packed))
        found = kept_of(weighed, active=[code for code in BY_CODE if code not in OFF_AT_FIRST])
        self.seconds = time.perf_counter() - began
        like = likenesses(weighed, found.first, found.second)
        self.scores = scores(like)
        self.pairs = {
            pair: k
            for k, pair in enumerate(zip(found.first.tolist(), found.second.tolist(), strict=True))
        }
        edges = [
            Edge(k, one, other, BY_CODE[code].verdict == Verdict.SITE, float(self.scores.score[k]))
            for (one, other), k in self.pairs.items()
            if (code := str(found.rules[k]))
        ]
        sources = table.packed["source"].tolist()
        clustering = Clustering({n: Node(1, frozenset({s})) for n, s in enumerate(sources)}, ())
        clustering.join(edges)
        self.cluster: dict[int, int] = {}
        self.same: dict[int, int] = {}
        self._number(clustering)
        self.by_rule = Counter(str(c) for c in found.rules if c)
        self.asked = [p for p in self.pairs if self._of(p[0]) != self._of(p[1])]
        self.nearby = {tuple(sorted(map(self._of, p))) for p in self.asked}
        self.networks: dict[int, set[str]] = defaultdict(set)
        self.one_by_one = self._group(networks_of(table, found, of_network(like)))

    def _group(self, codes: list[str]) -> int:
        """The networks of each record that is asked with one; how many pairs are asked alone."""
        for pair in self.asked:
            if code := codes[self.pairs[pair]]:
                self.networks[pair[0]].add(code)
                self.networks[pair[1]].add(code)
        return sum(not codes[self.pairs[pair]] for pair in self.asked)

    def _number(self, clustering: Any) -> None:
        """A number per innovation, and per place of it, for each record."""
        beside: dict[int, set[int]] = defaultdict(set)
        for edge in clustering.edges:
            self.cluster[edge.one] = self.cluster[edge.other] = min(
                clustering.groups[edge.one].members
            )
            if not edge.is_site:
                beside[edge.one].add(edge.other)
                beside[edge.other].add(edge.one)
        for start in sorted(beside):
            waiting = [start]
            while waiting:
                pk = waiting.pop()
                if pk not in self.same:
                    self.same[pk] = start
                    waiting += beside[pk]

    def _of(self, record: int) -> int:
        return self.cluster.get(record, record)

    def of(self, one: int, other: int) -> tuple[str, float]:
        """(What becomes of the pair, its score or 0)."""
        pair = (min(one, other), max(one, other))
        k = self.pairs.get(pair)
        score = float(self.scores.score[k]) if k is not None else 0.0
        if self._of(one) == self._of(other):
            place = self.same.get(one, one) == self.same.get(other, other)
            return ("linked as same" if place else "linked as site"), score
        if k is not None or self.networks[one] & self.networks[other]:
            return "asked", score
        near = tuple(sorted((self._of(one), self._of(other)))) in self.nearby
        return ("asked nearby" if near else "apart"), score


def measured(positions: dict[str, int], outcome: Outcome, pairs: list[dict[str, str]]) -> Any:
    """The figures, and the labelled pairs that went wrong (identifiers only)."""
    known = [p for p in pairs if p["a"] in positions and p["b"] in positions]
    told = [(p, *outcome.of(positions[p["a"]], positions[p["b"]])) for p in known]
    confusion: dict[str, Counter[str]] = defaultdict(Counter)
    bands: dict[str, Counter[str]] = defaultdict(Counter)
    for pair, became, score in told:
        confusion[pair["verdict"]][became] += 1
        bands[_band(score)][pair["verdict"]] += 1
    linked = [(p, b) for p, b, _ in told if b.startswith("linked")]
    right = [(p, b) for p, b in linked if b.endswith(p["verdict"])]
    one = [p for p, _ in linked if p["verdict"] in LINKING]
    wanted = [(p, b) for p, b, _ in told if p["verdict"] in LINKING]
    proposed = [p for p, b in wanted if b.startswith("linked") or b == "asked"]
    near = [p for p, b in wanted if b != "apart"]
    return {
        "pairs": len(known),
        "unknown": len(pairs) - len(known),
        "linked without asking": len(linked),
        "precision": _ratio(len(right), len(linked)),
        "precision same or site": _ratio(len(one), len(linked)),
        "recall linked": _ratio(sum(b.startswith("linked") for _, b in wanted), len(wanted)),
        "recall with the queue": _ratio(len(proposed), len(wanted)),
        "recall with the queue, nearby": _ratio(len(near), len(wanted)),
        "confusion": {v: dict(confusion[v]) for v in sorted(confusion)},
        "bands": {b: dict(bands[b]) for b in sorted(bands)},
        "wrong": [[p["a"], p["b"], p["verdict"], b] for p, b in linked if (p, b) not in right],
        "missed": [[p["a"], p["b"], p["verdict"], b] for p, b in wanted if p not in proposed],
    }


def _band(score: float) -> str:
    if score < BANDS[0]:
        return f"< {BANDS[0]}"
    return f">= {max(b for b in BANDS if score >= b)}"


def _ratio(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def read_pairs(path: Path, part: str) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    missing = {"a", "b", "verdict"} - set(rows[0] if rows else ())
    if missing:
        raise SystemExit(f"{path} : colonnes absentes : {', '.join(sorted(missing))}")
    return [row for row in rows if not part or row.get("part") == part]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of the real files")
    parser.add_argument("--pairs", type=Path, default=PAIRS, help="labelled pairs (CSV)")
    parser.add_argument("--part", default="", help="those of this part only: tune or final")
    parser.add_argument("--json", action="store_true", help="on one line")
    options = parser.parse_args()
    pairs = read_pairs(options.pairs, options.part)
    from benchmarks.database import database

    with database("linkage_labels"):
        positions, table = table_of(options.data)
        outcome = Outcome(table)
        said = {
            "benchmark": "linkage_labels",
            "records": len(table),
            "seconds": round(outcome.seconds, 2),
            "kept": len(outcome.pairs),
            "queue": len(outcome.asked),
            "queue, one by one": outcome.one_by_one,
            "certain by rule": dict(outcome.by_rule),
            **measured(positions, outcome, pairs),
        }
        parts = sorted({row.get("part", "") for row in pairs} - {""})
        if len(parts) > 1:
            said["parts"] = {
                part: measured(positions, outcome, [p for p in pairs if p["part"] == part])
                for part in parts
            }
    print(json.dumps(said, ensure_ascii=False, indent=None if options.json else 1))


if __name__ == "__main__":
    main()
