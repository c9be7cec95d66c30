"""The line of the terminal: bar, rows, rate, time left."""

import pytest

from partners.terminal import ProgressLine, told

QUARTER = "[██████░░░░░░░░░░░░░░░░░░] 25 %"
NONE, ALL = "[░░░░░░░░░░░░░░░░░░░░░░░░] 0 %", "[████████████████████████] 100 %"


@pytest.mark.parametrize(
    ("seen", "expected", "seconds", "line"),
    [
        (1000, 4000, 4.0, f"{QUARTER} · 1 000 lignes sur 4 000 · 250/s · reste 12 s"),
        (300, None, 2.0, "300 lignes lues · 150/s"),
        (10, 10_000, 10.0, f"{NONE} · 10 lignes sur 10 000 · 1/s · reste 2 h 46"),
        (600, 500, 1.0, f"{ALL} · 600 lignes sur 500 · 600/s"),
    ],
)
def test_the_line_tells_how_far_it_is(
    seen: int, expected: int | None, seconds: float, line: str
) -> None:
    assert told(seen, expected, seconds) == line


def test_a_terminal_has_one_line_and_a_pipe_few() -> None:
    written: list[str] = []
    line = ProgressLine(written.append, rewrites=True)
    for seen in (100, 200):
        line({"seen": seen}, 400)
    line.close()
    assert all(text.startswith("\r") for text in written[:2])
    assert written[-1] == "\n"
    written.clear()
    piped = ProgressLine(written.append, rewrites=False)
    for seen in range(50):
        piped({"seen": seen}, None)
    piped.close()
    assert len(written) == 1
