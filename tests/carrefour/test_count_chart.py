"""Charts of whole numbers by year: their scale, their steps."""

import pytest

from carrefour.charts import HEIGHT, LEFT, RIGHT, WIDTH, count_chart


def test_a_value_holds_until_the_next_year() -> None:
    chart = count_chart([2015, 2016, 2018], [("Sites", "c", [1, 1, 3])], "De 1 à 3.")

    assert chart is not None
    [(_, _, points)] = chart.lines
    drawn = [tuple(map(float, point.split(","))) for point in points.split(" ")]
    assert drawn[0][0] == LEFT
    assert drawn[-1][0] == WIDTH - RIGHT
    # The last year: up at once, from the height of the one before.
    assert drawn[-2] == (drawn[-1][0], drawn[0][1])
    assert drawn[-1][1] < drawn[0][1] < HEIGHT


@pytest.mark.parametrize(
    ("most", "marks"),
    [
        (0, [0, 1]),
        (1, [0, 1]),
        (5, [0, 1, 2, 3, 4, 5]),
        (6, [0, 2, 4, 6]),
        (57, [0, 20, 40, 60]),
        (1000, [0, 200, 400, 600, 800, 1000]),
    ],
)
def test_marks_are_whole_and_few(most: int, marks: list[int]) -> None:
    chart = count_chart([2015, 2016], [("Sites", "c", [0, most])], "")

    assert chart is not None
    assert [mark for _, mark in chart.marks] == marks


def test_one_year_is_no_curve() -> None:
    assert count_chart([2015], [("Sites", "c", [1])], "") is None
