"""What the commands say while they work: one French line per step, with the time elapsed."""

from __future__ import annotations

import os
import sys
import time

# Kept in the environment, so that the time goes on through ``exec`` into the virtual environment.
ORIGIN = "CARREFOUR_LAUNCHED_AT"


class Refusal(Exception):
    """The command cannot go on; the message is one French line that says what to do."""


def step(text: str) -> None:
    """Say that a step begins, after the seconds since the command began."""
    elapsed = f"{time.time() - origin():.1f}".replace(".", ",")
    say(f"[{elapsed:>6} s] {text}")


def say(text: str = "") -> None:
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except OSError:
        pass  # the terminal is gone: stopping cleanly still has to go on


def origin() -> float:
    return float(os.environ.setdefault(ORIGIN, str(time.time())))
