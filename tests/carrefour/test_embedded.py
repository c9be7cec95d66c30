"""The embedded servers, for real: started, shared by processes, left, killed, recovered."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import environ
import psutil
import psycopg
import pytest
import redis
from kombu import Connection

from carrefour import embedded
from carrefour.servers.place import LONGEST_SOCKET_FOLDER, ServerError, place_of, prepare
from carrefour.servers.process import find, read_pid

REPOSITORY = Path(embedded.__file__).resolve().parent.parent
USER = """
import sys, time
from pathlib import Path
from carrefour import embedded
embedded.ensure(Path(sys.argv[1]), environ={})
print("up", flush=True)
time.sleep(float(sys.argv[2]))
"""


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """A checkout of its own, reachable by the servers' account; nothing may run in it after."""
    # pytest's folders are private; as root the servers run as another account.
    for folder in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        folder.chmod(0o755)
    checkout = tmp_path / "été à l'école"
    checkout.mkdir()
    yield checkout
    wait_for(lambda: not servers_of(checkout))


@pytest.fixture
def user(root: Path) -> Iterator[Callable[[float], subprocess.Popen]]:
    """Start a process that uses the servers of ``root`` for some seconds."""
    started: list[subprocess.Popen] = []

    def start(seconds: float) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "-c", USER, str(root), str(seconds)],
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout.readline() == "up\n", process.stderr.read()
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def servers_of(root: Path) -> list[psutil.Process]:
    """PostgreSQL, Redis and the guard of ``root`` that are alive, told by their own files."""
    place = place_of(root)
    pids = [read_pid(place.data / "postmaster.pid"), read_pid(place.redis / "redis.pid")]
    found = [find(pid, mark) for pid, mark in zip(pids, (str(place.data), "redis"), strict=True)
             if pid]  # fmt: skip
    guards = (find(process.pid, "carrefour.servers.guard") for process in psutil.process_iter())
    found += [guard for guard in guards if guard and str(place.state) in guard.cmdline()]
    return [process for process in found if process]


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.05)


def query(root: Path, sql: str) -> object:
    config = environ.Env.db_url_config(embedded.urls_for(root).database_url)
    with psycopg.connect(
        host=config["HOST"], user=config["USER"], dbname=config["NAME"], autocommit=True
    ) as connection:
        cursor = connection.execute(sql)
        return cursor.fetchone()[0] if cursor.description else None


@pytest.mark.parametrize(
    ("variables", "needed"),
    [
        ({}, True),
        ({"DATABASE_URL": "postgres://serveur/base"}, True),
        ({"REDIS_URL": "redis://serveur"}, True),
        ({"DATABASE_URL": " ", "REDIS_URL": "redis://serveur"}, True),
        ({"DATABASE_URL": "postgres://serveur/base", "CELERY_BROKER_URL": "redis://s"}, True),
        ({"DATABASE_URL": "postgres://serveur/base", "REDIS_URL": "redis://serveur"}, False),
    ],
)
def test_embedded_servers_stand_in_for_missing_addresses(variables: dict, needed: bool) -> None:
    assert embedded.is_needed(variables) is needed


def test_addresses_of_real_servers_are_left_alone() -> None:
    assert embedded.broker_url_for("rediss://serveur:6379/1") == "rediss://serveur:6379/1"


def test_addresses_start_nothing_and_differ_between_checkouts(tmp_path: Path) -> None:
    ours, theirs = (embedded.urls_for(tmp_path / name) for name in ("un", "autre"))
    assert ours != theirs
    assert ours == embedded.urls_for(tmp_path / "un")
    assert list(tmp_path.iterdir()) == []


def test_sockets_of_a_deep_checkout_fit_in_a_unix_address(tmp_path: Path) -> None:
    place = place_of(tmp_path / ("très-long" * 12))
    assert len(os.fsencode(place.sockets)) <= LONGEST_SOCKET_FOLDER


