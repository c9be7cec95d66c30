"""Reading of the committed reference files: no database, no dependency, a fraction of a second."""

import csv
import gzip
import hashlib
import json
from collections.abc import Iterator
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).resolve().parent
TERRITORIES = "territories.csv.gz"
ALIASES = "aliases.csv.gz"
OUTLINES = "outlines.tsv.gz"
COUNTRIES = "countries.csv"
VINTAGE = "vintage.json"

# Outlines are whole numbers of this fraction of a degree (about 11 m), each point as its
# difference from the one before.
STEP = 1e-4

Ring = list[tuple[float, float]]
Polygons = list[list[Ring]]


class TerritoryRow(NamedTuple):
    """One line of the territories file; parents are codes, "" when there is none."""

    kind: str
    code: str
    name: str
    liaison: int
    form: str
    region: str
    departement: str
    epci: str
    population: int | None
    longitude: float | None
    latitude: float | None
    postal_codes: list[str]


class AliasRow(NamedTuple):
    """One other name or former code of the territory (target_kind, target_code).

    ``until`` is the year when a name of the past was last official, "" when not known.
    """

    kind: str
    target_kind: str
    target_code: str
    label: str
    code: str
    until: str = ""


def vintage(folder: Path = FOLDER) -> int:
    """Year of the Code officiel géographique that the files hold."""
    return json.loads((folder / VINTAGE).read_text("utf-8"))["vintage"]


def digest(folder: Path = FOLDER) -> str:
    """SHA-256 of the files that the database is loaded from."""
    total = hashlib.sha256()
    for name in (VINTAGE, TERRITORIES, ALIASES, OUTLINES):
        total.update((folder / name).read_bytes())
    return total.hexdigest()


def _csv_rows(path: Path) -> Iterator[list[str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        yield from rows


def territories(folder: Path = FOLDER) -> Iterator[TerritoryRow]:
    """Every territory of the vintage, the largest level first."""
    for row in _csv_rows(folder / TERRITORIES):
        kind, code, name, liaison, form, region, departement, epci, population, lon, lat, posts = (
            row
        )
        yield TerritoryRow(
            kind,
            code,
            name,
            int(liaison),
            form,
            region,
            departement,
            epci,
            int(population) if population else None,
            float(lon) if lon else None,
            float(lat) if lat else None,
            posts.split(),
        )


def aliases(folder: Path = FOLDER) -> Iterator[AliasRow]:
    """Every other name and former code, those of today before those of the past."""
    return (AliasRow(*row) for row in _csv_rows(folder / ALIASES))


def countries(folder: Path = FOLDER) -> list[str]:
    """French names of the other countries and of some of their towns."""
    return (folder / COUNTRIES).read_text("utf-8").split("\n")[1:-1]


class EncodedOutline(NamedTuple):
    """An outline as the file holds it; decode it with ``polygons``."""

    bbox: tuple[float, float, float, float]
    polygons: str


@cache
def encoded_outlines(folder: Path = FOLDER) -> dict[tuple[str, str], EncodedOutline]:
    """{(kind, code): outline not decoded yet}, its bbox as west, south, east, north in degrees."""
    with gzip.open(folder / OUTLINES, "rt", encoding="utf-8") as file:
        lines = (line.rstrip("\n").split("\t") for line in file)
        return {
            (kind, code): EncodedOutline(_bbox(bbox), encoded)
            for kind, code, bbox, encoded in lines
        }


def _bbox(written: str) -> tuple[float, float, float, float]:
    west, south, east, north = (round(int(side) * STEP, 4) for side in written.split())
    return west, south, east, north


def polygons(encoded: str) -> Polygons:
    """Rings of points (longitude, latitude) in degrees, the outer ring of each polygon first."""
    return [[_ring(deltas) for deltas in polygon] for polygon in json.loads(encoded)]


def _ring(deltas: list[int]) -> Ring:
    longitudes = accumulate(deltas[0::2])
    latitudes = accumulate(deltas[1::2])
    return [
        (round(x * STEP, 4), round(y * STEP, 4)) for x, y in zip(longitudes, latitudes, strict=True)
    ]


def geojson(outline: Polygons) -> dict:
    """The outline as a GeoJSON geometry: Polygon, or MultiPolygon when in several parts."""
    if len(outline) == 1:
        return {"type": "Polygon", "coordinates": outline[0]}
    return {"type": "MultiPolygon", "coordinates": outline}
