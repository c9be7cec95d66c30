"""The open data of a search as a workbook: the columns of the CSV, texts as they are."""

import csv
from collections.abc import Iterator

from carrefour.workbooks import workbook
from innovations.export import gathered, table
from innovations.querysets import InnovationQuerySet

NUMBERS = frozenset({"annee_demarrage", "longitude", "latitude", "cout_par_beneficiaire"})


def xlsx(innovations: InnovationQuerySet) -> Iterator[bytes]:
    """A sheet « Innovations »; several values of a cell are separated by « | »."""
    lines = (line.decode() for line in table(innovations, str))
    rows = csv.reader(lines, delimiter=";")
    return gathered(workbook((row for row in rows if row), "Innovations", NUMBERS))
