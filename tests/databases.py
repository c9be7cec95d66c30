"""The databases of a test run: made from a model already migrated, emptied between tests.

Migrating an empty database takes half a minute: it is done once for each state of the migrations,
then PostgreSQL copies the result for every process, of this run and of the next ones.
"""

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import environ
import psycopg
from django.contrib.contenttypes.management import create_contenttypes
from django.db import connection
from django.db.models.signals import post_migrate
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent
MODEL = "test_carrefour_modele_"
# What the migrations put there, which no test changes.
KEPT = {"django_content_type", "auth_permission"}
LOCK = 20_170_614


@contextmanager
def server() -> Iterator[psycopg.Connection]:
    """The server, by the database of its address: never one that tests fill."""
    at = environ.Env.db_url_config(os.environ["DATABASE_URL"])
    with psycopg.connect(
        host=at["HOST"] or None,
        port=at["PORT"] or None,
        user=at["USER"],
        password=at["PASSWORD"] or None,
        dbname=at["NAME"],
        autocommit=True,
    ) as opened:
        yield opened


def drop_those_of_killed_runs() -> None:
    """A run that was killed could not remove its databases; the next one does."""
    with server() as opened:
        for name in names(opened, "test_carrefour_%"):
            number = re.match(r"test_carrefour_(\d+)", name)
            if number and not Path(f"/proc/{number[1]}").exists():
                drop(opened, name)


@contextmanager
def made_from_the_model() -> Iterator[None]:
    """Within, Django makes its database from the model; the first one made becomes the model.

    One process at a time, or all of them would migrate. Copied or not, Django then applies what
    migrations are missing.
    """
    model = MODEL + state_of_migrations()
    with server() as opened:
        opened.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        known = names(opened, MODEL + "%")
        if model in known:
            connection.settings_dict["TEST"]["TEMPLATE"] = model
        yield
        if model not in known:
            for former in known:
                with suppress(psycopg.errors.ObjectInUse):  # another checkout copies it
                    drop(opened, former)
            connection.close()
            opened.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                    sql.Identifier(model), sql.Identifier(connection.settings_dict["NAME"])
                )
            )


def state_of_migrations() -> str:
    """A word that changes with what would be migrated: our migrations, and the libraries'."""
    digest = hashlib.sha256((ROOT / "uv.lock").read_bytes())
    for path in migrations():
        digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def migrations() -> list[Path]:
    return sorted(p for p in ROOT.glob("[!.]*/**/migrations/*.py") if "tests" not in p.parts)


def names(opened: psycopg.Connection, pattern: str) -> list[str]:
    rows = opened.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [pattern])
    return [name for (name,) in rows]


def drop(opened: psycopg.Connection, name: str) -> None:
    opened.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def emptying(ops: Any, style: Any, tables: Sequence[str], **options: Any) -> list[str]:
    """What empties the tables: deleting few rows is much faster than TRUNCATE of a hundred tables.

    Their triggers and foreign keys stay quiet. As TRUNCATE does, it waits for who still writes; a
    worker that the end of a test overtakes gives way, rather than the test.
    """
    quoted = [connection.ops.quote_name(name) for name in sorted(set(tables) - KEPT)]
    return [
        "SET LOCAL deadlock_timeout = '20s'",
        f"LOCK TABLE {', '.join(quoted)} IN SHARE ROW EXCLUSIVE MODE",
        "SET LOCAL session_replication_role = replica",
        f"DO $$ BEGIN {' '.join(f'DELETE FROM {name};' for name in quoted)} END $$",
    ]


def keep_what_is_kept() -> None:
    """Emptying leaves ``KEPT`` alone: nothing has to be written there again after each test, which
    takes three times as long as emptying."""
    post_migrate.disconnect(create_contenttypes)
    post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")


def may_silence_triggers() -> bool:
    """Whether the server lets us: its superuser, as the embedded one's is, or who was granted."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT has_parameter_privilege(current_user, 'session_replication_role', 'SET')"
        )
        return bool(cursor.fetchone()[0])
