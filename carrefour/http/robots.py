"""Politeness: what robots.txt allows, and the pace at which each host is asked."""

import time
from collections.abc import Callable
from urllib.parse import urlsplit

import redis
from django.conf import settings
from django.core.cache import cache
from protego import Protego

from carrefour.http.errors import FetchError
from carrefour.http.pacing import WAIT_LIMIT, Place, pace

ROBOTS_BYTES = 512_000
MAX_DELAY = 10.0
# RFC 9309 allows a day; a site that changes its mind is heard sooner.
ROBOTS_SECONDS = 3600


class Politeness:
    """Rules and pace of each host met during one harvest.

    ``fetch`` reads a robots.txt: url → (status, body). ``is_local`` tells the hosts of local
    trials, which are not waited for unless they ask.
    """

    def __init__(
        self,
        agent: str,
        fetch: Callable[[str], tuple[int, bytes]],
        is_local: Callable[[str], bool],
    ) -> None:
        self.agent = agent
        self.fetch = fetch
        self.is_local = is_local
        # How long a place is waited for (seconds), and the moment by which it must be had.
        self.patience = WAIT_LIMIT
        self.until = float("inf")
        self._rules: dict[str, Protego] = {}

    def check(self, url: str) -> None:
        """Raise ``FetchError`` (robots) when the site asks robots not to read ``url``."""
        if not self._rules_of(url).can_fetch(url, self.agent):
            raise FetchError(
                "robots",
                f"Le site demande aux robots de ne pas lire cette adresse (robots.txt) : {url}",
                url=url,
            )

    def enter(self, url: str) -> Place:
        """Wait until the host may be asked; the place is to be left once it has answered.

        Raises ``FetchError`` (trop-de-requetes).
        """
        asked = self._rules_of(url).crawl_delay(self.agent) or 0.0
        if self.is_local(url) and not asked:
            # Trials and samples on this machine: only the pauses they ask for.
            return pace().enter(_host(url), 0.0, 1000, self._patience(0.0))
        delay = min(max(settings.HARVEST_DELAY, float(asked)), MAX_DELAY)
        return pace().enter(_host(url), delay, settings.HARVEST_PARALLEL, self._patience(delay))

    def hold(self, url: str, seconds: float | None) -> None:
        """The host asked to be left alone for so long."""
        if seconds:
            pace().hold(_host(url), seconds)

    def _patience(self, delay: float) -> float:
        """The pause that the host asks for between two requests is no sign that it is busy."""
        return min(self.patience + delay, max(0.0, self.until - time.monotonic()))

    def _rules_of(self, url: str) -> Protego:
        origin = _origin(url)
        if origin not in self._rules:
            self._rules[origin] = Protego.parse(self._read(origin))
        return self._rules[origin]

    def _read(self, origin: str) -> str:
        """Kept for an hour for all processes, local hosts apart."""
        if self.is_local(origin):
            return self._asked(origin)
        key = f"robots:{origin}"
        try:
            known = cache.get(key)
            if known is None:
                known = self._asked(origin)
                cache.set(key, known, ROBOTS_SECONDS)
        except redis.RedisError:
            return self._asked(origin)
        return str(known)

    def _asked(self, origin: str) -> str:
        """RFC 9309: no file (4xx) allows everything, a failing server (5xx) nothing for now; nor
        does one that asks for a pause (429), which is no absence of rules."""
        status, body = self.fetch(f"{origin}/robots.txt")
        if 200 <= status < 300:
            return body[:ROBOTS_BYTES].decode("utf-8", errors="replace")
        if status >= 500 or status == 429:
            said = "demande de patienter" if status == 429 else "est en panne"
            raise FetchError(
                "robots",
                f"Le site {said} : ses consignes aux robots sont illisibles ({status}).",
                url=f"{origin}/robots.txt",
                status=status,
            )
        return ""


def _host(url: str) -> str:
    return urlsplit(url).netloc.lower()


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()
