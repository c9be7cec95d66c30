import csv
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from territories.lookup import SURE, Status, find

with (Path(__file__).parent / "places.tsv").open(encoding="utf-8", newline="") as file:
    PLACES = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))

RENNES = (48.1147, -1.6794)
WORDS = ["saint", "paris", "35000", "rue", "de", "la", ",", "(", ")", "22", "cedex", "et", "à"]
SAINT_DENIS_93 = (48.9362, 2.3574)


@pytest.mark.parametrize("case", PLACES, ids=lambda case: case["text"] or "vide")
def test_what_partners_write(case: dict) -> None:
    place = find(case["text"])
    found = place.territory
    assert float(case["least"]) <= place.confidence <= float(case["most"]), place
    if case["code"]:
        assert found, place
        assert (found.kind, found.code) == (case["kind"], case["code"]), place


@pytest.mark.parametrize("text", ["NR", "NA", "null", "#N/D", "0", "", "  ", "non renseigné", None])
def test_nothing_is_written(text: str | None) -> None:
    place = find(text)
    assert place.status == Status.EMPTY
    assert place.territories == ()


@pytest.mark.parametrize("text", ["Espagne, Portugal", "Belgique", "Bruxelles", "Europe"])
def test_abroad(text: str) -> None:
    place = find(text)
    assert place.status == Status.FOREIGN
    assert place.foreign
    assert place.territory is None


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Nantes, Rennes", {"44109", "35238"}),
        ("Nantes et Rennes", {"44109", "35238"}),
        ("Quimper ; Brest ; Lorient", {"29232", "29019", "56121"}),
        ("Finistère / Morbihan", {"29", "56"}),
        ("Lille (59) et Roubaix", {"59350", "59512"}),
    ],
)
def test_several_places(text: str, codes: set[str]) -> None:
    place = find(text)
    assert place.status == Status.SEVERAL
    assert {t.code for t in place.several} == codes
    assert place.territory is None


def test_homonyms_are_ambiguous_until_something_settles_them() -> None:
    alone = find("Saint-Denis")
    assert alone.status == Status.AMBIGUOUS
    assert not alone.sure
    assert {"93066", "97411"} <= {c.code for c in (alone.territory, *alone.candidates) if c}
    for settled in (
        find("Saint-Denis", departement="93"),
        find("Saint-Denis", departement="Seine-Saint-Denis"),
        find("Saint-Denis", postcode="93200"),
        find("Saint-Denis", code="93066"),
        find("Saint-Denis", point=SAINT_DENIS_93),
    ):
        assert settled.sure, settled
        assert settled.territory
        assert settled.territory.code == "93066"


def test_a_street_is_not_a_town() -> None:
    assert find("12 rue de Paris").territory is None
    assert not find("10 avenue de Lyon").sure
    found = find("12 rue de Paris, Rennes").territory
    assert found
    assert found.name == "Rennes"


@pytest.mark.parametrize("code", [1053, "1053", "01053", 1053.0, " 01053 "])
def test_a_code_that_lost_its_zero(code: object) -> None:
    found = find(code=code).territory  # type: ignore[arg-type]
    assert found
    assert found.name == "Bourg-en-Bresse"


@pytest.mark.parametrize(
    ("code", "name"), [("75111", "Paris"), ("69383", "Lyon"), ("50173", "Cherbourg-en-Cotentin")]
)
def test_codes_of_parts_and_of_the_past(code: str, name: str) -> None:
    place = find(code=code)
    assert place.territory
    assert place.territory.name == name


def test_a_postal_code_as_a_number() -> None:
    found = find("Bourg en Bresse", postcode=1000).territory
    assert found
    assert found.code == "01053"


@pytest.mark.parametrize("point", [RENNES, RENNES[::-1], ("48,1147", "-1,6794")])
def test_a_point_whichever_way_round(point: tuple) -> None:
    place = find(point=point)
    assert place.territory
    assert place.territory.name == "Rennes"
    assert ("échangées" in place.reason) == (point == RENNES[::-1])


@pytest.mark.parametrize(
    ("point", "code"),
    [
        ((-20.88, 55.45), "97411"),
        ((14.61, -61.07), "97209"),
        ((4.93, -52.33), "97302"),
        ((-22.27, 166.44), "988"),
        ((-12.78, 45.23), "97611"),
        ((46.78, -56.18), "975"),
    ],
)
def test_points_overseas(point: tuple[float, float], code: str) -> None:
    found = find(point=point).territory
    assert found
    assert found.code == code


@pytest.mark.parametrize("point", [(40.41, -3.70), (0, 0), (None, None), (91.0, 500.0), ("x", 1)])
def test_points_that_tell_nothing(point: tuple) -> None:
    place = find(point=point)
    assert place.territory is None


def test_a_point_outside_france_is_told() -> None:
    place = find(point=(40.41, -3.70))
    assert place.foreign
    assert "hors de France" in place.reason


@pytest.mark.parametrize(
    "clues",
    [
        {"text": "Nantes", "code": "35238"},
        {"text": "Nantes", "point": RENNES},
        {"text": "Nantes", "postcode": "35000"},
        {"text": "Rennes (44)"},
    ],
)
def test_clues_that_contradict_are_told(clues: dict) -> None:
    place = find(**clues)
    assert place.confidence <= 0.6
    assert place.reason
    assert place.candidates


def test_clues_that_agree_are_surer() -> None:
    place = find("Rennes", code="35238", postcode="35000", point=RENNES)
    assert place.confidence >= 0.95
    assert place.territory
    assert place.territory.code == "35238"


def test_a_code_makes_a_larger_text_precise() -> None:
    place = find("Bretagne", code="35238")
    assert place.territory
    assert place.territory.code == "35238"
    assert place.sure


def test_a_point_leaves_a_larger_text_as_it_is() -> None:
    place = find("Bretagne", point=RENNES)
    assert place.territory
    assert (place.territory.kind, place.territory.code) == ("region", "53")


def test_old_regions_say_what_became_of_them() -> None:
    place = find("Poitou-Charentes")
    assert "ancienne région" in place.reason
    assert "Nouvelle-Aquitaine" in place.reason


def test_what_is_not_official_is_proposed_only() -> None:
    place = find("Pays de Brest")
    assert place.confidence < SURE
    assert "Brest" in {c.name for c in place.candidates} | {
        place.territory and place.territory.name
    }


@settings(max_examples=400, deadline=None)
@given(
    text=st.text(max_size=80) | st.lists(st.sampled_from(WORDS)).map(" ".join),
    code=st.none() | st.text(max_size=6) | st.integers() | st.floats(),
    postcode=st.none() | st.from_regex(r"\d{0,6}", fullmatch=True) | st.integers(0, 99999),
    point=st.none() | st.tuples(st.floats(), st.floats()),
    departement=st.none() | st.text(max_size=5),
)
@example(text="((", code="²", postcode=None, point=(float("nan"), 1.0), departement="٣")
def test_nothing_that_is_written_raises(
    text: str, code: object, postcode: object, point: tuple | None, departement: str | None
) -> None:
    place = find(text, code=code, postcode=postcode, point=point, departement=departement)  # type: ignore[arg-type]
    assert 0 <= place.confidence <= 1
    assert place.territory or place.several or not place.sure or place.foreign
    if place.status not in {Status.EMPTY}:
        assert place.reason or place.territory
