"""Rows gathered into projects, in memory that does not grow with the reading."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from partners import survey as surveying
from partners.connectors import RawRow
from partners.identity import Group, Identifier, Refused
from partners.mapping.rules import parse
from partners.models import Source
from partners.survey import Hashes, Survey
from tests.partners.conftest import MAPPING, row


def read(
    rows: Sequence[dict[str, Any]], *, together: bool = True, **options: Any
) -> tuple[list[Group | Refused], Survey]:
    source = Source(url="https://plateforme.example.org/fiches", mapping=MAPPING, options=options)
    rules = parse(MAPPING)
    with Survey(Identifier(source, rules), together=together) as survey:
        raw: Iterator[RawRow] = (RawRow(data, f"ligne {n}") for n, data in enumerate(rows, start=2))
        return list(survey.projects(raw)), survey


def shape(found: Sequence[Group | Refused]) -> list[tuple[str, list[str]]]:
    return [(p.external_id, [r.position for r in p.rows]) for p in found]


def test_rows_of_one_project_are_united_however_far_apart() -> None:
    found, _ = read([row(1), row(2), row(1, ville="Lormes"), row(3), row(1, ville="Grenoble")])
    assert shape(found) == [
        ("p2", ["ligne 3"]),
        ("p3", ["ligne 5"]),
        ("p1", ["ligne 2", "ligne 4", "ligne 6"]),
    ]
    assert len({p.fingerprint for p in found}) == 3


def test_a_project_has_the_same_fingerprint_read_alone_or_together() -> None:
    together, _ = read([row(1), row(2)])
    alone, _ = read([row(1), row(2)], together=False)
    assert [p.fingerprint for p in together] == [p.fingerprint for p in alone]


def test_more_rows_than_memory_holds_go_through_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [row(n % 30, ville=f"Lieu {n}") for n in range(90)]
    expected, _ = read(rows)
    monkeypatch.setattr(surveying, "HELD", 10)
    found, _ = read(rows)
    assert sorted(shape(found)) == sorted(shape(expected))
    assert {len(p.rows) for p in found} == {3}
    assert {p.external_id: p.fingerprint for p in found} == {
        p.external_id: p.fingerprint for p in expected
    }


def test_a_title_that_has_nothing_in_common_is_refused() -> None:
    found, _ = read([row(1), row(1, titre="Jardin partagé de la butte")])
    kept, refused = found
    assert isinstance(kept, Group)
    assert len(kept.rows) == 1
    assert isinstance(refused, Refused)
    assert refused.errors[0]["code"] == "identifiant-double"


def test_rows_are_grouped_by_the_column_that_the_source_declares() -> None:
    rows = [
        row(1, projet="A"),
        row(2, projet="B"),
        row(3, projet="A", titre="Jardin partagé de la butte"),
        row(4, projet=""),
    ]
    found, _ = read(rows, together=False, group_by="projet")
    assert sorted(shape(found)) == [
        ("A", ["ligne 2", "ligne 4"]),
        ("B", ["ligne 3"]),
        ("p4", ["ligne 5"]),
    ]


def test_a_page_is_shared_when_two_projects_claim_it() -> None:
    page = "https://plateforme.example.org/projets"
    own = "https://plateforme.example.org/p3"
    rows = [
        row(1, page=page),
        row(2, page=page),
        row(3, page=own),
        row(3, page=own, ville="Lormes"),
    ]
    _, survey = read(rows)
    assert page in survey.shared
    assert own not in survey.shared
    _, streamed = read(rows, together=False)
    assert page not in streamed.shared


def bomb() -> dict[str, Any]:
    """Ten million values in a few objects, as YAML aliases unfold."""
    lists: list[Any] = ["x"] * 10
    for _ in range(6):
        lists = [lists] * 10
    return row(1, texte=lists)


def nested() -> dict[str, Any]:
    value: Any = "x"
    for _ in range(5000):
        value = [value]
    return row(1, texte=value)


@pytest.mark.parametrize("make", [bomb, nested])
@pytest.mark.parametrize("together", [True, False])
def test_a_row_that_would_unfold_without_end_is_refused(make: Any, together: bool) -> None:
    found, _ = read([make(), row(2)], together=together)
    refused, kept = found
    assert isinstance(refused, Refused)
    assert refused.errors[0]["code"] == "ligne-trop-grande"
    assert refused.rows[0].data == {}
    assert kept.external_id == "p2"


def test_eight_bytes_tell_what_came_back() -> None:
    hashes = Hashes()
    for value in [3, -5, 3, 7, -5, -5, 2**62]:
        hashes.add(value)
    assert hashes.repeated() == {3: 2, -5: 3}
