"""Worker, PostgreSQL and Redis killed in the middle of a harvest: real processes, real signals.

On servers of its own, thrown away afterwards: those of the other tests are left alone.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import environ
import psutil
import pytest
from django.db import connection

from carrefour import embedded
from carrefour.servers import dumps, postgresql, redis
from carrefour.servers.place import Place, place_of, prepare
from tests.conftest import ROOT, wait_for

PAGES, PER_PAGE, UNTITLED = 8, 250, 25
ROWS = PAGES * PER_PAGE
LETTERS = str.maketrans("0123456789", "ghijklmnop")
MAPPING = [
    {"target": "external_id", "path": "id"},
    {"target": "title", "path": "titre"},
    {"target": "description", "path": "texte"},
    {"target": "porteur_name", "path": "porteur"},
    {"target": "url", "path": "page"},
]
# What the scheduler does every half minute, done every half second; and what the test looks at.
SCHEDULER = """
import json, sys, time
import django
django.setup()
from django.db import DatabaseError, connection
from partners.models import Partner, Run, Source
from partners.requesting import recover, request_harvest
mapping, urls = json.loads(sys.argv[1]), sys.argv[2:]
partner = Partner.objects.create(
    name="Plateforme", slug="plateforme", website="https://exemple.fr", step="en-ligne"
)
given = {"connector": "json", "mapping": mapping, "partner": partner, "licence": "etalab-2.0"}
for rank, url in enumerate(urls):
    options = {"path": "fiches", "next": "suite", "total": "total"}
    source = Source.objects.create(
        name=f"S{rank}", slug=f"s{rank}", url=url, options=options, **given
    )
    request_harvest(source)
while True:
    try:
        recover()
        runs = Run.objects.order_by("pk").values("state", "attempt", "counts", "message", "events")
        print(json.dumps(list(runs)), flush=True)
    except DatabaseError as error:
        print(json.dumps([]), flush=True)
        connection.close()
    time.sleep(0.5)
