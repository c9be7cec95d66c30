"""The state of the parts of the platform, for balancers and for people on duty."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypedDict

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe
from kombu import Connection

from carrefour.celery import app

KEPT_SECONDS = 5.0
PATIENCE = 1.0


class Part(TypedDict):
    ok: bool
    detail: str


class Memory:
    """What is remembered within the process: the cache server is one of the parts looked at."""

    taken_at = float("-inf")
    parts: dict[str, Part] = {}
    migrated = False


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when every part works, 503 otherwise; looked at every five seconds at most."""
    if time.monotonic() - Memory.taken_at > KEPT_SECONDS:
        Memory.parts = look()
        Memory.taken_at = time.monotonic()
    ok = all(part["ok"] for part in Memory.parts.values())
    body = {"status": "ok" if ok else "degraded", **Memory.parts}
    response = JsonResponse(body, status=200 if ok else 503)
    response["Cache-Control"] = "no-store"
    return response


def look() -> dict[str, Part]:
    """The state of each part, in about two seconds at worst."""
    with ThreadPoolExecutor(1) as pool:
        answers = pool.submit(_broker_and_worker)
        database = _checked(_database)
        migrations = _checked(_migrations) if database["ok"] else _unreachable("base de données")
        broker, worker = answers.result()
    return {"database": database, "broker": broker, "worker": worker, "migrations": migrations}


def _broker_and_worker() -> tuple[Part, Part]:
    broker = _checked(_broker)
    return broker, _checked(_worker) if broker["ok"] else _unreachable("file d’attente")


def _checked(check: Callable[[], Part]) -> Part:
    try:
        return check()
    except Exception as error:
        # Whatever fails is the answer, not an error.
        return {"ok": False, "detail": f"{type(error).__name__}"}


def _database() -> Part:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        version = cursor.fetchone()[0]
    return {"ok": True, "detail": f"PostgreSQL {version.split()[0]}"}


def _broker() -> Part:
    with _connection() as broker:
        # Tried once more at once, and no longer: kombu would wait and insist for seconds.
        broker.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=PATIENCE)
    return {"ok": True, "detail": "joignable"}


def _connection() -> Connection:
    """A connection of its own, which gives up early where Celery's would insist."""
    limits = {"socket_connect_timeout": PATIENCE, "socket_timeout": 2 * PATIENCE}
    return app.connection_for_read(transport_options=limits)


def _worker() -> Part:
    with _connection() as broker:
        answers = app.control.broadcast(
            "ping", reply=True, timeout=PATIENCE, limit=1, connection=broker
        )
    detail = "au moins un ouvrier répond" if answers else "aucun ouvrier ne répond"
    return {"ok": bool(answers), "detail": detail}


def _migrations() -> Part:
    """Once applied they stay so: the files of a running process do not change."""
    if not Memory.migrated:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if waiting:
            return {"ok": False, "detail": f"{len(waiting)} en attente"}
        Memory.migrated = True
    return {"ok": True, "detail": "à jour"}


def _unreachable(what: str) -> Part:
    return {"ok": False, "detail": f"{what} injoignable"}
