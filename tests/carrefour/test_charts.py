"""Columns by year: the years, the scale, and what is too little to be seen."""

import pytest

from carrefour.charts import COLUMNS_HEIGHT, column_chart


def test_few_years_are_drawn_among_ten() -> None:
    chart = column_chart({2023: 4})

    assert [label for _, label in chart.years] == ["2014", "2016", "2018", "2020", "2022"]
    assert chart.columns[0].width == "8.00%"


def test_the_last_forty_years_are_drawn() -> None:
    chart = column_chart({1901: 9, 1990: 2, 2024: 3})

    assert [column.year for column in chart.columns] == [1990, 2024]
    assert [label for _, label in chart.years] == ["1990", "2000", "2010", "2020"]


@pytest.mark.parametrize(
    ("most", "marks"),
    [
        (1, ["0", "1"]),
        (4, ["0", "1", "2", "3", "4"]),
        (9, ["0", "5", "10"]),
        (1057, ["0", "500", "1\u202f000", "1\u202f500"]),
    ],
)
def test_the_scale_is_of_round_numbers(most: int, marks: list[str]) -> None:
    chart = column_chart({2024: most})

    assert [label for _, label in chart.marks] == marks
    assert chart.marks[0][0] == COLUMNS_HEIGHT
    assert chart.marks[-1][0] == 0


def test_the_smallest_column_is_seen() -> None:
    chart = column_chart({2023: 1, 2024: 90_000})

    assert chart.columns[0].height == 2
