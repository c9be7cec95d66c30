"""Taking out of the files dropped by hand what someone had removed.

A file cannot be mended line by line in every format: one that holds the datum is emptied whole,
and the partner has to drop a clean one. What was harvested from it stays, cleaned like the rest.
"""

import gzip
import io
import zipfile
from collections.abc import Iterator
from typing import Any

from carrefour.http import decode
from partners.models import Deposit
from partners.redaction import Redactor

EMPTIED: dict[str, Any] = {"content": b"", "size": 0, "sha256": ""}
# Of all that an archive holds; beyond, the file counts as one that cannot be searched.
LARGEST = 300_000_000
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"


class Opaque(Exception):
    """A file whose text cannot be searched."""


def holding(redactor: Redactor, deposits: Any = None) -> Iterator[tuple[Deposit, int]]:
    """(deposit, how many times) for each that holds one of the data, one file in memory at once.

    A file that cannot be searched counts as holding one.
    """
    among = Deposit.objects.all() if deposits is None else deposits
    for pk in list(among.exclude(size=0).order_by("pk").values_list("pk", flat=True)):
        deposit = Deposit.objects.get(pk=pk)
        if count := _count(deposit, redactor):
            yield deposit, count


def empty(redactor: Redactor, source_ids: set[int]) -> int:
    """Empty the files of these sources that hold one of the data; returns how many."""
    found = [d.pk for d, _ in holding(redactor, Deposit.objects.filter(source__in=source_ids))]
    return Deposit.objects.filter(pk__in=found).update(**EMPTIED)


def _count(deposit: Deposit, redactor: Redactor) -> int:
    try:
        texts = [deposit.name, *_texts(bytes(deposit.content))]
        return sum(redactor.text(text)[1] for text in texts)
    except (Opaque, OSError, EOFError, ValueError, zipfile.BadZipFile, NotImplementedError):
        return 1


def _texts(content: bytes) -> Iterator[str]:
    """The texts of a file: those of its members when it is an archive or a workbook."""
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.infolist():
                yield from _texts(_read(archive.open(member)))
    elif content.startswith(b"\x1f\x8b"):
        yield from _texts(_read(gzip.GzipFile(fileobj=io.BytesIO(content))))
    else:
        yield decode(content)
        if content.startswith(OLD_WORKBOOK):
            # Its strings are in one byte per character or in two.
            yield content.decode("utf-16-le", errors="ignore")


def _read(file: Any) -> bytes:
    with file:
        content: bytes = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise Opaque
    return content
