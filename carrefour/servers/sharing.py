"""Who uses the embedded servers: they run while one process holds the shared lock.

Two files are locked (flock: the system frees a lock when its process ends, even killed):
``users.lock``, shared by every user, and ``change.lock``, held alone while servers start or stop.
A guard process waits for ``users.lock`` to be free and stops the servers, so that nothing stays
behind a user that was killed; a user that ends well does the same itself and waits for the end.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from carrefour.servers import postgresql, process, redis
from carrefour.servers.place import Place, prepare

REPOSITORY = Path(__file__).resolve().parent.parent.parent


@dataclass
class Use:
    """One process's use of one instance: its lock is the open file."""

    place: Place
    lock: IO[str]
    pid: int


_uses: dict[Path, Use] = {}


def join(place: Place, *, postgresql: bool, redis: bool) -> None:
    """Become a user of ``place``, starting the servers asked for. Raises ServerError."""
    place.state.mkdir(parents=True, exist_ok=True)
    with alone(place):
        forget_former_checkout(place)
        prepare(place)
        use = _uses.get(place.state)
        # A forked child shares its parent's lock: it takes its own, or it would free both.
        if not use or use.pid != os.getpid():
            lock = (place.state / "users.lock").open("a")
            fcntl.flock(lock, fcntl.LOCK_SH)
            _uses[place.state] = Use(place, lock, os.getpid())
        # Before the servers: one that starts is stopped even if the other cannot.
        atexit.unregister(leave)
        atexit.register(leave)
        start_guard(place)
        start(place, with_postgresql=postgresql, with_redis=redis)


def forget_former_checkout(place: Place) -> None:
    """Remove what a deleted checkout of the same path left in a folder outside of it."""
    ours = place.state / "outside"
    if place.home == place.state or ours.exists():
        return
    if place.home.exists():
        process.say(f"données d'un ancien dossier de même chemin supprimées ({place.home}).")
        redis.stop(place)
        postgresql.stop(place)
        shutil.rmtree(place.home)
    ours.write_text(f"{place.home}\n")


def start(place: Place, *, with_postgresql: bool, with_redis: bool) -> None:
    if with_postgresql:
        postgresql.ensure(place)
    if with_redis:
        redis.ensure(place)


def leave() -> None:
    """Stop being a user; whoever is the last stops the servers before returning."""
    for use in list(_uses.values()):
        if use.pid != os.getpid():
            continue  # forked children end too, but their parent goes on
        use.lock.close()
        del _uses[use.place.state]
        stop_if_unused(use.place)


def stop_if_unused(place: Place) -> bool:
    """Stop the servers unless a user is left; tells whether they are stopped."""
    with alone(place), (place.state / "users.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        redis.stop(place)
        postgresql.stop(place)
        end_guard(place)
        if place.sockets.parent != place.home:
            shutil.rmtree(place.sockets, ignore_errors=True)  # /tmp is not ours to fill
        return True


@contextmanager
def alone(place: Place) -> Iterator[None]:
    """Hold the right to start or stop the servers of ``place``."""
    with (place.state / "change.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def start_guard(place: Place) -> None:
    """Start the guard of ``place`` unless one is there.

    It is born with its lock: taken by itself, a second one could start before the first has it.
    """
    with (place.state / "guard.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        guard = subprocess.Popen(
            [sys.executable, "-m", "carrefour.servers.guard", str(place.state)],
            cwd=REPOSITORY,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=[lock.fileno()],
        )
        lock.truncate(0)
        lock.write(f"{guard.pid}\n")
        process.keep(guard)


def end_guard(place: Place) -> None:
    """End the guard of ``place``, which has nothing left to guard."""
    pid = process.read_pid(place.state / "guard.lock")
    guard = process.find(pid, "carrefour.servers.guard") if pid and pid != os.getpid() else None
    if guard:
        guard.kill()
        process.wait_end(guard, 10)
