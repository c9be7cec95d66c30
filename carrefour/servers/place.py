"""Where the embedded servers of one checkout live, and as whom they run."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

DEMO = "servers"
TESTS = "tests"
# PostgreSQL refuses to run as root; this account is on every Linux, so none has to be created.
UNPRIVILEGED = "nobody"
# A unix socket path holds 107 bytes; both servers' file names fit in what this leaves.
LONGEST_SOCKET_FOLDER = 107 - len("/.s.PGSQL.5432.lock")


class ServerError(Exception):
    """An embedded server cannot run; the message is one French line that says what to do."""


@dataclass(frozen=True)
class Place:
    """Folders of one instance: ``state`` is ours (locks, logs), ``home`` the servers' account's."""

    state: Path
    home: Path
    sockets: Path
    account: str | None
    durable: bool

    @property
    def data(self) -> Path:
        return self.home / "postgresql"

    @property
    def redis(self) -> Path:
        return self.home / "redis"

    @property
    def logs(self) -> Path:
        return self.state.parent / "logs"


def place_of(root: Path, instance: str = DEMO) -> Place:
    """Place of ``instance`` for the checkout at ``root``: the same answer in every process.

    As root the servers run as another account: when that account cannot reach the checkout (it is
    under ``/root``, say) their files go to ``/var/lib``, under a name made of the checkout's path.
    """
    root = root.resolve()
    state = root / ".carrefour" / instance
    digest = hashlib.sha256(os.fsencode(state)).hexdigest()[:12]
    as_root = os.geteuid() == 0
    outside = Path("/var/lib") / f"carrefour-{digest}"
    # Once there they stay there, even if the checkout is opened since.
    is_outside = as_root and (outside.exists() or not reachable_by_all(root))
    home = outside if is_outside else state
    sockets = home / "sockets"
    if len(os.fsencode(sockets)) > LONGEST_SOCKET_FOLDER:
        sockets = Path("/tmp") / f"carrefour-{os.geteuid()}-{digest}"
    account = UNPRIVILEGED if as_root else None
    return Place(state, home, sockets, account, durable=instance != TESTS)


def reachable_by_all(path: Path) -> bool:
    """Whether any account may walk down to ``path`` (what does not exist yet is not counted)."""
    existing = (folder for folder in (path, *path.parents) if folder.exists())
    return all(folder.stat().st_mode & 0o001 for folder in existing)


def prepare(place: Place) -> None:
    """Make the folders, private to the account that runs the servers.

    Raises ServerError when one of them belongs to somebody else.
    """
    place.logs.mkdir(parents=True, exist_ok=True)
    for folder in (place.state.parent, place.state, place.home):
        folder.mkdir(exist_ok=True)
        mode = folder.stat().st_mode
        if place.account and not mode & 0o001:  # a strict umask closed the way
            folder.chmod(mode | 0o011)
    for folder in (place.sockets, place.redis):
        if not folder.exists() and not folder.is_symlink():
            folder.mkdir(mode=0o700)
            if place.account:
                _give(folder, place.account)
        _check_owner(folder, place.account)


def open_to_all(folder: Path) -> None:
    """Let any account read and run what is under ``folder``, whatever the umask was."""
    for path in (folder, *folder.rglob("*")):
        mode = path.stat().st_mode
        path.chmod(mode | (0o055 if path.is_dir() or mode & 0o100 else 0o044))


def _give(folder: Path, account: str) -> None:
    import pwd  # not on every system Python runs on

    entry = pwd.getpwnam(account)
    os.chown(folder, entry.pw_uid, entry.pw_gid)


def _check_owner(folder: Path, account: str | None) -> None:
    import pwd

    expected = pwd.getpwnam(account).pw_uid if account else os.geteuid()
    if folder.is_symlink() or folder.stat().st_uid != expected:
        raise ServerError(
            f"{folder} appartient à un autre compte : relancez avec ce compte, "
            "ou supprimez ce dossier (« make clean » en tant que son propriétaire)."
        )
