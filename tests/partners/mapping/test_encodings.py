"""Encoding damage: repaired when certain, left alone otherwise."""

import pytest

from partners.mapping.encodings import repaired, repaired_row
from partners.mapping.record import map_rows
from partners.mapping.rules import parse

SENTENCE = "L’épicerie où l’on échange : « Noël à la fête », dès l’été, cœur et façade."


@pytest.mark.parametrize("charset", ["cp1252", "mac_roman"])
def test_what_was_read_in_the_wrong_encoding_is_read_again(charset: str) -> None:
    damaged = "Réparer à l’été près d’un café".encode().decode(charset)
    assert repaired(damaged) == "Réparer à l’été près d’un café"


def test_damage_done_twice_is_undone_twice() -> None:
    damaged = "La fête du café".encode().decode("cp1252").encode().decode("cp1252")
    assert repaired(damaged) == "La fête du café"


@pytest.mark.parametrize(
    "text",
    [SENTENCE, "ÂGE ET ÂMES", "Ãbcd", "São João", "PÂTISSERIE – À VENDRE", "√2 ≈ 1,414", ""],
)
def test_a_sound_text_is_left_as_it_is(text: str) -> None:
    assert repaired(text) is text


def test_a_row_is_repaired_wherever_it_is_damaged_and_kept_as_received() -> None:
    received = {"titre": "CafÃ© associatif", "infos": {"villes": ["OrlÃ©ans", "Tours"]}, "n": 3}
    row, columns = repaired_row(received)
    assert row == {
        "titre": "Café associatif",
        "infos": {"villes": ["Orléans", "Tours"]},
        "n": 3,
    }
    assert columns == ["titre", "infos"]
    assert received["titre"] == "CafÃ© associatif"
    sound = {"titre": "Café"}
    assert repaired_row(sound)[0] is sound


def test_a_repair_is_told_among_the_remarks() -> None:
    rules = parse([{"target": "title", "path": "titre"}])
    record = map_rows(rules, [{"titre": "CafÃ© associatif"}])
    assert (record.title, record.mended) == ("Café associatif", 1)
    [problem] = record.problems
    assert problem["code"] == "encodage-repare"
    assert "« titre »" in problem["message"]
