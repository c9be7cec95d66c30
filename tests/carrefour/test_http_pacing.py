"""All processes together ask a site no faster than one polite reader would."""

import itertools
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest
import redis
import stamina
from django.conf import settings
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from carrefour.http import Fetcher, FetchError
from carrefour.http.pacing import Pace

READER = """
import sys
from carrefour.http import Fetcher
import django
django.setup()
with Fetcher(allow_hosts=["127.0.0.1", "localhost"]) as fetcher:
    for number in range(4):
        fetcher.get(f"{sys.argv[1]}?n={number}")
"""


class Busy:
    """A site that asks robots for a pause, and notes when each request comes and goes."""

    def __init__(self, server: HTTPServer, delay: float, lasts: float) -> None:
        rules = f"User-agent: *\nCrawl-delay: {delay}\n"
        server.expect_request("/robots.txt").respond_with_data(rules)
        server.expect_request("/fiche").respond_with_handler(self.answer)
        self.url = server.url_for("/fiche")
        self.lasts = lasts
        self.begun: list[float] = []
        self.at_once = 0
        self.most_at_once = 0
        self.lock = threading.Lock()

    def answer(self, request: Request) -> Response:
        with self.lock:
            self.begun.append(time.monotonic())
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        time.sleep(self.lasts)
        with self.lock:
            self.at_once -= 1
        return Response("fiche")

    def gaps(self) -> list[float]:
        times = sorted(self.begun)
        return [b - a for a, b in itertools.pairwise(times)]


@pytest.fixture
def threaded() -> Iterator[HTTPServer]:
    with HTTPServer(threaded=True) as server:
        yield server


def test_two_processes_share_the_pace_of_one_host(threaded: HTTPServer) -> None:
    site = Busy(threaded, delay=0.25, lasts=0.05)
    environ = {**os.environ, "DJANGO_SETTINGS_MODULE": "carrefour.settings"}
    command = [sys.executable, "-c", READER, site.url]
    readers = [subprocess.Popen(command, cwd=settings.BASE_DIR, env=environ) for _ in range(2)]
    assert [reader.wait(60) for reader in readers] == [0, 0]
    assert len(site.begun) == 8
    # What the site sees: the pause it asked for, less what the network adds and takes.
    assert min(site.gaps()) >= 0.2
    assert site.most_at_once == 1


def test_a_slow_site_is_asked_one_thing_at_a_time(threaded: HTTPServer) -> None:
    site = Busy(threaded, delay=0.05, lasts=0.3)
    faults: list[Exception] = []

    def read() -> None:
        try:
            with Fetcher(allow_hosts=["127.0.0.1", "localhost"]) as fetcher:
                fetcher.get(site.url)
        except FetchError as error:
            faults.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(20)
    assert faults == []
    assert (len(site.begun), site.most_at_once) == (3, 1)


def test_a_pause_asked_of_one_worker_is_kept_by_all() -> None:
    one, other = Pace(settings.REDIS_URL), Pace(settings.REDIS_URL)
    one.hold("plateforme.exemple.fr", 0.5)
    started = time.monotonic()
    other.enter("ailleurs.exemple.fr", 0, 1).leave()
    assert time.monotonic() - started < 0.3
    other.enter("plateforme.exemple.fr", 0, 1).leave()
    assert time.monotonic() - started >= 0.45
    one.hold("plateforme.exemple.fr", 7200)
    one.hold("plateforme.exemple.fr", 1)
    with pytest.raises(FetchError, match="2 heures") as caught:
        other.enter("plateforme.exemple.fr", 0, 1)
    assert caught.value.code == "trop-de-requetes"


def test_a_site_that_says_when_to_come_back_is_not_asked_before(httpserver: HTTPServer) -> None:
    """429 with Retry-After, whatever the reader: the next one waits too."""
    said = [Response("", 429, {"Retry-After": "1"}), Response("un"), Response("deux")]
    asked: list[float] = []

    def answer(request: Request) -> Response:
        asked.append(time.monotonic())
        return said.pop(0)

    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request("/x").respond_with_handler(answer)
    url = httpserver.url_for("/x")
    # A reader that gives up at once: the pause outlives it.
    once = stamina.set_testing(True, attempts=1, cap=True)
    with once, Fetcher() as fetcher, pytest.raises(FetchError):
        fetcher.get(url)
    with Fetcher() as fetcher:
        assert [fetcher.get(url).text() for _ in range(2)] == ["un", "deux"]
    assert asked[1] - asked[0] >= 0.95


def test_the_place_of_a_dead_worker_is_given_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("carrefour.http.pacing.LEASE", 0.4)
    dead, living = Pace(settings.REDIS_URL), Pace(settings.REDIS_URL)
    dead.enter("plateforme.exemple.fr", 0, 1)
    started = time.monotonic()
    living.enter("plateforme.exemple.fr", 0, 1).leave()
    assert 0.3 <= time.monotonic() - started < 5


def test_a_long_exchange_keeps_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("carrefour.http.pacing.LEASE", 0.4)
    monkeypatch.setattr("carrefour.http.pacing.RENEW", 0.05)
    one, other = Pace(settings.REDIS_URL), Pace(settings.REDIS_URL)
    place = one.enter("plateforme.exemple.fr", 0, 1)
    entered: list[float] = []
    waiter = threading.Thread(
        target=lambda: entered.append(
            other.enter("plateforme.exemple.fr", 0, 1).leave() or time.monotonic()
        )
    )
    waiter.start()
    for _ in range(8):
        time.sleep(0.1)
        place.renew()
    left = time.monotonic()
    place.leave()
    waiter.join(10)
    assert entered[0] >= left


def test_without_redis_the_pace_is_kept_alone_and_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING, "carrefour.http.pacing")
    pace = Pace("unix:///nulle/part/redis")
    started = time.monotonic()
    for _ in range(3):
        pace.enter("plateforme.exemple.fr", 0.2, 1).leave()
    pace.hold("plateforme.exemple.fr", 0.5)
    pace.enter("plateforme.exemple.fr", 0.2, 1).leave()
    assert time.monotonic() - started >= 0.85
    assert [r.levelname for r in caplog.records] == ["WARNING"]


def test_what_is_kept_in_redis_goes_by_itself() -> None:
    pace = Pace(settings.REDIS_URL)
    pace.enter("plateforme.exemple.fr", 1, 1)
    pace.hold("plateforme.exemple.fr", 1)
    kept = redis.Redis.from_url(settings.REDIS_URL)
    keys = list(kept.scan_iter("carrefour:allure:*"))
    assert len(keys) == 3
    assert all(0 < kept.pttl(key) <= 60_000 for key in keys)
    kept.close()
