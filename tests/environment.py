"""The environment of a test run, set before Django reads its settings (pytest -p).

Without DATABASE_URL and REDIS_URL the embedded servers of the instance « tests » are started.
Each process has its own database (pytest-django) and its own Redis database, to which no other
test process of the machine comes: what it queues and remembers is its own.
"""

import atexit
import fcntl
import hashlib
import os
import re
import sys
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path

import redis

from carrefour import embedded
from carrefour.servers.redis import TEST_DATABASES

# What any Redis has, number 0 included, which is left alone.
USUAL_DATABASES = 16

# A run starts dozens of Python programs: each would compile Django and all the rest again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
os.environ["CARREFOUR_MODE"] = "test"
os.environ.setdefault("CARREFOUR_BASE_URL", "http://testserver")
os.environ["CARREFOUR_HARVEST_ALLOW_HOSTS"] = "127.0.0.1,localhost"
# Playwright's synchronous API runs an event loop in the test's thread.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def own_redis_database(url: str, number: int) -> str:
    """The same server, another database: « …?db=N » or « …/N »."""
    if url.startswith("unix://"):
        return re.sub(r"\?db=\d+$", "", url) + f"?db={number}"
    return re.sub(r"(://[^/]+).*", rf"\1/{number}", url)


def free_number(server: str, databases: int) -> int:
    """A database of the server that no other test process uses, until this one ends."""
    name = hashlib.sha256(server.encode()).hexdigest()[:12]
    for number in range(1, databases):
        lock = Path(tempfile.gettempdir()) / f"carrefour-tests-{name}-{number}.lock"
        with suppress(OSError), ExitStack() as opened:
            file = opened.enter_context(lock.open("w"))
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # The lock lasts as long as its file is open.
            atexit.register(opened.pop_all().close)
            return number
    raise SystemExit("Trop d’essais à la fois : aucune base Redis n’est libre.")


has_own_redis = embedded.needs_redis(os.environ)
if embedded.is_needed(os.environ):
    servers = embedded.ensure(instance="tests")
    os.environ.setdefault("DATABASE_URL", servers.database_url)
    os.environ.setdefault("REDIS_URL", servers.redis_url)

# The number of the controlling process: two runs at once in one checkout share nothing.
run = int(os.environ.setdefault("CARREFOUR_TEST_RUN", str(os.getpid())))
os.environ.setdefault("CARREFOUR_TEST_DATABASE", f"test_carrefour_{run}")
# Told to xdist's workers, which see REDIS_URL changed.
redis_server = os.environ.setdefault("CARREFOUR_TEST_REDIS", os.environ["REDIS_URL"])
databases = int(
    os.environ.setdefault(
        "CARREFOUR_TEST_REDIS_DATABASES", str(TEST_DATABASES if has_own_redis else USUAL_DATABASES)
    )
)
os.environ["REDIS_URL"] = own_redis_database(redis_server, free_number(redis_server, databases))
with redis.Redis.from_url(os.environ["REDIS_URL"]) as left_by_another:
    left_by_another.flushdb()
os.environ.pop("CELERY_BROKER_URL", None)


if "PYTEST_XDIST_WORKER" not in os.environ:
    from tests import databases

    databases.drop_those_of_killed_runs()
