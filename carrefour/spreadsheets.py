"""CSV files for spreadsheets, streamed: UTF-8 with its mark, semicolons, no formula."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.http import StreamingHttpResponse

# What is sent at once: each piece sent is a system call, and a block of its own when compressed.
PIECE_BYTES = 32_768
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Echo:
    """A file that gives back what is written to it, line by line."""

    def write(self, line: str) -> str:
        return line


def lines(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The text of the file, some tens of kilobytes at a time."""
    return gathered(_lines(rows))


def _lines(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    writer = csv.writer(Echo(), delimiter=";")
    # The mark by which spreadsheets recognise UTF-8.
    yield "\ufeff"
    for row in rows:
        yield writer.writerow([safe(cell) for cell in row])


def gathered(texts: Iterable[str]) -> Iterator[str]:
    """The same text in pieces of about ``PIECE_BYTES``: as soon as one is full, it goes."""
    waiting: list[str] = []
    size = 0
    for text in texts:
        waiting.append(text)
        size += len(text)
        if size >= PIECE_BYTES:
            yield "".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield "".join(waiting)


def download(rows: Iterable[Sequence[Any]], name: str) -> StreamingHttpResponse:
    """The rows as the file « name.csv »; the first one is the heading."""
    return StreamingHttpResponse(
        lines(rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def safe(cell: Any) -> str:
    """Decimals with a comma; what a spreadsheet would run as a formula is quoted."""
    if cell is None:
        return ""
    if isinstance(cell, int | float):
        return str(cell).replace(".", ",")
    text = str(cell)
    return f"'{text}" if text.startswith(FORMULA) else text
