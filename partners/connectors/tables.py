"""Reading delimited text as people export it: row ends, delimiter, one line at a time."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import IO, NamedTuple

from partners.connectors.base import SourceError

DELIMITERS = (";", "\t", ",", "|")
SAMPLE_ROWS = 40
SAMPLE = 200_000
# Descriptions pasted in a cell go beyond the csv module's 128 kB.
FIELD_LIMIT = 4_000_000
# How rows end: anything, a bare CR with line feeds inside cells, or a line feed with CR inside.
ENDS = ("any", "\r", "\n")
# So many lines of one cell, cut alike by the delimiter, are rows that a quotation mark hid.
SWALLOWED = 3
# Stands for a line end inside a cell while rows are cut.
INSIDE = "\x0b"


def cut(
    file: IO[bytes],
    encoding: str,
    delimiter: str = "",
    unclosed: Callable[[int], None] = lambda line: None,
) -> tuple[Iterator[tuple[int, list[str]]], str]:
    """(The rows as ``rows_of`` gives them, their delimiter: the one told, else found).

    Raises ``SourceError`` for an unknown encoding, or a web page.
    """
    file.seek(0)
    try:
        head = file.read(SAMPLE * 2).decode(encoding, errors="replace")
    except LookupError as error:
        raise SourceError("option", f"Encodage inconnu : « {encoding} ».") from error
    if head.lstrip()[:200].lower().startswith(("<!doctype", "<html")):
        raise SourceError("format", "L’adresse mène à une page web et non à un tableur.")
    file.seek(0)
    delimiter = {"\\t": "\t", "tab": "\t"}.get(delimiter, delimiter)[:1]
    end = row_end_of(head, delimiter)
    delimiter = delimiter or delimiter_of(head, end)
    return rows_of(lines(file, encoding, end), delimiter, unclosed), delimiter


def delimiter_of(text: str, end: str = "any") -> str:
    """The delimiter that cuts the first rows most evenly into most columns."""
    return max(DELIMITERS, key=lambda d: (_worth(text, d, end), -DELIMITERS.index(d)))


def row_end_of(text: str, delimiter: str = "") -> str:
    """One of ``ENDS``: another than « any » when it alone gives even rows (text with bare CRs)."""
    if "\r" not in text.replace("\r\n", ""):
        return "any"
    cuts = {end: _cut(text, delimiter or delimiter_of(text, end), end) for end in ENDS}
    usual = cuts.pop("any").share
    even = {end: cut.share for end, cut in cuts.items() if cut.rows > 1 and cut.width > 1}
    best = max(even, key=lambda end: even[end], default="any")
    return best if best != "any" and even[best] > usual * 1.1 else "any"


class Cut(NamedTuple):
    """How text falls into rows: how many, their usual width, the share of them that have it."""

    rows: int
    width: int
    share: float


def _worth(text: str, delimiter: str, end: str) -> float:
    cut = _cut(text, delimiter, end)
    return (cut.width - 1) * cut.share


def _cut(text: str, delimiter: str, end: str) -> Cut:
    widths: list[int] = []
    sample = io.BytesIO(text[:SAMPLE].encode("utf-8", "replace"))
    # The sample may be cut in the midst of a cell.
    with suppress(SourceError):
        for _, cells in rows_of(lines(sample, "utf-8", end), delimiter):
            widths += [len(cells)] if any(cells) else []
            if len(widths) == SAMPLE_ROWS:
                break
    if not widths:
        return Cut(0, 1, 0)
    width, count = Counter(widths).most_common(1)[0]
    return Cut(len(widths), width, count / len(widths))


def lines(file: IO[bytes], encoding: str, end: str = "any") -> Iterator[str]:
    """The lines of ``file`` ended by a line feed, NULs dropped; ``end`` is one of ``ENDS``.

    Raises ``SourceError`` on a line so long that this is no table.
    """
    newline = None if end == "any" else end
    text = io.TextIOWrapper(file, encoding=encoding, errors="replace", newline=newline)
    try:
        while line := text.readline(FIELD_LIMIT):
            if len(line) == FIELD_LIMIT:
                raise SourceError("format", "Une ligne est démesurée : ce n’est pas un tableau.")
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


def parse(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(Line number of the row's first line, cells); line ends may be LF, CRLF or a bare CR."""
    content = io.BytesIO(text.encode("utf-8", "replace"))
    yield from rows_of(lines(content, "utf-8", row_end_of(text[:SAMPLE], delimiter)), delimiter)
