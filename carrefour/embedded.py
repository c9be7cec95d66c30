"""The embedded PostgreSQL and Redis of one checkout: their addresses, and keeping them up.

Nothing of Django here: settings and ``manage.py`` call this before Django exists. Servers are
shared by every process of the checkout and stop with the last one (``carrefour.servers.sharing``).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from carrefour.servers.place import DEMO, ServerError, place_of

ROOT = Path(__file__).resolve().parent.parent
DATABASE = "carrefour"


@dataclass(frozen=True)
class Urls:
    """Addresses of the embedded servers, both on unix sockets (no port to clash on)."""

    database_url: str
    redis_url: str

    @property
    def broker_url(self) -> str:
        return broker_url_for(self.redis_url)


def urls_for(root: Path = ROOT, instance: str = DEMO) -> Urls:
    """Addresses that the servers of ``root`` have or would have; starts nothing.

    The double slash after ``@`` is django-environ's way to say « host is this folder ».
    """
    sockets = quote(str(place_of(root, instance).sockets))
    return Urls(
        database_url=f"postgres://{DATABASE}@/{sockets}/{DATABASE}",
        redis_url=f"unix://{sockets}/redis?db=0",
    )


def broker_url_for(redis_url: str) -> str:
    """Same server in Celery's spelling: kombu knows ``redis+socket://``, redis-py ``unix://``."""
    if not redis_url.startswith("unix://"):
        return redis_url
    return redis_url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=")


def is_needed(environ: Mapping[str, str]) -> bool:
    """Whether at least one server has no address in ``environ``."""
    return needs_postgresql(environ) or needs_redis(environ)


def needs_postgresql(environ: Mapping[str, str]) -> bool:
    return not environ.get("DATABASE_URL", "").strip()


def needs_redis(environ: Mapping[str, str]) -> bool:
    # CELERY_BROKER_URL alone is not enough: the cache reads REDIS_URL.
    return not environ.get("REDIS_URL", "").strip()


def ensure(
    root: Path = ROOT, instance: str = DEMO, environ: Mapping[str, str] = os.environ
) -> Urls:
    """Start, or join, the servers that ``environ`` gives no address for; returns the addresses.

    They run until the last process that called this has ended, however it ended. The instance
    ``tests`` has its own data and gives up durability for speed. A server that cannot run ends
    the program with one line on stderr.
    """
    from carrefour.servers import sharing  # needs psutil, absent where real servers are used

    try:
        sharing.join(
            place_of(root, instance),
            postgresql=needs_postgresql(environ),
            redis=needs_redis(environ),
        )
    except ServerError as error:
        raise SystemExit(f"carrefour : {error}") from None
    return urls_for(root, instance)


def release() -> None:
    """Leave the servers before the process ends; the last to leave stops them and waits."""
    from carrefour.servers import sharing

    sharing.leave()
