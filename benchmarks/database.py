"""The database of a measure."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def database(name: str) -> Iterator[None]:
    """Django ready on a database of our own, removed at the end, on the server of DATABASE_URL or
    on embedded ones; what is on this machine may be harvested, without waiting."""
    os.environ["CARREFOUR_MODE"] = "test"
    os.environ["CARREFOUR_HARVEST_ALLOW_HOSTS"] = "127.0.0.1"
    os.environ["CARREFOUR_HARVEST_DELAY"] = "0"
    os.environ["CARREFOUR_TEST_DATABASE"] = f"mesure_{name}_{os.getpid()}"
    from carrefour import embedded

    if embedded.is_needed(os.environ):
        servers = embedded.ensure(instance="mesures")
        os.environ.setdefault("DATABASE_URL", servers.database_url)
        os.environ.setdefault("REDIS_URL", servers.redis_url)
    os.environ["DJANGO_SETTINGS_MODULE"] = "carrefour.settings"
    import django

    django.setup()
    from django.db import connection

    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(os.environ["CARREFOUR_TEST_DATABASE"], verbosity=0)
