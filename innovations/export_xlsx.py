"""The open data of a search as a workbook: the columns of the CSV, texts as they are."""

import csv
import io
from collections.abc import Iterator
from itertools import chain

from carrefour.workbooks import CELL, workbook
from innovations.export import gathered, table
from innovations.querysets import InnovationQuerySet

NUMBERS = frozenset({"annee_demarrage", "longitude", "latitude", "cout_par_beneficiaire"})


def cut(text: str) -> str:
    """SQL of a text as a cell can hold it; longer ones, Python's reader of CSV would refuse too."""
    return f"left({text}, {CELL})"


def xlsx(innovations: InnovationQuerySet) -> Iterator[bytes]:
    """A sheet « Innovations »; several values of a cell are separated by « | »."""
    rows = chain.from_iterable(
        csv.reader(io.StringIO(piece.decode(), newline=""), delimiter=";")
        for piece in table(innovations, cut)
    )
    return gathered(workbook(rows, "Innovations", NUMBERS))
