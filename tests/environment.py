"""The environment of a test run, set before Django reads its settings (pytest -p).

Without DATABASE_URL and REDIS_URL the embedded servers of the instance « tests » are started.
Each xdist worker has its own database (pytest-django) and its own Redis database number.
"""

import os
import re
from pathlib import Path

import environ
import psycopg
from psycopg import sql

from carrefour import embedded

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


if embedded.is_needed(os.environ):
    servers = embedded.ensure(instance="tests")
    os.environ.setdefault("DATABASE_URL", servers.database_url)
    os.environ.setdefault("REDIS_URL", servers.redis_url)

worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
# The number of the controlling process: two runs at once in one checkout share nothing.
run = int(os.environ.setdefault("CARREFOUR_TEST_RUN", str(os.getpid())))
os.environ.setdefault("CARREFOUR_TEST_DATABASE", f"test_carrefour_{run}")
redis_server = os.environ.setdefault("CARREFOUR_TEST_REDIS", os.environ["REDIS_URL"])
os.environ["REDIS_URL"] = own_redis_database(redis_server, 1 + 2 * (run % 7) + worker % 2)
os.environ.pop("CELERY_BROKER_URL", None)


def drop_databases_of_killed_runs() -> None:
    """A run that was killed could not remove its databases; the next one does."""
    at = environ.Env.db_url_config(os.environ["DATABASE_URL"])
    with psycopg.connect(
        host=at["HOST"] or None,
        port=at["PORT"] or None,
        user=at["USER"],
        password=at["PASSWORD"] or None,
        dbname=at["NAME"],
        autocommit=True,
    ) as server:
        names = server.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE 'test_carrefour_%'"
        ).fetchall()
        for (name,) in names:
            number = re.match(r"test_carrefour_(\d+)", name)
            if number and not Path(f"/proc/{number[1]}").exists():
                server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


if "PYTEST_XDIST_WORKER" not in os.environ:
    drop_databases_of_killed_runs()
