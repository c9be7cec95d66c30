"""Finding the title row of a table, and naming its columns."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

from carrefour.text import one_line

SAMPLE_ROWS = 40
# A title is seldom longer.
TITLE = 60
Numbered = tuple[int, list[Any]]


def header_index(numbered: Sequence[Numbered], line: int) -> int | None:
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
            return index + _is_band(cells, [below for _, below in sample[index + 1 :]])
    return 0 if sample else None


def _is_band(cells: Sequence[Any], below: Sequence[Sequence[Any]]) -> bool:
    """Whether these cells are merged above the columns' own titles, which come next."""
    if len(below) < 2 or _filled(below[0]) - _filled(cells) < max(2, 0.3 * _filled(below[0])):
        return False
    titles = [c for c in below[0] if c != ""]
    are_words = all(
        isinstance(c, str) and len(c) <= TITLE and not any(x.isdigit() or x == "@" for x in c)
        for c in titles
    )
    values = [str(c) for row in below[1:] for c in row if c != ""]
    is_data = any(len(v) > TITLE or any(x.isdigit() for x in v) for v in values)
    return are_words and len(set(titles)) == len(titles) and is_data


def is_untitled(cells: Sequence[Any], below: Sequence[Sequence[Any]]) -> bool:
    """Whether the first row is a record like those under it: addresses, coordinates, codes."""
    kinds = [_kind(cell) for cell in cells]
    told = 0
    for rank, kind in enumerate(kinds):
        under = [_kind(row[rank]) for row in below if rank < len(row) and row[rank] != ""]
        if kind and under and under.count(kind) > 0.6 * len(under):
            told += 2 if kind in SURE else 1
    return told > 1


def _kind(cell: Any) -> str:
    """What only data looks like; "" for a word, which may be a title."""
    text = str(cell).strip()
    return next((name for name, pattern in DATA.items() if pattern.match(text)), "")


SURE = {"address", "mail", "decimal", "text"}
DATA = {
    "address": re.compile(r"https?://|www\."),
    "mail": re.compile(r"[^@\s]+@[^@\s]+\.\w+$"),
    "decimal": re.compile(r"-?\d{1,3}[.,]\d{3,}$"),
    "code": re.compile(r"\d[\dAB]\d{3,}$"),
    "text": re.compile(r".{100,}", re.DOTALL),
}


def _filled(cells: Sequence[Any]) -> int:
    return sum(1 for c in cells if c != "")


def headers_of(*title_rows: Sequence[Any]) -> list[str]:
    """Column names on one line; unnamed and repeated ones are numbered.

    Several title rows (a unit or a code under each title) make « titre – unité ».
    """
    names: dict[str, None] = {}
    for rank in range(max(map(len, title_rows), default=0)):
        cells = (one_line(str(row[rank])) for row in title_rows if rank < len(row))
        wanted = " – ".join(dict.fromkeys(c for c in cells if c)) or f"colonne {rank + 1}"
        number, name = 1, wanted
        while name in names:
            number += 1
            name = f"{wanted} ({number})"
        names[name] = None
    return list(names)


def titled(
    numbered: Iterable[Numbered], header_row: int = 0, header_rows: int = 1
) -> tuple[list[str], Iterator[Numbered]]:
    """(Column names, the rows under them that are not empty), without holding the table.

    ``header_row`` is the line of the titles (0: found), ``header_rows`` on how many lines they
    stand. A table whose first row is a record already has « colonne 1 », « colonne 2 »… No names
    when there is no table.
    """
    rows = iter(numbered)
    head = list(islice(rows, max(SAMPLE_ROWS, header_row)))
    index = header_index(head, header_row)
    if index is None:
        return [], iter(())
    below = index + max(1, header_rows)
    if not header_row and is_untitled(head[index][1], [cells for _, cells in head[below:]]):
        below = index
    names = headers_of(*(cells for _, cells in head[index:below]), [""] * len(head[index][1]))
    under = chain(head[below:], rows)
    return names, ((number, cells) for number, cells in under if cells.count("") < len(cells))


def record(names: Sequence[str], cells: Sequence[Any]) -> dict[str, Any]:
    """A row by column name; cells beyond the titles are numbered, absent ones are left out."""
    data = dict(zip(names, cells, strict=False))
    for rank in range(len(names), len(cells)):
        if cells[rank] != "":
            data[f"colonne {rank + 1}"] = cells[rank]
    return data
