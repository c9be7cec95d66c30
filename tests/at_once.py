"""Two people at once: what another connection does while a transaction of ours is open."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection

SECONDS = 1.0


def in_a_thread(act: Callable[[], Any]) -> threading.Thread:
    """Done by another connection; waited for a moment, no more: it may have to wait for us."""

    def run() -> None:
        try:
            act()
        finally:
            connection.close()

    started = threading.Thread(target=run)
    started.start()
    started.join(SECONDS)
    return started
