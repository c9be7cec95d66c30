"""Errors, methods, limits, and reading from another site: what a program meets."""

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from rest_framework.throttling import AnonRateThrottle

from carrefour.api import querysets
from tests.api.conftest import publish

LISTS = [
    "experiments", "facts", "innovations", "obstacles", "partners", "replications", "territories",
    "terms",
]  # fmt: skip


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_can_be_written(client: Client, db: None, method: str) -> None:
    answer = getattr(client, method)("/api/v1/innovations/")
    assert answer.status_code == 405
    (error,) = answer.json()["errors"]
    assert error == {
        "code": "method_not_allowed",
        "message": "Cette API se lit seulement : méthodes GET, HEAD et OPTIONS.",
        "field": None,
    }


@pytest.mark.parametrize(
    "path", ["rien/", "innovations/a/b/", "innovations/é/", "territories/22/", "innovations/.json/"]
)
def test_an_unknown_address_answers_in_json(client: Client, db: None, path: str) -> None:
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == 404
    assert answer.json()["errors"][0]["code"] == "not_found"
    assert answer["Access-Control-Allow-Origin"] == "*"


def test_an_address_without_its_final_slash_leads_to_it(client: Client, db: None) -> None:
    answer = client.get("/api/v1/innovations?page_size=5")
    assert (answer.status_code, answer["Location"]) == (301, "/api/v1/innovations/?page_size=5")


@pytest.mark.parametrize("name", LISTS)
def test_any_site_may_read(client: Client, db: None, name: str) -> None:
    address = f"/api/v1/{name}/"
    asked = {"origin": "https://ailleurs.example.org"}
    assert client.get(address, headers=asked)["Access-Control-Allow-Origin"] == "*"
    preflight = client.options(
        address,
        headers={
            **asked,
            "access-control-request-method": "GET",
            "access-control-request-headers": "if-none-match",
        },
    )
    assert preflight.status_code == 204
    assert "GET" in preflight["Access-Control-Allow-Methods"]
    assert "If-None-Match" in preflight["Access-Control-Allow-Headers"]


@pytest.mark.parametrize("name", LISTS)
def test_an_answer_can_be_cached_and_knows_no_one(client: Client, db: None, name: str) -> None:
    answer = client.get(f"/api/v1/{name}/")
    assert answer["Cache-Control"] == "public, max-age=60"
    assert "Cookie" not in answer.get("Vary", "")
    assert not answer.cookies
    assert client.get(f"/api/v1/{name}/?x=1")["Cache-Control"] == "no-store"


def test_a_browser_that_prefers_html_still_reads_json(client: Client, db: None) -> None:
    answer = client.get("/api/v1/innovations/", headers={"accept": "text/html"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")


def test_head_answers_as_get_without_content(client: Client, db: None) -> None:
    answer = client.head("/api/v1/innovations/")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer["ETag"] == client.get("/api/v1/innovations/")["ETag"]


def test_too_many_requests_are_told_when_to_come_back(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AnonRateThrottle, "rate", "2/min", raising=False)
    statuses = [client.get("/api/v1/terms/").status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    answer = client.get("/api/v1/terms/")
    (error,) = answer.json()["errors"]
    assert error["code"] == "throttled"
    assert f"réessayez dans {answer['Retry-After']} s" in error["message"]
    cache.clear()
    assert client.get("/api/v1/terms/").status_code == 200


def test_the_limit_is_the_one_that_settings_give() -> None:
    assert settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]["anon"] == "600/min"


def test_a_failure_of_ours_answers_in_the_same_shape(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise RuntimeError("panne")

    monkeypatch.setattr(querysets, "innovations", fail)
    client.raise_request_exception = False
    answer = client.get("/api/v1/innovations/atelier/")
    assert answer.status_code == 500
    assert answer.json()["errors"][0]["code"] == "error"
    assert "panne" not in answer.content.decode()
    assert "RuntimeError: panne" in caplog.text
    client.raise_request_exception = True
    with pytest.raises(RuntimeError):
        client.get("/api/v1/innovations/atelier/")


def test_the_entrance_leads_everywhere(client: Client, db: None) -> None:
    publish()
    doors = client.get("/api/v1/").json()
    assert set(doors) == {*LISTS, "schema", "docs"}
    for address in doors.values():
        assert client.get(address).status_code == 200
