"""Where the harvest is measured: a database of its own, generated data served, a new source."""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import generated
from benchmarks.database import database

ROOT = Path(__file__).resolve().parent.parent
TABLES = (
    "partners_sourcerecord", "partners_sourcerecordevent", "innovations_innovation",
    "innovations_innovationevent", "innovations_organisation", "innovations_organisationevent",
    "partners_rejectedrow", "partners_run",
)  # fmt: skip


@contextmanager
def environment(options: argparse.Namespace) -> Iterator[str]:
    """A database of our own, Django ready, the data served: yields the server's address."""
    with (
        database("moissonnage"),
        tempfile.TemporaryDirectory() as folder,
        served(Path(folder), options) as address,
    ):
        prepare()
        yield address


@contextmanager
def served(folder: Path, options: argparse.Namespace) -> Iterator[str]:
    folder.chmod(0o755)
    if options.shape == "csv":
        generated.write_csv(folder / "fiches.csv", options.rows)
    else:
        generated.write_pages(folder / "fiches", options.rows)
    command = [sys.executable, str(ROOT / "benchmarks" / "generated.py"), str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.terminate()
        process.wait(10)


def prepare() -> None:
    """Taxonomy, official geography, and the partner."""
    from innovations import taxonomy
    from partners.models import Partner
    from territories import loading
    from territories.lookup import find, points

    taxonomy.load()
    loading.load()
    Partner.objects.create(
        name="Plateforme",
        slug="plateforme",
        kind="associatif",
        website="https://exemple.fr/",
        step="en-ligne",
    )
    find("Nantes")
    points.at(47.2, -1.55)


def new_source(address: str, options: argparse.Namespace) -> Any:
    """A source whose harvest meets nothing of the former rounds."""
    from partners.models import Partner, Source

    empty()
    is_csv = options.shape == "csv"
    api = {"page_param": "page", "path": "items", "total": "total"}
    return Source.objects.create(
        partner=Partner.objects.get(),
        name="Fiches",
        slug="fiches",
        connector="spreadsheet" if is_csv else "json",
        url=f"{address}/fiches.csv" if is_csv else f"{address}/api/fiches",
        options={} if is_csv else api,
        mapping=generated.MAPPING,
        licence="etalab-2.0",
    )


def empty() -> None:
    from django.db import connection

    from partners.models import Source

    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")
    Source.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")
