"""Bring in what the project needs: uv from the lock file, the virtual environment, Chromium.

Runs on a bare system Python: no pip, no ensurepip, no venv package. uv itself stands in
``uv.lock`` like every other package: its address and its hash are read there, so a bare machine
needs nothing from apt and nothing is trusted that the lock file does not name.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import urllib.error
import urllib.request
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

from carrefour.launcher.console import Refusal, say, step
from carrefour.launcher.running import ROOT, STATE
from carrefour.servers.place import DEMO, TESTS, place_of

# The embedded Redis is published ready-made for these.
TRIED = ("3.11", "3.12")
ENVIRONMENT = ROOT / ".venv"


def install() -> None:
    """Make ``.venv`` what ``uv.lock`` says; a fraction of a second when it is so already.

    Raises Refusal when uv cannot be had or cannot install.
    """
    command = [str(find_uv()), "sync", "--frozen"]
    if (ENVIRONMENT / "bin" / "python").exists():
        command += ["--quiet"]
    else:
        step("Création de .venv et installation des dépendances (uv.lock)…")
        command += ["--python", python()]
    environ = {
        **os.environ,
        "UV_PROJECT_ENVIRONMENT": str(ENVIRONMENT),
        "UV_PYTHON_DOWNLOADS": "never",
        # The system's certificates, which a company may have added its own to.
        "UV_SYSTEM_CERTS": os.environ.get("UV_SYSTEM_CERTS", "1"),
    }
    environ.pop("VIRTUAL_ENV", None)
    if _run_uv(command, environ):
        raise Refusal(
            "L'installation des dépendances a échoué (message de uv ci-dessus). Il faut un accès "
            f"au réseau et Python {' ou '.join(TRIED)} pour les serveurs embarqués."
        )


def _run_uv(command: list[str], environ: dict[str, str]) -> int:
    """Run uv, letting through what it downloads and its errors, not its hundred « + package »."""
    with subprocess.Popen(
        command, cwd=ROOT, env=environ, stderr=subprocess.PIPE, text=True
    ) as process:
        for line in process.stderr or ():
            if not line.startswith((" + ", " - ", " ~ ", " Downloaded")):
                say(f"           {line.rstrip()}")
    return process.returncode


def python() -> str:
    """The Python to build ``.venv`` with: this one, or a version the embedded servers support."""
    if f"{sys.version_info.major}.{sys.version_info.minor}" in TRIED:
        return sys.executable
    others = (shutil.which(f"python{version}") for version in TRIED)
    return next((other for other in others if other and _says(other, "3.")), sys.executable)


def find_uv() -> Path:
    """Path of uv at the locked version: from ``.venv``, else the one brought in before, else new.

    Raises Refusal when it cannot be downloaded or is not what the lock file announces.
    """
    package = locked("uv")
    version = package["version"]
    for found in (shutil.which("uv"), ENVIRONMENT / "bin" / "uv"):
        if found and _says(found, version):
            return Path(found)
    program = STATE / "tools" / f"uv-{version}"
    if not program.exists():
        wheel = choose_wheel(package["wheels"])
        step(f"Téléchargement de uv {version} ({wheel['size'] // 1_000_000} Mo)…")
        unpack_uv(download(wheel), program)
    return program


def _says(program: str | Path, version: str) -> bool:
    """Whether ``program`` runs and announces ``version``, or a version that begins so."""
    try:
        done = subprocess.run(
            [str(program), "--version"], capture_output=True, text=True, check=False, timeout=20
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    said = done.stdout.partition(" ")[2].split(" ")[0].strip()
    return said == version or (version.endswith(".") and said.startswith(version))


def locked(name: str) -> dict[str, Any]:
    """The entry of package ``name`` in ``uv.lock``."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text())
    for package in lock["package"]:
        if package["name"] == name:
            return dict(package)
    raise Refusal(f"uv.lock ne nomme pas « {name} ».")


def choose_wheel(wheels: list[dict[str, Any]]) -> dict[str, Any]:
    """The wheel for this machine among those of the lock file. Raises Refusal without any."""
    system = sysconfig.get_platform().split("-")[0]
    machine = platform.machine().replace("arm64", "aarch64")
    libc = "manylinux" if platform.libc_ver()[0] == "glibc" else "musllinux"
    pattern = {"linux": f"{libc}.*_{machine}", "macosx": f"macosx.*_{platform.machine()}"}
    for wheel in wheels:
        if system in pattern and re.search(pattern[system], wheel["url"].rsplit("/", 1)[1]):
            return wheel
    raise Refusal(
        f"uv n'est pas publié pour {system} {machine} : installez-le vous-même, à la version "
        "que dit uv.lock."
    )


def download(wheel: dict[str, Any]) -> bytes:
    """Content of ``wheel``, proxies and certificates taken from the environment, hash verified."""
    try:
        with urllib.request.urlopen(wheel["url"], timeout=60) as answer:
            content: bytes = answer.read()
    except (urllib.error.URLError, OSError) as error:
        reason = getattr(error, "reason", error)
        raise Refusal(
            f"uv ne peut être téléchargé ({reason}) : vérifiez le réseau (HTTPS_PROXY, "
            "SSL_CERT_FILE), ou installez uv vous-même, à la version que dit uv.lock."
        ) from None
    if f"sha256:{hashlib.sha256(content).hexdigest()}" != wheel["hash"]:
        raise Refusal("uv téléchargé ne correspond pas à l'empreinte de uv.lock : abandon.")
    return content


def unpack_uv(content: bytes, program: Path) -> None:
    """Take the one program out of the wheel; in place at once, or not at all."""
    program.parent.mkdir(parents=True, exist_ok=True)
    draft = program.with_suffix(f".{os.getpid()}")
    with zipfile.ZipFile(BytesIO(content)) as archive:
        name = next(name for name in archive.namelist() if name.endswith("/scripts/uv"))
        draft.write_bytes(archive.read(name))
    draft.chmod(0o755)
    draft.replace(program)


def remove_everything() -> None:
    """Remove the environment, the data, the logs and the caches: a checkout as cloned."""
    homes = [place_of(ROOT, instance).home for instance in (DEMO, TESTS)]
    sockets = [place_of(ROOT, instance).sockets for instance in (DEMO, TESTS)]
    caches = [ROOT / f".{name}_cache" for name in ("ruff", "mypy", "pytest", "import_linter")]
    for folder in (*homes, *sockets, STATE, ENVIRONMENT, ROOT / "staticfiles", *caches):
        shutil.rmtree(folder, ignore_errors=True)
    step("Supprimés : .venv, .carrefour (données et journaux) et les caches.")
