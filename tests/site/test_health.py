"""The health of the parts, as a balancer reads it."""

import time
from collections.abc import Iterator
from subprocess import Popen

import pytest
from celery import Celery
from django.db import connection
from django.test import Client

from carrefour.site import health


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    """Each test looks at the parts for itself."""
    health.Memory.taken_at = float("-inf")
    yield
    health.Memory.taken_at = float("-inf")


def test_all_is_well_with_a_worker(client: Client, worker: Popen) -> None:
    response = client.get("/healthz")

    assert response.status_code == 200, response.json()
    body = response.json()
    assert body["status"] == "ok"
    assert {name: body[name]["ok"] for name in ("database", "broker", "worker", "migrations")} == {
        "database": True,
        "broker": True,
        "worker": True,
        "migrations": True,
    }
    assert response["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_a_broker_that_is_down_is_told_fast(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "app", Celery("nobody", broker="redis://127.0.0.1:1/0"))
    start = time.monotonic()

    response = client.get("/healthz")

    # Left to itself kombu would insist for minutes; a busy machine may take seconds.
    assert time.monotonic() - start < 20
    limits = health._connection().transport_options
    assert (limits["socket_connect_timeout"], limits["socket_timeout"]) == (1, 2)
    assert response.status_code == 503
    body = response.json()
    assert (body["status"], body["database"]["ok"]) == ("degraded", True)
    assert (body["broker"]["ok"], body["worker"]["ok"]) == (False, False)


@pytest.mark.django_db
def test_a_migration_that_waits_is_told(client: Client) -> None:
    health.Memory.migrated = False
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'essaimage'")

    response = client.get("/healthz")

    assert response.status_code == 503
    assert response.json()["migrations"]["ok"] is False
    assert "en attente" in response.json()["migrations"]["detail"]


@pytest.mark.django_db
def test_the_answer_is_kept_for_a_few_seconds(client: Client) -> None:
    client.get("/healthz")
    taken = health.Memory.taken_at

    client.get("/healthz")

    assert health.Memory.taken_at == taken


@pytest.mark.django_db
def test_only_reading_is_allowed(client: Client) -> None:
    assert client.post("/healthz").status_code == 405
