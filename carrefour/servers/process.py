"""Run a server program detached from the terminal, find it again, wait for its end."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

from carrefour.servers.place import ServerError

# What a server may see of the caller's environment: nothing that changes how it behaves.
KEPT = ("PATH", "TZ", "LD_LIBRARY_PATH", "TMPDIR")

LARGEST_LOG = 5_000_000  # bytes, at the next start

# Started here and meant to outlive this process: dropping the object would warn of a leak.
_started: list[subprocess.Popen[bytes]] = []


def keep(process: subprocess.Popen[bytes]) -> None:
    """Hold ``process`` until this one ends."""
    _started.append(process)


def reap() -> None:
    """Take note of those that have ended, so that none stays a zombie."""
    for process in _started:
        process.poll()


def run_as(account: str | None) -> dict[str, object]:
    """Arguments of ``subprocess`` that change to ``account`` and a plain environment."""
    environ = {name: os.environ[name] for name in KEPT if name in os.environ}
    options: dict[str, object] = {"env": {**environ, "LC_ALL": "C"}, "cwd": "/"}
    if account:
        import pwd

        entry = pwd.getpwnam(account)
        options |= {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    return options


def start(command: Sequence[object], account: str | None, log: Path) -> subprocess.Popen[bytes]:
    """Start ``command`` in its own session (Ctrl-C does not reach it), its output into ``log``."""
    mode = "wb" if log.exists() and log.stat().st_size > LARGEST_LOG else "ab"
    with log.open(mode) as output:
        server = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            **run_as(account),  # type: ignore[call-overload]
        )
    keep(server)
    return server


def wait_until(ready: Callable[[], bool], server: subprocess.Popen[bytes], seconds: float) -> bool:
    """True once ``ready()``; False when ``server`` has ended or ``seconds`` have passed."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if ready():
            return True
        if server.poll() is not None:
            return False
        time.sleep(0.02)
    return False


def find(pid: int, mark: str) -> psutil.Process | None:
    """The living process ``pid`` if its command line holds ``mark``: a pid may have been reused."""
    try:
        process = psutil.Process(pid)
        return process if is_alive(process) and mark in " ".join(process.cmdline()) else None
    except psutil.Error:
        return None


def read_pid(path: Path) -> int | None:
    """First line of a pid file as a number; None when the file is absent or unfinished."""
    try:
        return int(path.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def wait_end(process: psutil.Process, seconds: float) -> None:
    """Wait for the end of ``process``; kill it when ``seconds`` have passed.

    A zombie counts as ended: it may never be reaped where process 1 is not a real init.
    """
    limit = time.monotonic() + seconds
    while is_alive(process):
        if time.monotonic() > limit:
            process.kill()
            limit += 10
        time.sleep(0.02)
    reap()


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def end_all_in(folder: Path, seconds: float) -> None:
    """End every process that works in ``folder``, after leaving it ``seconds`` to end by itself."""
    limit = time.monotonic() + seconds
    while workers := [found for found in psutil.process_iter() if _works_in(found, folder)]:
        if time.monotonic() > limit:
            for worker in workers:
                worker.kill()
        time.sleep(0.05)


def _works_in(process: psutil.Process, folder: Path) -> bool:
    try:
        return process.cwd() == str(folder) and is_alive(process)
    except psutil.Error:
        return False  # somebody else's


def failure(name: str, log: Path) -> ServerError:
    """Error whose line ends with why, as the server's log says."""
    lines = log.read_text(errors="replace").strip().splitlines()[-20:] if log.exists() else []
    reasons = [line for line in lines if "FATAL" in line or "Fatal" in line] or lines or ["?"]
    return ServerError(f"{name} ne démarre pas (journal : {log}) : {reasons[-1]}")


def say(line: str) -> None:
    """One line for whoever started the command; never on stdout, which may be data."""
    sys.stderr.write(f"carrefour : {line}\n")