def test_folders_of_somebody_else_are_refused(root: Path) -> None:
    place = place_of(root)
    place.home.mkdir(parents=True)
    place.sockets.symlink_to(root)
    with pytest.raises(ServerError, match="appartient à un autre compte"):
        prepare(place)
    place.sockets.unlink()  # in /tmp when the checkout lies deep


def test_broker_address_is_the_same_server_in_the_words_of_celery(
    root: Path, user: Callable
) -> None:
    running = user(60)
    address = embedded.urls_for(root).redis_url.replace("?db=0", "?db=3")
    with Connection(embedded.broker_url_for(address)) as connection:
        queue = connection.SimpleQueue("essai")
        queue.put({"valeur": 7})
        queue.close()
    with redis.Redis.from_url(address) as client:
        assert client.llen("essai") == 1
    running.terminate()


def test_servers_are_shared_and_stop_with_their_last_user(root: Path, user: Callable) -> None:
    first, second = user(60), user(60)
    assert len(servers_of(root)) == 3
    assert query(root, "SHOW server_encoding") == "UTF8"
    assert query(root, "SELECT datlocale FROM pg_database WHERE datname = 'carrefour'") == "C.UTF-8"
    with redis.Redis.from_url(embedded.urls_for(root).redis_url) as client:
        assert client.ping()
    first.terminate()
    first.wait()
    time.sleep(0.5)
    assert len(servers_of(root)) == 3
    second.kill()  # not even a chance to say goodbye: the guard does it
    second.wait()
    wait_for(lambda: not servers_of(root))


def test_a_user_that_ends_well_leaves_nothing_behind(root: Path, user: Callable) -> None:
    assert user(0).wait(30) == 0
    assert servers_of(root) == []


def test_data_outlives_killed_servers_and_the_recovery_is_told(root: Path, user: Callable) -> None:
    first = user(60)
    query(root, "CREATE TABLE garde AS SELECT 7 AS valeur")
    for server in servers_of(root):
        os.kill(server.pid, signal.SIGKILL)
    first.kill()
    first.wait()
    second = user(0)
    assert second.wait(30) == 0
    assert "PostgreSQL avait été arrêté brutalement" in second.stderr.read()
    third = user(60)
    assert query(root, "SELECT valeur FROM garde") == 7
    third.terminate()
    assert third.stderr.read() == ""


def test_a_pid_file_whose_number_now_belongs_to_another_program_is_stale(
    root: Path, user: Callable
) -> None:
    assert user(0).wait(30) == 0
    place = place_of(root)
    for path in (place.data / "postmaster.pid", place.redis / "redis.pid"):
        path.write_text(f"{os.getpid()}\n{place.data}\n")
    again = user(0)
    assert again.wait(30) == 0
    assert f"processus {os.getpid()}" in again.stderr.read()


def test_data_of_another_major_version_is_one_line_not_a_crash(root: Path, user: Callable) -> None:
    assert user(0).wait(30) == 0
    (place_of(root).data / "PG_VERSION").write_text("16\n")
    done = subprocess.run(
        [sys.executable, "-c", USER, str(root), "0"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "viennent de PostgreSQL 16" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_checkout_closed_to_others_has_its_data_outside_and_forgets_a_former_one(
    root: Path, user: Callable
) -> None:
    root.chmod(0o700)
    place = place_of(root)
    if os.geteuid() != 0:
        # Servers run under the user's own account, which can reach its own checkout.
        assert place.home.is_relative_to(root)
        return
    assert place.home.parent == Path("/var/lib")
    try:
        running = user(60)
        query(root, "CREATE TABLE ancienne ()")
        running.kill()
        running.wait()
        wait_for(lambda: not servers_of(root))
        root.chmod(0o755)
        assert place_of(root) == place
        shutil.rmtree(root / ".carrefour")  # the checkout is deleted and cloned again
        again = user(60)
        assert query(root, "SELECT to_regclass('ancienne')") is None
        again.terminate()
        assert "ancien dossier de même chemin" in again.stderr.read()
        wait_for(lambda: not servers_of(root))
    finally:
        shutil.rmtree(place.home, ignore_errors=True)
