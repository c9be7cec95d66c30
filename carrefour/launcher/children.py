"""The processes of the demonstration: each with its log, none left behind."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from carrefour.launcher import running
from carrefour.launcher.console import say, step
from carrefour.launcher.running import ROOT, STATE, Process
from carrefour.launcher.stopping import StopRequest

LOGS = STATE / "logs"
PR_SET_PDEATHSIG = 1


class Failed(Exception):
    """A step or a process of the demonstration failed; the message says which."""


@dataclass
class Child:
    """A process started here; ``watched`` when its end, whatever its status, is a failure."""

    known: Process
    process: subprocess.Popen[bytes]
    watched: bool


class Children:
    """Starts, watches and stops processes; the last one started is stopped first."""

    def __init__(self, environ: dict[str, str], port: int, request: StopRequest) -> None:
        self.environ = environ
        self.port = port
        self.request = request
        self.started: list[Child] = []
        LOGS.mkdir(parents=True, exist_ok=True)
        self._record()

    def start(self, name: str, command: Sequence[str]) -> None:
        """Start ``command`` with its output in ``.carrefour/logs/<name>.log``."""
        self.request.check()
        with log_of(name).open("wb") as log:
            self._start(name, command, watched=True, stdout=log, stderr=subprocess.STDOUT)

    def run(self, name: str, command: Sequence[str]) -> None:
        """Run ``command`` to its end, its output on the terminal. Raises Failed, Interrupted."""
        self.request.check()
        child = self._start(name, command, watched=False)
        self.wait_for(lambda: child.process.poll() is not None)
        self.started.remove(child)
        if child.process.returncode:
            raise Failed(f"« {name} » a échoué (état {child.process.returncode}).")

    def wait_for(self, done: Callable[[], bool], seconds: float | None = None) -> bool:
        """Wait for ``done()`` while all processes live; False after ``seconds``.

        Raises Failed when a process ends by itself and Interrupted when the end is asked for.
        """
        limit = time.monotonic() + seconds if seconds else None
        while not done():
            self.request.check()
            self._check_alive()
            if limit and time.monotonic() > limit:
                return False
            time.sleep(0.1)
        return True

    def stop_all(self) -> None:
        """Stop every process, the last started first, each with what it started itself."""
        while self.started:
            name, process = self.started[-1].known.name, self.started[-1].process
            if process.poll() is None:
                step(f"Arrêt : {name}")
                _signal_group(process, signal.SIGTERM)
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    step(f"{name} ne s'arrête pas : arrêt forcé.")
            _signal_group(process, signal.SIGKILL)  # what it may have left in its group
            process.wait()
            self.started.pop()
        running.forget()

    def _start(
        self, name: str, command: Sequence[str], *, watched: bool, **outputs: object
    ) -> Child:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C reaches the launcher alone, which stops in order
            preexec_fn=end_with_launcher(),
            **outputs,  # type: ignore[call-overload]
        )
        known = Process(name, process.pid, running.began(process.pid))
        self.started.append(Child(known, process, watched))
        self._record()
        return self.started[-1]

    def _record(self) -> None:
        me = Process("make demo", os.getpid(), running.began(os.getpid()))
        running.record(self.port, [me, *(child.known for child in self.started)])

    def _check_alive(self) -> None:
        for child in self.started:
            if child.watched and child.process.poll() is not None:
                show_end_of(log_of(child.known.name))
                status = child.process.returncode
                raise Failed(f"« {child.known.name} » s'est arrêté tout seul (état {status}).")


def end_with_launcher() -> Callable[[], None] | None:
    """What a new process runs first on Linux: ask to be ended when the launcher dies, even killed.

    The library is loaded here, before the fork, where loading is safe.
    """
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl
    launcher = os.getpid()

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
        if os.getppid() != launcher:
            os._exit(1)

    return ask


def log_of(name: str) -> Path:
    return LOGS / f"{name}.log"


def show_end_of(log: Path, lines: int = 15) -> None:
    say(f"--- fin de {log.relative_to(ROOT)} ---")
    say("\n".join(log.read_text(errors="replace").splitlines()[-lines:]))
    say("---")


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):  # nobody left in it
        os.killpg(process.pid, number)
