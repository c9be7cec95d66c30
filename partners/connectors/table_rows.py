"""Delimited text as rows of cells, one line at a time, and the quotation marks left open in it."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from typing import IO

from partners.connectors.base import SourceError

# Descriptions pasted in a cell go beyond the csv module's 128 kB.
FIELD_LIMIT = 4_000_000
# So many lines of one cell, cut alike by the delimiter, are rows that a quotation mark hid.
SWALLOWED = 3
# Stands for a line end inside a cell while rows are cut.
INSIDE = "\x0b"


def lines(file: IO[bytes], encoding: str, end: str = "any") -> Iterator[str]:
    """The lines of ``file`` ended by a line feed, NULs dropped; ``end`` is one of ``ENDS``.

    Raises ``SourceError`` on a line so long that this is no table.
    """
    newline = None if end == "any" else end
    text = io.TextIOWrapper(file, encoding=encoding, errors="replace", newline=newline)
    try:
        while line := text.readline(FIELD_LIMIT):
            if len(line) == FIELD_LIMIT:
                raise SourceError("format", "Une ligne est démesurée : ce n’est pas un tableau.")
            yield _one_line(line.replace("\0", ""), end)
    finally:
        if not file.closed:
            text.detach()


def _one_line(line: str, end: str) -> str:
    if end == "any":
        return line
    if end == "\r":
        # A file of old Macs, line feeds standing inside its cells.
        return line.rstrip("\r").lstrip("\n").replace("\n", INSIDE) + "\n"
    return line.rstrip("\r\n").replace("\r\n", INSIDE).replace("\r", INSIDE) + "\n"


def rows_of(
    found: Iterable[str],
    delimiter: str,
    unclosed: Callable[[int], None] = lambda line: None,
) -> Iterator[tuple[int, list[str]]]:
    """(Line number of the row's first line, cells). Raises ``SourceError``.

    ``unclosed`` is told the line of the last row, before it, when the file ends inside a quoted
    cell.
    """
    csv.field_size_limit(FIELD_LIMIT)
    row: list[str] = []
    reader = csv.reader(_kept(found, row), delimiter=delimiter)
    line = 1
    try:
        for cells in reader:
            if len(row) > 1 and _ends_inside(row, delimiter):
                unclosed(line)
            row.clear()
            yield line, [cell.strip().replace(INSIDE, "\n") for cell in cells]
            line = reader.line_num + 1
    except csv.Error as error:
        raise SourceError("format", f"Tableau illisible à partir de la ligne {line}.") from error


def _kept(found: Iterable[str], row: list[str]) -> Iterator[str]:
    """The lines, those of the row being read kept in ``row``."""
    for line in found:
        row.append(line)
        yield line


def _ends_inside(row: list[str], delimiter: str) -> bool:
    """Whether the lines of a row leave a quotation mark open; only the last row can."""
    try:
        list(csv.reader(row, delimiter=delimiter, strict=True))
    except csv.Error as error:
        return "unexpected end of data" in str(error)
    return False


def swallows(cells: Iterable[str], delimiter: str, width: int) -> bool:
    """Whether a cell holds rows of ``width`` columns: a quotation mark was never closed."""
    for cell in cells:
        if "\n" not in cell or delimiter not in cell:
            continue
        rows = cell.split("\n")[1:-1]
        alike = sum(row.count(delimiter) == width - 1 for row in rows)
        if alike >= SWALLOWED and alike >= len(rows) * 0.8:
            return True
    return False
