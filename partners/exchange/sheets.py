"""Tables in and out: CSV as a French spreadsheet writes and reads it, and XLSX."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from openpyxl import Workbook as NewWorkbook

from carrefour.http import decode
from carrefour.text import key
from partners.connectors import SourceError
from partners.connectors.tables import delimiter_of
from partners.connectors.workbooks import Workbook
from partners.exchange.base import Refused

MAX_BYTES = 5_000_000
ARCHIVES = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
# What a spreadsheet would run, at the start of a cell.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def read(file: UploadedFile, columns: Sequence[str], most: int = 5_000) -> list[dict[str, str]]:
    """The lines of a table as {column: text}; columns unknown here are left aside.

    Raises ``Refused`` when the file is no such table.
    """
    if (file.size or 0) > MAX_BYTES:
        raise Refused(f"Ce fichier dépasse {MAX_BYTES // 1_000_000} Mo.")
    content = file.read()
    lines = _workbook(content) if content.startswith(ARCHIVES) else _csv(content)
    lines = [line for line in lines if any(cell.strip() for cell in line)]
    if not lines:
        raise Refused("Ce fichier est vide.")
    if len(lines) > most + 1:
        raise Refused(f"Ce fichier a plus de {most} lignes : partagez-le en plusieurs.")
    wanted = {key(name.replace("_", " ")): name for name in columns}
    heads = [wanted.get(key(cell.replace("_", " "))) for cell in lines[0]]
    if not any(heads):
        raise Refused(f"La première ligne doit nommer les colonnes : {', '.join(columns)}.")
    return [
        {head: armed(cell.strip()) for head, cell in zip(heads, line, strict=False) if head}
        for line in lines[1:]
    ]


def csv_of(columns: Sequence[str], rows: Iterable[dict[str, str]]) -> bytes:
    """With the mark by which Excel knows UTF-8, semicolons, and nothing that it would run."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow(columns)
    writer.writerows([disarmed(row.get(name, "")) for name in columns] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def xlsx_of(columns: Sequence[str], rows: Iterable[dict[str, str]], title: str) -> bytes:
    """Every cell is a text: a spreadsheet runs none."""
    book = NewWorkbook(write_only=True)
    sheet: Any = book.create_sheet(title[:31])
    sheet.append(list(columns))
    for row in rows:
        sheet.append([disarmed(_printable(row.get(name, ""))) for name in columns])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def disarmed(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


def armed(text: str) -> str:
    """The text before ``disarmed``: an export imported again changes nothing."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA) else text


def _printable(text: str) -> str:
    return "".join(c for c in text if c.isprintable() or c in "\n\t")


def _csv(content: bytes) -> list[list[str]]:
    text = decode(content).lstrip("\ufeff")
    if "\0" in text:
        raise Refused("Ce fichier n’est ni un CSV ni un classeur.")
    # « sep=; »: what some write for Excel.
    if text[:4].lower() == "sep=":
        text = text.partition("\n")[2]
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text[:20000])))
    except csv.Error as error:
        raise Refused("Ce fichier CSV est abîmé : enregistrez-le de nouveau.") from error


def _workbook(content: bytes) -> list[list[str]]:
    try:
        book = Workbook(io.BytesIO(content))
        found = book.rows(book.first_table())
        return [["" if c is None else str(c) for c in cells] for _, cells in found]
    except SourceError as error:
        raise Refused(error.message) from error
