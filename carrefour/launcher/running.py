"""What runs in this checkout: one demonstration at a time, its processes, its ports."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from carrefour.launcher.console import Refusal, step

ROOT = Path(__file__).resolve().parent.parent.parent
STATE = ROOT / ".carrefour"


@dataclass(frozen=True)
class Process:
    """A process of ours: ``began`` tells it from a later one that was given the same number."""

    name: str
    pid: int
    began: int  # clock ticks since boot; 0 where /proc does not say

    @property
    def alive(self) -> bool:
        return self.began != 0 and began(self.pid) == self.began


def began(pid: int) -> int:
    """Start time of process ``pid`` in clock ticks since boot; 0 when it is gone or a zombie."""
    try:
        # The name stands in parentheses and may hold spaces: fields are counted after it.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return 0 if fields[0] in "ZX" else int(fields[19])


def ports_of(port: int) -> dict[str, int]:
    """The ports that a demonstration opens, by what listens there."""
    return {"le site": port, "les plateformes d'exemple": port + 1}


def lock() -> IO[str] | None:
    """Take the right to run the demonstration here; None while another process holds it.

    The system frees the lock when the process ends, so a kill -9 leaves nothing to clean.
    """
    try:
        STATE.mkdir(exist_ok=True)
        handle = (STATE / "demo.lock").open("a")
    except PermissionError:
        raise Refusal(
            f"{STATE} appartient à un autre compte : relancez avec ce compte, "
            "ou supprimez ce dossier."
        ) from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        return None
    return handle


def record(port: int, processes: list[Process]) -> None:
    """Write who runs, launcher first, for the next command to find."""
    draft = STATE / "demo.json.new"
    draft.write_text(json.dumps({"port": port, "processes": [asdict(one) for one in processes]}))
    draft.replace(STATE / "demo.json")


def recorded() -> tuple[int, list[Process]]:
    """Port and living processes of the last demonstration recorded; (0, []) without any."""
    try:
        said = json.loads((STATE / "demo.json").read_text())
        processes = [Process(**one) for one in said["processes"]]
        return said["port"], [one for one in processes if one.alive]
    except (OSError, ValueError, KeyError, TypeError):
        return 0, []


def forget() -> None:
    (STATE / "demo.json").unlink(missing_ok=True)


def check(port: int) -> None:
    """See that a demonstration may start on ``port``, ending what a killed one left.

    Raises Refusal when one runs already, or when a port is taken or out of range.
    """
    with contextlib.closing(lock() or _refuse_second()):
        end_leftovers()
        for user, number in ports_of(port).items():
            if not 0 < number < 65536:
                raise Refusal(f"Le port {number} n'existe pas : choisissez PORT entre 1 et 65534.")
            if reason := unavailable(number):
                raise Refusal(
                    f"Le port {number} ({user}) {reason}. "
                    f"Choisissez-en un autre : make demo PORT={free_port_after(port)}"
                )


def _refuse_second() -> IO[str]:
    port, processes = recorded()
    where = f" : http://127.0.0.1:{port}/" if port else ""
    who = f" (processus {processes[0].pid})" if processes else ""
    raise Refusal(
        f"Une démonstration tourne déjà dans ce dossier{who}{where} "
        "« make stop » l'arrête ; un autre clone peut tourner à côté, avec un autre PORT."
    )


def end_leftovers() -> None:
    """End the processes that a killed demonstration left, and say so."""
    _, processes = recorded()
    if (STATE / "demo.json").exists():
        names = ", ".join(f"{one.name} {one.pid}" for one in processes)
        step(
            "La démonstration précédente avait été arrêtée brutalement : "
            + (f"arrêt des processus restants ({names})." if names else "reprise.")
        )
        end(processes)
        forget()


def end(processes: list[Process], seconds: float = 10) -> None:
    """Ask ``processes`` and their groups to end, then kill those that have not."""
    for sent in (signal.SIGTERM, signal.SIGKILL):
        for one in (one for one in processes if one.alive):
            with contextlib.suppress(OSError):
                os.killpg(one.pid, sent)  # each was started at the head of its own group
        limit = time.monotonic() + seconds
        while any(one.alive for one in processes) and time.monotonic() < limit:
            time.sleep(0.05)


def unavailable(port: int) -> str:
    """Why a server could not listen on ``port`` of this machine; empty when it can."""
    for family, address in _addresses():
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except PermissionError:
                return "est réservé à l'administrateur de la machine"
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    return "est déjà pris par un autre programme"
    return ""


def _addresses() -> Iterator[tuple[socket.AddressFamily, str]]:
    yield socket.AF_INET, "127.0.0.1"
    yield socket.AF_INET, "0.0.0.0"


def free_port_after(port: int) -> int:
    """The next round port whose ports are all free, to propose it."""
    for candidate in [*range(port + 10, 65000, 10), *range(8010, 65000, 10)]:
        if not any(unavailable(number) for number in ports_of(candidate).values()):
            return candidate
    return port


def stop() -> None:
    """Stop the demonstration of this checkout as Ctrl-C does, and wait for its end."""
    free = lock()
    if free:
        with free:
            end_leftovers()
            step("Aucune démonstration ne tourne dans ce dossier.")
        return
    _, processes = recorded()
    if not processes:
        raise Refusal("La démonstration démarre : réessayez dans un instant.")
    step(f"Arrêt de la démonstration (processus {processes[0].pid})…")
    os.kill(processes[0].pid, signal.SIGTERM)
    limit = time.monotonic() + 60
    while not (free := lock()):
        if time.monotonic() > limit:
            raise Refusal("La démonstration ne s'arrête pas : voyez .carrefour/logs/.")
        time.sleep(0.1)
    free.close()
    step("Arrêtée ; les données sont gardées dans .carrefour/.")
