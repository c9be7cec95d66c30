"""Debian's Chromium for the browser tests: found, or installed by apt."""

from __future__ import annotations

import os
import shutil
import subprocess
from ctypes.util import find_library

from carrefour.launcher.console import Refusal, step

# The same engine without the windows, tabs and extensions that nobody sees: a quarter less work.
SHELL = "chromium-headless-shell"
OTHERS = ("chromium", "chromium-browser", "google-chrome")
# Without a font a page has no size that the accessibility checks can judge; the driver that
# Playwright brings needs libatomic.
WITH = ("fonts-dejavu-core", "libatomic1")


def program() -> str | None:
    """The Chromium that tests drive: that of CHROMIUM, else the lightest of this machine."""
    found = (shutil.which(name) for name in (SHELL, *OTHERS))
    return os.environ.get("CHROMIUM") or next(filter(None, found), None)


def install() -> None:
    """Have Chromium on this machine. Raises Refusal naming the command to type otherwise.

    Where another Chromium stands already, the light one is only installed when apt knows it.
    """
    will_do = bool(program() and find_library("atomic"))
    if will_do and (shutil.which(SHELL) or not _is_known(SHELL)):
        return
    right = _administrator()
    if right is None or not shutil.which("apt-get"):
        if will_do:
            return
        raise Refusal(
            "Chromium est nécessaire aux tests de navigateur : "
            f"sudo apt-get install {' '.join((SHELL, *WITH))}"
        )
    step("Installation de Chromium par apt (une à deux minutes la première fois)…")
    _apt(right, "update", "-qq")
    # Some systems only have the whole of it.
    for name in (SHELL, OTHERS[0]):
        done = _apt(right, "install", "-y", "-qq", "--no-install-recommends", name, *WITH)
        if done.returncode == 0 or will_do:
            return
    said = (done.stderr or done.stdout).strip().splitlines() or ["?"]
    raise Refusal(f"apt-get install {OTHERS[0]} a échoué : {said[-1]}")


def _apt(right: list[str], *words: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(
        [*right, "apt-get", *words], env=environ, capture_output=True, text=True, check=False
    )


def _is_known(package: str) -> bool:
    """Whether apt can install it, as its lists stand: without the network."""
    if not shutil.which("apt-cache"):
        return False
    command = ["apt-cache", "show", package]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _administrator() -> list[str] | None:
    """Words to put before a command that needs root; None when nothing gives that right."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo"):
        allowed = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
        if allowed.returncode == 0:
            return ["sudo", "-n", "--preserve-env=DEBIAN_FRONTEND"]
    return None
