"""Workbooks (XLSX, XLS, ODS), one sheet or several, their cells as JSON can hold them."""

import datetime
import zipfile
from collections.abc import Iterator
from itertools import islice
from typing import IO, Any

import python_calamine

from partners.connectors.base import SourceError
from partners.connectors.headers import Numbered

OLD_EXCEL = b"\xd0\xcf\x11\xe0"
SAMPLE = 40
# A workbook is held whole to be read: beyond this it is a bomb, or no list of records.
MAX_UNZIPPED = 500_000_000


class Workbook:
    """The sheets of a workbook. Raises ``SourceError`` when it cannot be read."""

    def __init__(self, file: IO[bytes]) -> None:
        try:
            _refuse_bombs(file)
            self._book = python_calamine.load_workbook(file)
        except python_calamine.PasswordError as error:
            raise SourceError("format", "Ce classeur est protégé par un mot de passe.") from error
        except (python_calamine.CalamineError, OSError, ValueError) as error:
            raise SourceError("format", "Ce classeur est illisible ou protégé.") from error
        self.names = self._book.sheet_names

    def asked(self, wanted: Any) -> str:
        """The sheet of that name, else of that rank (1 for the first). Raises ``SourceError``."""
        if str(wanted) in self.names:
            return str(wanted)
        if str(wanted).isdigit() and 0 < int(wanted) <= len(self.names):
            return self.names[int(wanted) - 1]
        raise SourceError(
            "feuille", f"La feuille « {wanted} » est absente. Feuilles : {', '.join(self.names)}."
        )

    def first_table(self) -> str:
        """The first sheet that has two rows of two cells, else of anything, else the first."""
        best = (-1, "")
        for name in self.names:
            head = [sum(c != "" for c in cells) for _, cells in islice(self.rows(name), SAMPLE)]
            worth = sum(n > 1 for n in head) > 1, sum(n > 0 for n in head) > 1
            best = max(best, (sum(worth), name), key=lambda found: found[0])
        return best[1]

    def rows(self, name: str) -> Iterator[Numbered]:
        """(Number in the sheet, cells) of one sheet, empty rows included."""
        try:
            sheet = self._book.get_sheet_by_name(name)
            for number, cells in enumerate(sheet.iter_rows(), start=1):
                yield number, [c.strip() if isinstance(c, str) else _plain(c) for c in cells]
        except (python_calamine.CalamineError, OSError, ValueError) as error:
            raise SourceError("format", f"La feuille « {name} » est illisible.") from error


def _refuse_bombs(file: IO[bytes]) -> None:
    file.seek(0)
    if file.read(4) == OLD_EXCEL:
        file.seek(0)
        return
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            size = sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise ValueError("not a workbook") from error
    if size > MAX_UNZIPPED:
        raise SourceError("trop-gros", "Ce classeur est démesuré une fois décompressé.")
    file.seek(0)


def _plain(cell: Any) -> Any:
    """A cell as JSON can hold it: whole numbers without « .0 », dates in ISO form."""
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    if isinstance(cell, datetime.datetime) and not (cell.hour or cell.minute or cell.second):
        return cell.date().isoformat()
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    if isinstance(cell, datetime.timedelta):
        return str(cell)
    return cell
