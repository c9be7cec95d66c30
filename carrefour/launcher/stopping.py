"""Who may ask the demonstration to end, and how it hears of it."""

from __future__ import annotations

import os
import select
import signal
import sys
from pathlib import Path

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(Exception):
    """Somebody asked for the end (Ctrl-C, make stop, terminal closed)."""


class StopRequest:
    """Signals only raise a flag; ``check`` turns it into an exception between two actions.

    An exception raised by the signal itself could strike while a process is being started, and
    leave it running with nobody knowing. Two ends reach us without a signal: that of the terminal
    when another process leads its session, and that of make, which keeps SIGINT to itself.
    """

    def __init__(self) -> None:
        self.asked = False
        self.terminal = select.poll()
        if sys.stdin and sys.stdin.isatty():
            self.terminal.register(sys.stdin, 0)  # no event but its end
        self.make = os.getppid() if "MAKELEVEL" in os.environ else 0
        self.make_catches = caught_by(self.make)
        for number in SIGNALS:
            signal.signal(number, self._ask)

    def _ask(self, number: int, frame: object) -> None:
        self.asked = True

    def check(self) -> None:
        """Raise Interrupted once the end has been asked for."""
        # On a signal make stops catching it and waits for us, without a word.
        if self.terminal.poll(0) or caught_by(self.make) != self.make_catches:
            self.asked = True
        if self.asked:
            raise Interrupted


def caught_by(pid: int) -> int:
    """Which of SIGNALS process ``pid`` catches, as a bit mask; 0 when gone or unknown."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    mask = next((int(line.split()[1], 16) for line in lines if line.startswith("SigCgt")), 0)
    return mask & sum(1 << (number - 1) for number in SIGNALS)
