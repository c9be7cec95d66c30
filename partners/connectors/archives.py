"""Text files inside an archive (zip, tar, tar.gz…), read within bounds and never written out."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import cached_property, partial
from pathlib import PurePosixPath
from typing import IO

from partners.connectors.base import SourceError

MAX_FILES = 50_000
MAX_FILE = 20_000_000
MAX_TOTAL = 1_000_000_000
UNREADABLE = "Cette archive est illisible, tronquée ou protégée par un mot de passe."
TOO_BIG = "Cette archive est trop grosse une fois décompressée : elle est refusée par sécurité."
FAILURES = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError,
    RuntimeError, NotImplementedError, UnicodeDecodeError,
)  # fmt: skip
COMPRESSED: dict[bytes, Callable[[IO[bytes]], IO[bytes]]] = {
    b"\x1f\x8b": lambda file: gzip.GzipFile(fileobj=file, mode="rb"),  # type: ignore[dict-item, return-value]
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\x00": lzma.LZMAFile,
}


class Archive:
    """An archive as its names and their contents; anything else is an archive of one file.

    ``file`` is binary and seekable; ``name`` is what a lone file is called.
    """

    def __init__(self, file: IO[bytes], name: str = "") -> None:
        self.file = file
        self.name = name

    @cached_property
    def names(self) -> list[str]:
        """The names of the usable files (neither folders nor links, none that climbs out), without
        the folder that holds everything (« depot-main/ »)."""
        return [name.removeprefix(self._top) for name in self._full_names]

    def files(self, wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
        """(Name, content) of the wanted files, in the archive's order.

        Raises ``SourceError`` for an archive that is damaged, locked or out of all proportion.
        """
        top = self._top
        for name, read in self._members():
            short = name.removeprefix(top)
            if wanted(short):
                yield short, _guarded(read)

    @cached_property
    def _full_names(self) -> list[str]:
        return [name for name, _ in self._members()]

    @cached_property
    def _top(self) -> str:
        return _common_folder(self._full_names)

    def _members(self) -> Iterator[tuple[str, Callable[[], bytes]]]:
        self.file.seek(0)
        head = self.file.read(8)
        self.file.seek(0)
        members = self._zip() if head.startswith(b"PK\x03\x04") else self._tar_or_file(head)
        try:
            for number, (name, read) in enumerate(members, start=1):
                if number > MAX_FILES:
                    raise SourceError("trop-gros", TOO_BIG)
                if not _climbs(name):
                    yield name, read
        except FAILURES as error:
            raise SourceError("archive", UNREADABLE) from error

    def _zip(self) -> Iterator[tuple[str, Callable[[], bytes]]]:
        with zipfile.ZipFile(self.file) as archive:
            left = [MAX_TOTAL]
            for member in archive.infolist():
                if not member.is_dir():
                    yield member.filename, partial(_zipped, archive, member, left)

    def _tar_or_file(self, head: bytes) -> Iterator[tuple[str, Callable[[], bytes]]]:
        opener = next((o for mark, o in COMPRESSED.items() if head.startswith(mark)), None)
        plain = opener(self.file) if opener else self.file
        source = Bounded(plain, MAX_TOTAL)
        start = source.read(512)
        if start[257:262] != b"ustar":
            yield self.name, lambda: start + _bounded(source, [MAX_FILE])
            return
        plain.seek(0)
        with tarfile.open(fileobj=Bounded(plain, MAX_TOTAL), mode="r|") as archive:
            for member in archive:
                if member.isreg():
                    yield member.name, partial(_member, archive, member)


class Bounded(io.RawIOBase):
    """A stream that refuses to give more than ``limit`` bytes."""

    def __init__(self, file: IO[bytes], limit: int) -> None:
        self._file = file
        self._left = limit

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        content = self._file.read(size)
        self._left -= len(content)
        if self._left < 0:
            raise SourceError("trop-gros", TOO_BIG)
        return content


def _zipped(archive: zipfile.ZipFile, member: zipfile.ZipInfo, left: list[int]) -> bytes:
    with archive.open(member) as file:
        return _bounded(file, left)


def _member(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    return _bounded(file, [MAX_TOTAL]) if file is not None else b""


def _bounded(file: IO[bytes] | io.RawIOBase, left: list[int]) -> bytes:
    """The whole content, at most a file's bound and what is left of the archive's."""
    content = file.read(MAX_FILE + 1) or b""
    left[0] -= len(content)
    if len(content) > MAX_FILE or left[0] < 0:
        raise SourceError("trop-gros", TOO_BIG)
    return content


def _guarded(read: Callable[[], bytes]) -> bytes:
    try:
        return read()
    except FAILURES as error:
        raise SourceError("archive", UNREADABLE) from error


def _climbs(name: str) -> bool:
    """Whether a name leads outside of the archive, or into what systems hide."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return not parts or parts[0] in {"/", "__MACOSX"} or ".." in parts or ":" in parts[0]


def _common_folder(names: list[str]) -> str:
    """« depot-main/ » when every file is inside it; else ""."""
    tops = {n.partition("/")[0] for n in names}
    is_folder = len(tops) == 1 and all("/" in n for n in names)
    return f"{tops.pop()}/" if is_folder else ""
