"""The process that stops the embedded servers when their last user is gone, even killed.

``python -m carrefour.servers.guard <root>/.carrefour/<instance>``; see ``sharing``.
"""

from __future__ import annotations

import fcntl
import signal
import sys
from pathlib import Path

from carrefour.servers import sharing
from carrefour.servers.place import place_of


def guard(state: Path) -> None:
    """Wait until nobody uses the servers of ``state``, stop them, end.

    The lock that says a guard is there came as an open file from ``sharing.start_guard``.
    """
    place = place_of(state.parent.parent, state.name)
    stopped = False
    while not stopped:
        with (state / "users.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
        stopped = sharing.stop_if_unused(place)


if __name__ == "__main__":
    # Its end is the end of the users: a polite signal meant for the demo must not take it first.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    guard(Path(sys.argv[1]))
