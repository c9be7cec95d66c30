"""How far a harvest is, on one line of the terminal."""

import time
from collections.abc import Callable

from carrefour.french import counted, grouped

WIDTH = 24
# Where lines cannot be rewritten (a file, a pipe), one is enough every other second.
SECONDS = 2.0


class ProgressLine:
    """Shows (counts, rows expected or None) as they come: bar, rows, rate, time left.

    ``write`` puts a text on the terminal as it is; ``rewrites``: whether a line can be replaced.
    """

    def __init__(self, write: Callable[[str], object], *, rewrites: bool) -> None:
        self._write = write
        self._rewrites = rewrites
        self._began = time.monotonic()
        self._shown_at = 0.0
        self._length = 0

    def __call__(self, counts: dict[str, int], expected: int | None) -> None:
        now = time.monotonic()
        if not self._rewrites and now - self._shown_at < SECONDS:
            return
        self._shown_at = now
        line = told(counts["seen"], expected, now - self._began)
        if self._rewrites:
            self._write("\r" + line.ljust(self._length))
            self._length = len(line)
        else:
            self._write(f"{line}\n")

    def close(self) -> None:
        """Leave the line, so that what follows does not write over it."""
        if self._length:
            self._write("\n")
            self._length = 0


def told(seen: int, expected: int | None, seconds: float) -> str:
    """« [████░░░░] 50 % · 1 000 lignes sur 2 000 · 250/s · reste 4 s »."""
    rate = seen / seconds if seconds > 0 else 0
    parts = [counted(seen, "ligne lue")]
    if expected:
        share = min(1.0, seen / expected)
        full = round(share * WIDTH)
        parts = [
            f"[{'█' * full}{'░' * (WIDTH - full)}] {share:.0%}".replace("%", " %"),
            f"{counted(seen, 'ligne')} sur {grouped(expected)}",
        ]
    parts.append(f"{rate:.0f}/s")
    if expected and rate and seen < expected:
        parts.append(f"reste {_duration((expected - seen) / rate)}")
    # Few terminals have the narrow space that parts thousands.
    return " · ".join(parts).replace("\u202f", " ")


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02}"
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
