"""One pace per host, kept by all processes together: they agree through Redis.

A host is asked by so many requests at once, one every so often, and by nobody while it asked for a
pause (Retry-After). Without Redis each process keeps the pace alone, and says so once.
"""

import logging
import random
import secrets
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

import redis
from django.conf import settings

from carrefour.http.errors import FetchError
from carrefour.http.retrying import longest_pause

# A worker that dies leaves its place to others after so many seconds.
LEASE = 45.0
RENEW = 5.0
# Waiting for one's turn longer than that is a site too busy.
WAIT_LIMIT = 900.0
LONGEST_HOLD = 86_400.0
REDIS_TIMEOUT = 2.0
REDIS_AGAIN = 30.0
PREFIX = "carrefour:allure:"
log = logging.getLogger(__name__)

# KEYS: pause, next, holders. ARGV: delay, parallel, lease (ms), me.
# Answers the milliseconds to wait before asking again (0: go) and those of the pause.
ENTER = """
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local pause = tonumber(redis.call('GET', KEYS[1]) or '0')
if pause > now then return {pause - now, pause - now} end
local next = tonumber(redis.call('GET', KEYS[2]) or '0')
if next > now then return {next - now, 0} end
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now)
if redis.call('ZCARD', KEYS[3]) >= tonumber(ARGV[2]) then return {100, 0} end
redis.call('ZADD', KEYS[3], now + ARGV[3], ARGV[4])
redis.call('PEXPIRE', KEYS[3], ARGV[3])
if tonumber(ARGV[1]) > 0 then
  redis.call('SET', KEYS[2], now + ARGV[1], 'PX', ARGV[1])
end
return {0, 0}
"""
# KEYS: holders. ARGV: lease (ms), me.
RENEWED = """
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
redis.call('ZADD', KEYS[1], 'XX', now + ARGV[1], ARGV[2])
return redis.call('PEXPIRE', KEYS[1], ARGV[1])
"""
# KEYS: pause. ARGV: milliseconds. A shorter pause never cuts a longer one.
HELD = """
local clock = redis.call('TIME')
local till = clock[1] * 1000 + math.floor(clock[2] / 1000) + ARGV[1]
if tonumber(redis.call('GET', KEYS[1]) or '0') < till then
  redis.call('SET', KEYS[1], till, 'PX', ARGV[1])
end
return 1
"""


@dataclass
class Place:
    """One's turn at a host; to be left when the exchange is over."""

    pace: "Pace"
    host: str
    name: str = ""
    renewed_at: float = 0.0

    def renew(self) -> None:
        """Say that the exchange goes on; cheap to call often."""
        now = time.monotonic()
        if self.name and now - self.renewed_at > RENEW:
            self.renewed_at = now
            self.pace.renew(self)

    def leave(self) -> None:
        if self.name:
            self.pace.leave(self)


class Pace:
    """The pace of every host, for this process and those that share its Redis."""

    def __init__(self, redis_url: str) -> None:
        self.client = redis.Redis.from_url(
            redis_url, socket_timeout=REDIS_TIMEOUT, socket_connect_timeout=REDIS_TIMEOUT
        )
        self._enter = self.client.register_script(ENTER)
        self._renew = self.client.register_script(RENEWED)
        self._hold = self.client.register_script(HELD)
        self._lock = threading.Lock()
        self._next: dict[str, float] = {}
        self._paused: dict[str, float] = {}
        self._without_until = 0.0

    def enter(self, host: str, delay: float, parallel: int, patience: float = WAIT_LIMIT) -> Place:
        """Wait for one's turn at ``host``: at most ``parallel`` exchanges at once, begun at least
        ``delay`` seconds one after the other.

        Raises ``FetchError`` (trop-de-requetes) when the host asked for a pause too long to wait,
        or when others keep the place for more than ``patience`` seconds.
        """
        name = secrets.token_hex(8)
        end = time.monotonic() + patience
        while True:
            place, wait, pause = self._try(host, delay, parallel, name)
            if place is not None:
                return place
            if pause > min(longest_pause(), patience):
                raise FetchError("trop-de-requetes", _asked_to_wait(host, pause))
            if time.monotonic() + wait > end:
                raise FetchError("trop-de-requetes", _busy(host, patience))
            # All who wait would otherwise come back at the very same moment.
            time.sleep(wait + random.uniform(0, min(0.1, wait / 5)))

    def hold(self, host: str, seconds: float) -> None:
        """The host asked for a pause: nobody asks it anything for so long."""
        seconds = min(seconds, LONGEST_HOLD)
        if seconds <= 0:
            return
        until = time.monotonic() + seconds
        with self._lock:
            self._paused[host] = max(until, self._paused.get(host, 0.0))
        if self._has_redis():
            try:
                self._hold(keys=[f"{PREFIX}pause:{host}"], args=[round(seconds * 1000)])
            except redis.RedisError as error:
                self._tell(error)

    def renew(self, place: Place) -> None:
        with suppress(redis.RedisError):
            self._renew(keys=[_holders(place.host)], args=[round(LEASE * 1000), place.name])

    def leave(self, place: Place) -> None:
        with suppress(redis.RedisError):
            self.client.zrem(_holders(place.host), place.name)

    def _try(
        self, host: str, delay: float, parallel: int, name: str
    ) -> tuple[Place | None, float, float]:
        """One's turn, or how long to wait and, within it, the pause asked for (seconds)."""
        if self._has_redis():
            keys = [f"{PREFIX}pause:{host}", f"{PREFIX}suivante:{host}", _holders(host)]
            try:
                wait, pause = self._enter(
                    keys=keys,
                    args=[round(delay * 1000), parallel, round(LEASE * 1000), name],
                )
            except redis.RedisError as error:
                self._tell(error)
            else:
                place = Place(self, host, name, time.monotonic())
                return (None if wait else place), wait / 1000, pause / 1000
        return self._try_alone(host, delay)

    def _try_alone(self, host: str, delay: float) -> tuple[Place | None, float, float]:
        now = time.monotonic()
        with self._lock:
            pause = self._paused.get(host, 0.0) - now
            wait = max(self._next.get(host, 0.0) - now, pause)
            if wait > 0:
                return None, wait, max(pause, 0.0)
            self._next[host] = now + delay
        return Place(self, host), 0.0, 0.0

    def _has_redis(self) -> bool:
        return time.monotonic() >= self._without_until

    def _tell(self, error: redis.RedisError) -> None:
        if not self._without_until:
            log.warning(
                "Redis ne répond pas : chaque moissonneur garde seul l’allure des sites (%s).",
                type(error).__name__,
            )
        self._without_until = time.monotonic() + REDIS_AGAIN


@cache
def pace() -> Pace:
    """The pace of this process."""
    return Pace(settings.REDIS_URL)


def _holders(host: str) -> str:
    return f"{PREFIX}lectures:{host}"


def _busy(host: str, patience: float) -> str:
    if patience < WAIT_LIMIT:
        return f"Le site est en cours de moissonnage, réessayez dans quelques minutes : {host}"
    return f"Trop de lectures attendent ce site : {host}"


def _asked_to_wait(host: str, pause: float) -> str:
    minutes = round(pause / 60)
    said = f"{minutes} minutes" if minutes < 120 else f"{round(pause / 3600)} heures"
    if minutes < 2:
        said = f"{round(pause)} secondes"
    return f"Le site a demandé de ne plus rien lui demander pendant {said} : {host}"
