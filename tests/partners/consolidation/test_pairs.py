"""The labelled pairs are well formed, tell nothing of the files, and name records that exist."""

import os
import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from benchmarks.real_records import FILES, real_records
from carrefour.text import key
from innovations import taxonomy
from territories import loading
from tests.partners.consolidation.pairs import PARTS, VERDICTS, Pair, labelled

BESIDE = Path(__file__).resolve().parents[4] / "shared" / "data"
FOLDER = Path(os.environ.get("CARREFOUR_REAL_DATA") or BESIDE)
AT_LEAST = {"same": 130, "site": 60, "distinct": 130}
# States of one list that keep their identifiers from one date to the next.
STATES = re.compile(r"(tiers_lieux_pdl_ping|bfc_ternum)_\w+(-\w)?\.csv")
RANK = re.compile(r"(france_s_engage\S*)/\d+$")


def projects(identifier: str) -> str:
    """The identifier whatever the date of the list, and whatever the row of the project."""
    return RANK.sub(r"\1", STATES.sub(r"\1.csv", identifier))


class Groups:
    """Identifiers joined by pairs, directly or through others."""

    def __init__(self) -> None:
        self.above: dict[str, str] = {}

    def of(self, name: str) -> str:
        while (above := self.above.setdefault(name, name)) != name:
            name = above
        return name

    def join(self, one: str, other: str) -> None:
        self.above[self.of(one)] = self.of(other)


def collected(test: object) -> object | None:
    return test if (FOLDER / FILES[0]).is_file() else None


def families(pair: Pair) -> tuple[str, ...]:
    return tuple(sorted(i.partition("#")[0] for i in (pair.a, pair.b)))


def test_verdicts_and_parts_are_those_of_the_decision() -> None:
    pairs = labelled()
    assert {p.verdict for p in pairs} == set(VERDICTS)
    assert {p.part for p in pairs} == set(PARTS)
    assert len(pairs) >= 420
    count = Counter(p.verdict for p in pairs)
    assert {v: count[v] for v, least in AT_LEAST.items() if count[v] < least} == {}


def test_each_pair_is_there_once_and_in_order() -> None:
    pairs = [(p.a, p.b) for p in labelled()]
    assert [pair for pair in pairs if pair[0] >= pair[1]] == []
    assert [pair for pair, times in Counter(pairs).items() if times > 1] == []
    assert pairs == sorted(pairs)


def test_a_third_of_each_verdict_is_kept_for_the_final_figure() -> None:
    pairs = [p for p in labelled() if p.part != "fresh"]
    for verdict in VERDICTS:
        of_it = [p.part for p in pairs if p.verdict == verdict]
        assert 0.28 <= of_it.count("final") / len(of_it) <= 0.38, verdict
    finals = Counter(families(p) for p in pairs if p.part == "final")
    assert len(set(map(families, pairs))) >= 6
    assert len(finals) >= 6


def test_the_fresh_part_is_large_enough_to_tell_and_crosses_lists() -> None:
    fresh = [p for p in labelled() if p.part == "fresh"]
    assert len(fresh) >= 120
    assert sum(p.verdict in {"same", "site"} for p in fresh) >= 40
    assert len(set(map(families, fresh))) >= 6


def test_no_project_is_in_two_parts_nor_in_more_than_four_pairs() -> None:
    pairs = labelled()
    groups = Groups()
    for pair in pairs:
        groups.join(projects(pair.a), projects(pair.b))
    parts = defaultdict(set)
    for pair in pairs:
        parts[groups.of(projects(pair.a))].add(pair.part)
    assert [name for name, found in parts.items() if len(found) > 1] == []
    times = Counter(name for p in pairs for name in {projects(p.a), projects(p.b)})
    assert [name for name, number in times.items() if number > 4] == []


def test_the_pairs_tell_identifiers_and_short_reasons_only() -> None:
    for pair in labelled():
        for identifier in (pair.a, pair.b):
            file, _, name = identifier.partition("#")
            assert file in FILES
            assert 1 <= len(name) <= 60, identifier
        assert 10 <= len(pair.reason) <= 100
        assert not re.search(r"\d{5}|@|https?:|www\.", pair.reason)


@collected
@pytest.mark.django_db
def test_every_record_is_found_and_no_name_of_a_place_is_in_two_parts() -> None:
    taxonomy.load()
    loading.load()
    records = real_records(FOLDER)
    pairs = labelled()
    assert [i for p in pairs for i in (p.a, p.b) if i not in records] == []
    parts = defaultdict(set)
    for pair in pairs:
        for identifier in (pair.a, pair.b):
            record = records[identifier]
            place = record.sites[0]["code"] if record.sites else ""
            parts[key(record.values["title"]), place].add(pair.part)
    assert [name for name, found in parts.items() if len(found) > 1] == []
