"""Finding the title row of a table, and naming its columns."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

from carrefour.text import one_line

SAMPLE_ROWS = 40
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
            return index
    return 0 if sample else None


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
    stand. No names when there is no table.
    """
    rows = iter(numbered)
    head = list(islice(rows, max(SAMPLE_ROWS, header_row)))
    index = header_index(head, header_row)
    if index is None:
        return [], iter(())
    below = index + max(1, header_rows)
    names = headers_of(*(cells for _, cells in head[index:below]))
    under = chain(head[below:], rows)
    return names, ((number, cells) for number, cells in under if cells.count("") < len(cells))


def record(names: Sequence[str], cells: Sequence[Any]) -> dict[str, Any]:
    """A row by column name; cells beyond the titles are numbered, absent ones are left out."""
    data = dict(zip(names, cells, strict=False))
    for rank in range(len(names), len(cells)):
        if cells[rank] != "":
            data[f"colonne {rank + 1}"] = cells[rank]
    return data
