"""Taking out of the files dropped by hand what someone had removed.

A file cannot be mended line by line in every format: one that holds the datum is emptied whole,
and the partner has to drop a clean one. What was harvested from it stays, cleaned like the rest.
"""

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Any

from carrefour.http import decode
from partners.models import Deposit
from partners.redaction import Redactor

# Of all that an archive holds, unpacked, and how deep; beyond, it counts as unsearchable.
LARGEST = 300_000_000
DEEPEST = 6
# A text is searched by pieces of so many characters, which share some: no datum is cut in two.
PIECE = 500_000
SHARED = 2_000
ZIP = b"PK\x03\x04"
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
PACKED: dict[bytes, Callable[[IO[bytes]], Any]] = {
    b"\x1f\x8b": lambda file: gzip.GzipFile(fileobj=file),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\x00": lzma.LZMAFile,
}
LOCKED = (b"7z\xbc\xaf", b"Rar!")


class Opaque(Exception):
    """A file whose text cannot be searched."""


# All that damaged, locked or deceitful archives make the libraries raise.
FAILURES = (
    Opaque, OSError, EOFError, ValueError, RuntimeError, ArithmeticError, LookupError,
    struct.error, zlib.error, lzma.LZMAError, tarfile.TarError, zipfile.BadZipFile,
)  # fmt: skip


def holding(redactor: Redactor, deposits: Any = None) -> Iterator[tuple[Deposit, int]]:
    """(deposit, how many times) for each that holds one of the data, one file in memory at once.

    A file that cannot be searched counts as holding one.
    """
    among = Deposit.objects.all() if deposits is None else deposits
    for pk in list(among.order_by("pk").values_list("pk", flat=True)):
        deposit = Deposit.objects.get(pk=pk)
        if count := _count(deposit, redactor):
            yield deposit, count


def empty(redactor: Redactor, source_ids: set[int]) -> int:
    """Empty the files of these sources that hold one of the data; returns how many."""
    among = Deposit.objects.filter(source__in=source_ids)
    return sum(
        Deposit.objects.filter(pk=deposit.pk).update(**emptied(deposit, redactor))
        for deposit, _ in holding(redactor, among)
    )


def emptied(deposit: Deposit, redactor: Redactor) -> dict[str, Any]:
    """What the columns of a file that holds one of the data become."""
    name = redactor.text(deposit.name)[0]
    return {"content": b"", "size": 0, "sha256": "", "name": name[:255]}


def _count(deposit: Deposit, redactor: Redactor) -> int:
    count = redactor.text(deposit.name)[1]
    try:
        for text in Unpacking(LARGEST).texts(bytes(deposit.content)):
            count += sum(redactor.text(piece)[1] for piece in _pieces(text))
    except FAILURES:
        return count or 1
    return count


def _pieces(text: str) -> Iterator[str]:
    for start in range(0, len(text), PIECE):
        yield text[start : start + PIECE + SHARED]


@dataclass
class Unpacking:
    """The unpacking of one file. ``left``: the bytes that may still come out of it."""

    left: int

    def texts(self, content: bytes, depth: int = 0) -> Iterator[str]:
        """The texts of a file: those of its members when it is an archive or a workbook.

        Raises one of ``FAILURES`` when it cannot be read whole.
        """
        if depth > DEEPEST or content.startswith(LOCKED):
            raise Opaque
        unpacker = next((u for mark, u in PACKED.items() if content.startswith(mark)), None)
        if content.startswith(ZIP):
            yield from self._zip(content, depth)
        elif unpacker:
            yield from self.texts(self._read(unpacker(io.BytesIO(content))), depth + 1)
        elif content[257:262] == b"ustar":
            yield from self._tar(content, depth)
        else:
            yield decode(content)
            if content.startswith(OLD_WORKBOOK):
                # Its strings are in one byte per character or in two.
                yield content.decode("utf-16-le", errors="ignore")

    def _zip(self, content: bytes, depth: int) -> Iterator[str]:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.infolist():
                yield member.filename
                yield from self.texts(self._read(archive.open(member)), depth + 1)

    def _tar(self, content: bytes, depth: int) -> Iterator[str]:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive:
            for member in archive:
                yield member.name
                if member.isreg():
                    yield from self.texts(self._read(archive.extractfile(member)), depth + 1)

    def _read(self, file: Any) -> bytes:
        with file:
            content: bytes = file.read(self.left + 1)
        self.left -= len(content)
        if self.left < 0:
            raise Opaque
        return content
