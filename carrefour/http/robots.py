"""Politeness: what robots.txt allows, and a pause between two requests to one host."""

import time
from collections.abc import Callable
from urllib.parse import urlsplit

from protego import Protego

from carrefour.http.errors import FetchError

ROBOTS_BYTES = 512_000
MAX_DELAY = 10.0


class Politeness:
    """Rules and pauses of each host met during one harvest.

    ``fetch`` reads a robots.txt: url → (status, body).
    """

    def __init__(self, agent: str, delay: float, fetch: Callable[[str], tuple[int, bytes]]) -> None:
        self.agent = agent
        self.delay = delay
        self.fetch = fetch
        self._rules: dict[str, Protego] = {}
        self._next: dict[str, float] = {}

    def check(self, url: str) -> None:
        """Raise ``FetchError`` (robots) when the site asks robots not to read ``url``."""
        if not self._rules_of(url).can_fetch(url, self.agent):
            raise FetchError(
                "robots",
                f"Le site demande aux robots de ne pas lire cette adresse (robots.txt) : {url}",
                url=url,
            )

    def wait(self, url: str, *, is_local: bool) -> None:
        """Pause until the host may be asked again; hosts of local trials are not waited for."""
        origin = _origin(url)
        asked = self._rules_of(url).crawl_delay(self.agent) or 0.0
        delay = 0.0 if is_local and not asked else min(max(self.delay, float(asked)), MAX_DELAY)
        now = time.monotonic()
        pause = self._next.get(origin, now) - now
        if pause > 0:
            time.sleep(pause)
        self._next[origin] = time.monotonic() + delay

    def _rules_of(self, url: str) -> Protego:
        origin = _origin(url)
        if origin not in self._rules:
            self._rules[origin] = self._read(origin)
        return self._rules[origin]

    def _read(self, origin: str) -> Protego:
        """RFC 9309: no file (4xx) allows everything, a failing server (5xx) nothing for now."""
        status, body = self.fetch(f"{origin}/robots.txt")
        if 200 <= status < 300:
            return Protego.parse(body[:ROBOTS_BYTES].decode("utf-8", errors="replace"))
        if status >= 500:
            raise FetchError(
                "robots",
                f"Le site est en panne : ses consignes aux robots sont illisibles ({status}).",
                url=f"{origin}/robots.txt",
                status=status,
            )
        return Protego.parse("")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()
