"""Several workers, many sources at once: real processes, real HTTP, real signals."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection

from partners.models import Run, RunState, Source, SourceRecord
from partners.requesting import AlreadyActive, request_harvest
from tests.conftest import ROOT, wait_for
from tests.factories import SourceFactory
from tests.partners.conftest import MAPPING, as_csv, row

SOURCES = 10
# The slow partner sends one byte now and then until this is set.
released = threading.Event()


class Sites(BaseHTTPRequestHandler):
    """Each path is a partner: one is slow, one is broken."""

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path in {"/robots.txt", "/casse"}:
            self.send_error(404)
            return
        time.sleep(0.3)
        body = as_csv([row(n, ville="") for n in range(5)]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/csv; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        sent = 0
        while path == "/lent" and not released.wait(0.5):
            self.wfile.write(body[sent : sent + 1])
            sent += 1
        self.wfile.write(body[sent:])

    def log_message(self, *args: object) -> None:
        """Nothing: the journal of the test is for the test."""


class OnePartnerPerPort(dict[str, str]):
    """Path → address: each partner is a host of its own, as politeness is per host."""

    def __init__(self) -> None:
        super().__init__()
        self.servers: list[ThreadingHTTPServer] = []

    def __missing__(self, path: str) -> str:
        server = ThreadingHTTPServer(("127.0.0.1", 0), Sites)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        self.servers.append(server)
        self[path] = f"http://127.0.0.1:{server.server_address[1]}/{path}"
        return self[path]


@pytest.fixture
def sites() -> Iterator[OnePartnerPerPort]:
    released.clear()
    found = OnePartnerPerPort()
    yield found
    released.set()
    for server in found.servers:
        server.shutdown()
        server.server_close()


def environ() -> dict[str, str]:
    """The environment of a program on this test's database and broker."""
    name = connection.settings_dict["NAME"]
    base, _, query = os.environ["DATABASE_URL"].partition("?")
    url = f"{base.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")
    return {**os.environ, "DATABASE_URL": url, "CARREFOUR_HARVEST_DELAY": "0"}


@pytest.fixture
def two_workers(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    processes = []
    for name in ("un", "deux"):
        with (tmp_path / name).open("w") as output:
            processes.append(
                subprocess.Popen(
                    [sys.executable, "-m", "celery", "-A", "carrefour", "worker", "-c", "2",
                     "-n", f"{name}@%h", "-Q", "moissonnage", "-l", "INFO"],
                    cwd=ROOT, env=environ(), stdout=output, stderr=subprocess.STDOUT,
                )
            )  # fmt: skip
    try:
        for name in ("un", "deux"):
            wait_for(lambda log=tmp_path / name: "ready." in log.read_text(), 90)
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(20)


@pytest.mark.usefixtures("two_workers")
def test_sources_are_harvested_at_once_and_none_delays_the_others(
    sites: OnePartnerPerPort,
) -> None:
    paths = ["lent", "casse", *(f"vif-{n}" for n in range(SOURCES))]
    sources = [SourceFactory(url=sites[path], mapping=MAPPING, slug=path) for path in paths]
    for source in sources:
        request_harvest(source)
    with pytest.raises(AlreadyActive):
        request_harvest(sources[0])
    wait_for(lambda: not Run.objects.active().exclude(source=sources[0]).exists(), 100)
    runs = {run.source.slug: run for run in Run.objects.select_related("source")}
    assert runs["lent"].state == RunState.RUNNING
    assert runs["casse"].state == RunState.FAILED
    assert {runs[f"vif-{n}"].state for n in range(SOURCES)} == {RunState.DONE}
    # At some moment several were being read, by several workers.
    spans = [(r.started_at, r.finished_at) for r in runs.values() if r.finished_at]
    assert max(sum(a <= t < b for a, b in spans) for t, _ in spans) > 1
    released.set()
    wait_for(lambda: not Run.objects.active().exists(), 60)
    assert SourceRecord.objects.count() == 5 * (SOURCES + 1)
    assert Run.objects.count() == len(sources)


def test_ctrl_c_stops_cleanly_and_says_so(transactional_db: None, sites: OnePartnerPerPort) -> None:
    source = SourceFactory(url=sites["lent"], mapping=MAPPING, slug="lent")
    command = [sys.executable, "manage.py", "harvest", "lent"]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environ(),
        stderr=subprocess.PIPE,
        text=True,
        # A shell's background jobs inherit the signal as ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as program:
        try:
            wait_for(lambda: Run.objects.filter(state=RunState.RUNNING).exists(), 60)
            time.sleep(0.5)
            program.send_signal(signal.SIGINT)
            _, said = program.communicate(timeout=20)
        finally:
            program.kill()
    assert program.returncode == 130, said
    assert "Arrêté au clavier" in said
    assert "Traceback" not in said
    run = Run.objects.get(source=source)
    assert (run.state, run.message) == (RunState.CANCELLED, "Arrêté au clavier.")
    assert Source.objects.get().failures == 0
