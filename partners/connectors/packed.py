"""A table inside an archive (zip, gzip), taken out within bounds."""

import gzip
import tempfile
import zipfile
import zlib
from typing import IO, Any

from partners.connectors.base import SourceError

ZIP, GZIP = b"PK\x03\x04", b"\x1f\x8b"
TABLES = (".csv", ".tsv", ".txt", ".tab", ".xlsx", ".xls", ".ods")
# Marks of workbooks that are zip archives themselves.
WORKBOOK_PARTS = ("[Content_Types].xml", "mimetype", "content.xml", "xl/workbook.xml")
MAX_UNPACKED = 1_000_000_000
# No text that people wrote packs better than this; a bomb does.
MAX_RATIO = 300
CHUNK = 1_000_000
IN_MEMORY = 1_000_000
BROKEN = "Cette archive est illisible, incomplète ou protégée."


def unpacked(file: IO[bytes], wanted: str = "") -> IO[bytes]:
    """The table of an archive as a file of its own; ``file`` itself when it is no archive.

    ``wanted`` names the file of the archive when it holds several tables. Raises ``SourceError``.
    """
    file.seek(0)
    mark = file.read(4)
    file.seek(0)
    try:
        if mark.startswith(GZIP):
            size = file.seek(0, 2)
            file.seek(0)
            return _copied(gzip.GzipFile(fileobj=file, mode="rb"), size)
        if mark != ZIP:
            return file
        return _from_zip(file, wanted)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise SourceError("archive", BROKEN) from error
    except (NotImplementedError, RuntimeError) as error:
        # A method of compression that Python does not know, or a password.
        raise SourceError("archive", BROKEN) from error


def _from_zip(file: IO[bytes], wanted: str) -> IO[bytes]:
    try:
        archive = zipfile.ZipFile(file)
    except zipfile.BadZipFile:
        # Perhaps a damaged workbook, which says so better.
        file.seek(0)
        return file
    with archive:
        names = archive.namelist()
        if any(part in names for part in WORKBOOK_PARTS):
            file.seek(0)
            return file
        member = archive.getinfo(_chosen(names, wanted))
        with archive.open(member) as packed:
            return _copied(packed, member.compress_size)


def _chosen(names: list[str], wanted: str) -> str:
    hidden = (n for n in names if not n.startswith("__MACOSX/"))
    tables = [n for n in hidden if n.lower().endswith(TABLES)]
    if wanted:
        tables = [n for n in names if wanted in {n, n.rpartition("/")[2]}]
    if len(tables) == 1:
        return tables[0]
    listed = ", ".join((tables or names)[:10]) or "aucun"
    if wanted or not tables:
        raise SourceError("archive", f"Tableau absent de l’archive. Fichiers : {listed}.")
    raise SourceError(
        "archive", f"L’archive tient plusieurs tableaux, l’option « file » dit lequel : {listed}."
    )


def _copied(packed: Any, size: int) -> IO[bytes]:
    """What comes out of ``packed`` (``size`` bytes once packed). Raises ``SourceError``."""
    limit = min(MAX_UNPACKED, max(size, 10_000) * MAX_RATIO)
    copy: IO[bytes] = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115
    try:
        while piece := packed.read(CHUNK):
            copy.write(piece)
            if copy.tell() > limit:
                raise SourceError("trop-gros", "Cette archive est démesurée une fois décompressée.")
    except BaseException:
        copy.close()
        raise
    copy.seek(0)
    return copy