"""
FIGURES = """
import json
import django
django.setup()
from django.db.models import Count
from innovations.models import Citation, Innovation, SearchRow
from partners.models import RejectedRow, SourceRecord
records = SourceRecord.objects.filter(source__slug="s0")
print(json.dumps({
    "records": records.count(),
    "published": Innovation.objects.published().filter(source_records__in=records).count(),
    "innovations": Innovation.objects.count(),
    "unlinked": SourceRecord.objects.filter(innovation=None).count(),
    "uncited": Innovation.objects.exclude(pk__in=Citation.objects.values("innovation")).count(),
    "unsearchable": Innovation.objects.exclude(pk__in=SearchRow.objects.values("pk")).count(),
    "shared": Innovation.objects.annotate(n=Count("source_records")).exclude(n=1).count(),
    "refused": RejectedRow.objects.count(),
}))
"""


class Pages(BaseHTTPRequestHandler):
    """A paginated API that takes its time."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/robots.txt":
            self.send_error(404)
            return
        time.sleep(0.5)
        number = int(parse_qs(parts.query).get("page", ["1"])[0])
        last = PAGES if parts.path == "/longue" else 1
        body = json.dumps(self.page(parts.path, number, last)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def page(self, path: str, number: int, last: int) -> dict[str, Any]:
        host = f"http://127.0.0.1:{self.server.server_address[1]}"  # type: ignore[misc]
        first = (number - 1) * PER_PAGE
        return {
            "total": last * PER_PAGE,
            "suite": f"{host}{path}?page={number + 1}" if number < last else None,
            "fiches": [fiche(path, n) for n in range(first, first + PER_PAGE)],
        }

    def log_message(self, *args: object) -> None:
        """Nothing: the journal of the test is for the test."""


def fiche(path: str, number: int) -> dict[str, str]:
    """Projects of words of their own: comparing thousands that are nearly the same takes minutes,
    which other tests are about."""
    has_title = (number + 1) % (ROWS // UNTITLED)
    letters = sha256(f"{path}{number}".encode()).hexdigest().translate(LETTERS)
    title, *words = (letters[at : at + 8] for at in range(0, len(letters), 8))
    return {
        "id": f"f{number}",
        "titre": f"Atelier {path[1:]} {title} {number}" if has_title else "",
        "texte": f"Des habitants y font ensemble {' '.join(words)}.",
        "porteur": f"Association {number % 40}",
        "page": f"https://plateforme.exemple.fr{path}/{number}",
    }


@pytest.fixture
def api() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join(5)


class House:
    """Servers and programs of one site, any of which may be killed."""

    def __init__(self, place: Place, folder: Path) -> None:
        self.place = place
        self.folder = folder
        self.programs: list[subprocess.Popen[Any]] = []
        urls = embedded.urls_for(ROOT, place.state.name)
        self.environ = {
            **os.environ,
            "DATABASE_URL": urls.database_url,
            "REDIS_URL": urls.redis_url,
            "DJANGO_SETTINGS_MODULE": "carrefour.settings",
            "CARREFOUR_HARVEST_DELAY": "0",
            "CARREFOUR_HARVEST_STUCK_SECONDS": "3",
            "CARREFOUR_HARVEST_RESEND_SECONDS": "4",
        }

    def fill(self) -> None:
        """The tables that migrations made for the other tests, copied: migrating takes a minute."""
        at = environ.Env.db_url_config(self.environ["DATABASE_URL"])
        own = {"host": at["HOST"], "port": at["PORT"], "user": at["USER"], "dbname": at["NAME"]}
        dumps.save(connection.get_connection_params(), self.folder / "tables")
        dumps.bring_back(own, self.folder / "tables")

    def start_servers(self) -> None:
        postgresql.ensure(self.place)
        redis.ensure(self.place)

    def run(self, *arguments: str) -> str:
        command = [sys.executable, *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def start(self, name: str, *arguments: str) -> subprocess.Popen[Any]:
        with (self.folder / name).open("ab") as output:
            program = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env=self.environ,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.programs.append(program)
        return program

    def start_worker(self) -> subprocess.Popen[Any]:
        options = ("-c", "1", "--without-gossip", "--without-mingle", "-l", "INFO")
        return self.start("worker", "-m", "celery", "-A", "carrefour", "worker", *options)

    def kill(self, program: subprocess.Popen[Any]) -> None:
        """The program and all it started, with no warning."""
        os.killpg(program.pid, signal.SIGKILL)
        program.wait(10)

    def kill_postgresql(self) -> None:
        server = postgresql.running(self.place)
        assert server is not None
        everyone = [server, *server.children()]
        for process in everyone:
            process.kill()
        psutil.wait_procs(everyone, 10)

    def kill_redis(self) -> None:
        pid = int(redis.pid_file(self.place).read_text())
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not redis.answers(self.place), 10)

    def said(self) -> list[dict[str, Any]]:
        """The runs as the scheduler saw them last; none while the database is away."""
        lines = (self.folder / "scheduler").read_text().splitlines()
        whole = [line for line in lines if line.startswith("[") and line.endswith("]")]
        return json.loads(whole[-1]) if whole else []

    def wait_until_read(self, rows: int) -> None:
        wait_for(lambda: any(r["counts"]["seen"] >= rows for r in self.said()[:1]), 60)

    def log(self) -> str:
        return (self.folder / "worker").read_text()[-4000:]


@pytest.fixture
def house(tmp_path: Path, db: None) -> Iterator[House]:
    place = place_of(ROOT, f"killed-{os.getpid()}")
    prepare(place)
    house = House(place, tmp_path)
    try:
        house.start_servers()
        yield house
    finally:
        for program in house.programs:
            if program.poll() is None:
                house.kill(program)
        redis.stop(place)
        postgresql.stop(place)
        for folder in {place.sockets, place.home, place.state}:
            shutil.rmtree(folder, ignore_errors=True)


def test_whatever_is_killed_the_harvest_completes_and_counts_add_up(house: House, api: str) -> None:
    house.fill()
    worker = house.start_worker()
    house.start("scheduler", "-c", SCHEDULER, json.dumps(MAPPING), f"{api}/longue", f"{api}/autre")
    house.wait_until_read(500)
    house.kill(worker)
    worker = house.start_worker()
    house.wait_until_read(1000)
    house.kill_postgresql()
    house.start_servers()
    house.wait_until_read(1500)
    house.kill_redis()
    house.start_servers()
    wait_for(lambda: all_over(house.said()), 90)
    first, second = house.said()
    assert first["state"] == second["state"] == "terminee-avec-erreurs", house.log()
    assert first["attempt"] == 3
    assert first["counts"] == {
        "seen": ROWS, "created": ROWS - UNTITLED, "updated": 0, "unchanged": 0,
        "withdrawn": 0, "rejected": UNTITLED,
    }  # fmt: skip
    texts = [event["text"] for event in first["events"]]
    assert sum("après une interruption" in text for text in texts) == 2
    refused_elsewhere = second["counts"]["rejected"]
    assert json.loads(house.run("-c", FIGURES)) == {
        "records": ROWS - UNTITLED,
        "published": ROWS - UNTITLED,
        "innovations": ROWS - UNTITLED + second["counts"]["created"],
        "unlinked": 0,
        "uncited": 0,
        "unsearchable": 0,
        "shared": 0,
        "refused": UNTITLED + refused_elsewhere,
    }


def all_over(runs: list[dict[str, Any]]) -> bool:
    return len(runs) == 2 and all(r["state"] not in ("en-attente", "en-cours") for r in runs)
