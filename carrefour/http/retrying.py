"""When to ask again: passing failures only, as the server says, and never for long."""

import email.utils
import time

import httpx
from django.conf import settings
from stamina.instrumentation import set_on_retry_hooks

from carrefour.http.errors import Truncated

# The journal of requests tells each attempt: no second account in the logs.
set_on_retry_hooks([])
RETRIED = {429, 502, 503, 504}
ATTEMPTS = 4
# A server may ask for a pause; beyond this the run says so and ends.
LONGEST_PAUSE = 60.0
TOTAL = 180.0


class PassingFailure(Exception):
    """A response worth asking again for; ``pause`` in seconds when the server gave one."""

    def __init__(self, status: int, pause: float | None) -> None:
        self.status = status
        self.pause = pause
        super().__init__(f"HTTP {status}")


def longest_pause() -> float:
    return float(getattr(settings, "HARVEST_LONGEST_PAUSE", LONGEST_PAUSE))


def backoff(error: Exception, longest: float) -> bool | float:
    """Whether to try again after ``error`` (stamina's hook), or after how many seconds; a pause
    beyond ``longest`` seconds is not waited for."""
    if isinstance(error, PassingFailure):
        if error.pause is None:
            return True
        return max(error.pause, 0.01) if error.pause <= longest else False
    return isinstance(
        error, httpx.ConnectError | httpx.RemoteProtocolError | httpx.ReadError | Truncated
    )


def raise_if_passing(response: httpx.Response) -> None:
    if response.status_code in RETRIED:
        raise PassingFailure(response.status_code, _pause(response.headers.get("retry-after", "")))


def _pause(value: str) -> float | None:
    """Retry-After in seconds, from a number or a date; None when absent or unreadable."""
    if value.strip().isdigit():
        return float(value)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except (TypeError, ValueError):
        return None
