"""The environment of a test run, set before Django reads its settings (pytest -p).

Without DATABASE_URL and REDIS_URL the embedded servers of the instance « tests » are started.
Each xdist worker has its own database (pytest-django) and its own Redis database number.
"""

import os
import re

from carrefour import embedded

os.environ["CARREFOUR_MODE"] = "test"
os.environ.setdefault("CARREFOUR_BASE_URL", "http://testserver")
os.environ.setdefault("CARREFOUR_HARVEST_ALLOW_HOSTS", "127.0.0.1,localhost")
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

worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
if "CARREFOUR_TEST_REDIS" not in os.environ:
    os.environ["CARREFOUR_TEST_REDIS"] = os.environ["REDIS_URL"]
os.environ["REDIS_URL"] = own_redis_database(
    os.environ["CARREFOUR_TEST_REDIS"], 1 + int(worker.removeprefix("gw"))
)
os.environ.pop("CELERY_BROKER_URL", None)
