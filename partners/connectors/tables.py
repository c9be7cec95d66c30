"""Finding how people cut their delimited text: row ends, delimiter."""

import io
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import IO, NamedTuple

from partners.connectors.base import SourceError
from partners.connectors.table_rows import lines, rows_of

DELIMITERS = (";", "\t", ",", "|")
SAMPLE_ROWS = 40
SAMPLE = 200_000
# How rows end: anything, a bare CR with line feeds inside cells, or a line feed with CR inside.
ENDS = ("any", "\r", "\n")


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
        raise SourceError("option", f"Encodage inconnu : « {encoding} ».") from error
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
