"""Reading delimited text as people export it, and finding its header row."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from carrefour.text import one_line
from partners.connectors.base import SourceError

DELIMITERS = (";", "\t", ",", "|")
SAMPLE_ROWS = 40
# Descriptions pasted in a cell go beyond the csv module's 128 kB.
FIELD_LIMIT = 4_000_000


def delimiter_of(text: str) -> str:
    """The delimiter that cuts the first rows most evenly into most columns."""
    return max(DELIMITERS, key=lambda d: (_evenness(text, d), -DELIMITERS.index(d)))


def _evenness(text: str, delimiter: str) -> float:
    rows = []
    for _, cells in parse(text[:200_000], delimiter):
        rows.append(len(cells))
        if len(rows) == SAMPLE_ROWS:
            break
    if not rows:
        return 0
    width, count = Counter(rows).most_common(1)[0]
    return (width - 1) * count / len(rows)


def parse(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(Line number of the row's first line, cells); line ends may be LF, CRLF or a bare CR."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    csv.field_size_limit(FIELD_LIMIT)
    reader = csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=delimiter)
    line = 1
    try:
        for cells in reader:
            yield line, [cell.strip() for cell in cells]
            line = reader.line_num + 1
    except csv.Error as error:
        raise SourceError("format", f"Tableau illisible à partir de la ligne {line}.") from error


def header_index(numbered: Sequence[tuple[int, list[Any]]], line: int) -> int | None:
    """Index of the header row: at ``line`` when given (not 0), else the first that looks like one.

    A header has text in most of its columns, seldom the same; a title above a table fills one or
    two cells only.
    """
    if line:
        return next((i for i, (number, _) in enumerate(numbered) if number >= line), None)
    sample = numbered[:SAMPLE_ROWS]
    widest = max((_filled(cells) for _, cells in sample), default=0)
    for index, (_, cells) in enumerate(sample):
        texts = [str(c) for c in cells if isinstance(c, str) and c.strip()]
        if texts and len(texts) >= max(1, widest * 0.5) and len(set(texts)) >= len(texts) * 0.5:
            return index
    return 0 if sample else None


def _filled(cells: Sequence[Any]) -> int:
    return sum(1 for c in cells if c != "")


def headers_of(cells: Sequence[Any]) -> list[str]:
    """Column names on one line; unnamed and repeated ones are numbered."""
    names: list[str] = []
    for rank, cell in enumerate(cells, start=1):
        name = one_line(str(cell)) or f"colonne {rank}"
        number, wanted = 1, name
        while name in names:
            number += 1
            name = f"{wanted} ({number})"
        names.append(name)
    return names
