"""Tables written in JSON: rows as lists of cells, under their titles or beside them."""

from collections.abc import Mapping, Sequence
from typing import Any

from partners.connectors.headers import record, titled

# Where the rows are, and where the titles of the columns are when they do not stand above them.
ROWS = ("values", "rows", "data", "lignes", "records", "donnees")
TITLES = ("columns", "headers", "header", "fields", "cols", "colonnes", "entetes")
NAMES = ("name", "label", "id", "title", "nom", "titre")


def with_named_cells(document: Any) -> Any:
    """The document, its table (a Google sheet, pandas' « split ») written as a list of objects.

    Any other document is given back as it is.
    """
    if _is_grid(document):
        return _named(document, [])
    if isinstance(document, Mapping):
        for name in ROWS:
            if isinstance(document.get(name), list) and _is_grid(
                document[name], titles := _titles(document)
            ):
                return {**document, name: _named(document[name], titles)}
    return document


def _is_grid(value: Any, titles: Sequence[str] = ()) -> bool:
    """Whether it is rows of cells, and not coordinates: titles stand above or beside them."""
    if not isinstance(value, list) or len(value) < 2 - bool(titles):
        return False
    rows = value[:40]
    if not all(isinstance(row, list) and not any(_is_inner(cell) for cell in row) for row in rows):
        return False
    widest = max(map(len, rows))
    if titles:
        return widest <= len(titles)
    return widest > 1 and all(isinstance(cell, str | None) for cell in rows[0])


def _is_inner(cell: Any) -> bool:
    return isinstance(cell, list | Mapping)


def _titles(document: Mapping[str, Any]) -> list[str]:
    """The columns' titles, as words or as objects that bear a name; [] when there are none."""
    for name in TITLES:
        told = document.get(name)
        if not isinstance(told, list) or not told:
            continue
        found = [_title(t) for t in told]
        if all(found):
            return found
    return []


def _title(told: Any) -> str:
    if isinstance(told, Mapping):
        told = next((told[n] for n in NAMES if isinstance(told.get(n), str)), "")
    return told if isinstance(told, str) else ""


def _named(rows: list[list[Any]], titles: Sequence[str]) -> list[dict[str, Any]]:
    numbered = [(n, ["" if c is None else c for c in row]) for n, row in enumerate(rows, start=1)]
    names, under = (list(titles), iter(numbered)) if titles else titled(numbered)
    return [record(names, cells) for _, cells in under]
