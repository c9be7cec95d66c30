"""Debian's Chromium for the browser tests: found, or installed by apt."""

from __future__ import annotations

import os
import shutil
import subprocess
from ctypes.util import find_library

from carrefour.launcher.console import Refusal, step

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
# Without a font a page has no size that the accessibility checks can judge; the driver that
# Playwright brings needs libatomic.
PACKAGES = ("chromium", "fonts-dejavu-core", "libatomic1")


def install() -> None:
    """Have Chromium on this machine. Raises Refusal naming the command to type otherwise."""
    if any(shutil.which(name) for name in PROGRAMS) and find_library("atomic"):
        return
    right = _administrator()
    if right is None or not shutil.which("apt-get"):
        raise Refusal(
            "Chromium est nécessaire aux tests de navigateur : "
            f"sudo apt-get install {' '.join(PACKAGES)}"
        )
    step("Installation de Chromium par apt (une à deux minutes la première fois)…")
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES],
    ):
        done = subprocess.run(
            [*right, *command], env=environ, capture_output=True, text=True, check=False
        )
        if done.returncode:
            said = (done.stderr or done.stdout).strip().splitlines() or ["?"]
            raise Refusal(f"{' '.join(command)} a échoué : {said[-1]}")


def _administrator() -> list[str] | None:
    """Words to put before a command that needs root; None when nothing gives that right."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo"):
        allowed = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
        if allowed.returncode == 0:
            return ["sudo", "-n", "--preserve-env=DEBIAN_FRONTEND"]
    return None
