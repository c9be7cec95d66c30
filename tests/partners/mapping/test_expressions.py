"""Regular expressions of mappings run against a clock."""

import time

import pytest

from partners.mapping import expressions
from partners.mapping.expressions import Expression, TooSlow
from partners.mapping.record import map_rows
from partners.mapping.rules import parse

ENDLESS = r"^(([a-z])+.)+[A-Z]([a-z])+$"
TEXT = "a" * 200


def test_an_expression_without_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expressions, "SECONDS", 0.05)
    endless = Expression(ENDLESS)
    start = time.monotonic()
    with pytest.raises(TooSlow):
        endless.search(TEXT)
    assert time.monotonic() - start < 5
    assert endless.search("Mot") is None


def test_after_a_few_stops_in_a_row_it_is_no_longer_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expressions, "SECONDS", 0.01)
    endless = Expression(ENDLESS)
    for _ in range(expressions.STRIKES):
        with pytest.raises(TooSlow):
            endless.search(TEXT)
    with pytest.raises(TooSlow):
        endless.search("Mot")


def test_the_record_is_refused_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expressions, "SECONDS", 0.01)
    transform = {"op": "regex", "pattern": f"(?#essai){ENDLESS}"}
    rules = parse(
        [
            {"target": "title", "path": "titre"},
            {"target": "summary", "path": "texte", "transforms": [transform]},
        ]
    )
    record = map_rows(rules, [{"titre": "Un titre", "texte": TEXT}])
    assert [(e["field"], e["code"]) for e in record.errors] == [
        ("summary", "expression-trop-lente")
    ]


def test_groups_and_replacements_read_as_before() -> None:
    assert Expression(r"(\d+) €").search("total 12 €") == "12"
    assert Expression(r"\d+").search("total 12 €") == "12"
    assert Expression(r"(\w)\.").replaced(r"\1 ", "a.b.") == "a b "
