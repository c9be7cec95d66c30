"""What recognises a record: its page's key, what it says, when its source dates it."""

import datetime

import pytest

from partners.likeness import dated, likeness, page_key

TEXT = "Des habitants réparent ensemble les objets du quotidien, chaque samedi, à prix libre."


@pytest.mark.parametrize(
    "url",
    [
        "https://www.exemple.fr/projets/1/?b=2&a=1",
        "http://exemple.fr/projets/1?a=1&b=2#haut",
        "https://EXEMPLE.fr/projets/1?utm_source=x&b=2&a=1&fbclid=y",
    ],
)
def test_one_page_has_one_key(url: str) -> None:
    assert page_key(url) == "exemple.fr/projets/1?a=1&b=2"


def test_a_home_page_is_no_record_s_page() -> None:
    assert page_key("https://www.exemple.fr/") == ""


def test_the_same_content_is_recognised_whatever_its_spelling() -> None:
    sites = [{"label": "Nantes"}]
    first = likeness({"title": "Atelier", "description": f"<p>{TEXT}</p>"}, sites)
    again = likeness({"title": "ATELIER", "description": f"<p>{TEXT.upper()}</p>"}, sites)
    assert first
    assert first == again
    assert first != likeness({"title": "Atelier", "description": f"<p>{TEXT}</p>"}, [])


def test_too_little_text_recognises_nothing() -> None:
    assert likeness({"title": "Repair café", "summary": "Réparer."}, []) == ""


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("2024-05-03T10:20:00+02:00", (2024, 5, 3, 8, 20)),
        ("2024-05-03T10:20:00", (2024, 5, 3, 10, 20)),
        ("2024-05-03", (2024, 5, 3, 0, 0)),
    ],
)
def test_a_date_is_read_as_an_instant(said: str, expected: tuple[int, ...]) -> None:
    found = dated(said)
    assert found is not None
    assert found == datetime.datetime(*expected, tzinfo=datetime.UTC)  # type: ignore[misc]


@pytest.mark.parametrize("said", ["", "hier", "2024-13-45", "03/05/2024"])
def test_what_is_no_date_is_none(said: str) -> None:
    assert dated(said) is None
