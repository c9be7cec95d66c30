"""Dates as precise as what is known of them."""

import pytest
from django.core.exceptions import ValidationError

from essaimage import dates


@pytest.mark.parametrize("date", ["2017", "2017-11", "2017-11-03", "1800", "2024-02-29"])
def test_a_year_a_month_or_a_day_is_a_date(date: str) -> None:
    dates.validate(date)


@pytest.mark.parametrize(
    "date",
    ["", "17", "1799", "2017-13", "2017-02-30", "2023-02-29", "2017/11", "2017-1", "hier",
     "２０１７", "2017-11-03 ", "2017-00", "20171"],
)  # fmt: skip
def test_anything_else_is_refused_in_plain_words(date: str) -> None:
    with pytest.raises(ValidationError, match="n’est pas une date"):
        dates.validate(date)


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ("2016", "2017", True),
        ("2017", "2017-11", False),
        ("2017-11", "2017", False),
        ("2017-10", "2017-11-03", True),
        ("2017-11", "2017-11-03", False),
        ("", "2017", False),
        ("2017", "", False),
    ],
)
def test_before_is_said_only_when_it_is_sure(one: str, other: str, said: bool) -> None:
    assert dates.is_before(one, other) is said


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ("2017-11", "2017", "2017-11"),
        ("2017", "2017-11", "2017-11"),
        ("2016-12-31", "2017", "2017"),
        ("2018", "2017-11-03", "2018"),
        ("", "2017", "2017"),
    ],
)
def test_the_later_of_two_keeps_what_is_known_of_it(one: str, other: str, said: str) -> None:
    assert dates.later(one, other) == said


@pytest.mark.parametrize(
    ("date", "said"),
    [
        ("2017", "2017"),
        ("2017-11", "novembre 2017"),
        ("2017-11-03", "3 novembre 2017"),
        ("vers 2017", "vers 2017"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_date_is_shown_as_precise_as_it_is(date: str | None, said: str) -> None:
    assert dates.shown(date) == said


def test_the_first_day_and_the_year() -> None:
    assert str(dates.first_day("2017-11")) == "2017-11-01"
    assert dates.first_day("2017-31") is None
    assert dates.year("2017-11-03") == 2017
    assert dates.year("") is None
