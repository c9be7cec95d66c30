"""The official geography, loaded once for this folder and taken away after it."""

import csv
import gzip
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from django.db import transaction

from territories.loading import LoadReport, load
from territories.reference import files
from territories.reference.files import AliasRow, TerritoryRow


@pytest.fixture(scope="package")
def loaded(django_db_setup: None, django_db_blocker: object) -> Iterator[LoadReport]:
    """The committed reference files in the database, in a transaction that is rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():  # type: ignore[attr-defined]
        yield load()
        transaction.set_rollback(True)


@pytest.fixture
def geography(loaded: LoadReport) -> Iterator[LoadReport]:
    """The loaded geography; what the test changes is undone."""
    with transaction.atomic():
        yield loaded
        transaction.set_rollback(True)


def row(kind: str, code: str, name: str, **values: object) -> TerritoryRow:
    """A line of a territories file, empty but for what is given."""
    blank = TerritoryRow(kind, code, name, 0, "", "", "", "", None, None, None, [])
    return blank._replace(**values)


def write_reference(
    folder: Path,
    vintage: int,
    rows: Sequence[TerritoryRow],
    aliases: Sequence[AliasRow] = (),
    outlines: Sequence[str] = (),
) -> Path:
    """Reference files of a small country, in the committed format."""
    folder.mkdir(exist_ok=True)
    (folder / files.VINTAGE).write_text(json.dumps({"vintage": vintage}))
    tables = (
        (files.TERRITORIES, TerritoryRow, [[*r[:-1], " ".join(r.postal_codes)] for r in rows]),
        (files.ALIASES, AliasRow, aliases),
    )
    for name, shape, lines in tables:
        with gzip.open(folder / name, "wt", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(shape._fields)
            writer.writerows(lines)
    with gzip.open(folder / files.OUTLINES, "wt", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in outlines)
    return folder
