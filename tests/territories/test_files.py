"""The committed reference files hold what they promise."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings

from territories import svg
from territories.kinds import Kind
from territories.reference import files

STATIC = Path(settings.BASE_DIR) / "static" / "geo"


@pytest.fixture(scope="module")
def rows() -> list[files.TerritoryRow]:
    return list(files.territories())


def test_counts_of_the_vintage(rows: list) -> None:
    count = Counter(row.kind for row in rows)
    assert files.vintage() == 2026
    assert count[Kind.PAYS] == 1
    assert count[Kind.REGION] == 18
    assert count[Kind.DEPARTEMENT] == 101
    assert count[Kind.COLLECTIVITE] == 8
    assert count[Kind.EPCI] == 1255
    assert count[Kind.COMMUNE] == 34_969


def test_every_parent_exists(rows: list) -> None:
    known = {(row.kind, row.code) for row in rows}
    overseas = {code for kind, code in known if kind == Kind.COLLECTIVITE}
    for row in rows:
        assert not row.region or (Kind.REGION, row.region) in known
        assert not row.epci or (Kind.EPCI, row.epci) in known
        if row.kind == Kind.COMMUNE:
            assert (Kind.DEPARTEMENT, row.departement) in known or row.departement in overseas


def test_populations_add_up(rows: list) -> None:
    total = {kind: sum(r.population or 0 for r in rows if r.kind == kind) for kind in Kind}
    assert total[Kind.COMMUNE] == total[Kind.PAYS]
    assert total[Kind.REGION] == total[Kind.DEPARTEMENT]
    assert total[Kind.REGION] + total[Kind.COLLECTIVITE] == total[Kind.PAYS]


def test_centres_stand_in_their_outlines(rows: list) -> None:
    outlines = files.encoded_outlines()
    for row in rows:
        if row.longitude is None or (row.kind, row.code) not in outlines:
            continue
        west, south, east, north = outlines[row.kind, row.code].bbox
        assert west - 0.02 <= row.longitude <= east + 0.02, row
        assert south - 0.02 <= row.latitude <= north + 0.02, row


def test_outlines_are_closed_rings_in_their_bbox() -> None:
    outlines = files.encoded_outlines()
    assert len(outlines) > 36_000
    for (kind, code), outline in outlines.items():
        polygons = files.polygons(outline.polygons)
        assert polygons, (kind, code)
        west, south, east, north = outline.bbox
        for ring in (ring for polygon in polygons for ring in polygon):
            assert len(ring) >= 4, (kind, code)
            assert ring[0] == ring[-1], (kind, code)
        xs, ys = zip(*(point for polygon in polygons for point in polygon[0]), strict=True)
        found = min(xs), min(ys), max(xs), max(ys)
        assert found == pytest.approx((west, south, east, north), abs=2e-3), (kind, code)


def test_files_are_small_and_reproducible() -> None:
    packed = [files.FOLDER / n for n in (files.TERRITORIES, files.ALIASES, files.OUTLINES)]
    assert sum(path.stat().st_size for path in packed) < 6_000_000
    # No date in the header: the same content gives the same bytes.
    assert all(path.read_bytes()[4:8] == b"\0\0\0\0" for path in packed)


def test_former_names_and_codes_point_to_what_exists(rows: list) -> None:
    known = {(row.kind, row.code) for row in rows}
    aliases = list(files.aliases())
    assert all((a.target_kind, a.target_code) in known for a in aliases)
    former = {a.code: a.target_code for a in aliases if a.kind == "ancienne-region"}
    # Seventeen of the 22 régions of before 2016 changed; five kept name and code.
    assert len(former) == 17
    assert former["54"] == "75"
    assert former["42"] == "44"


@pytest.mark.parametrize(("name", "count"), [("departements", 107), ("regions", 24)])
def test_maps_for_the_browser(name: str, count: int) -> None:
    path = STATIC / f"{name}.geojson"
    assert path.stat().st_size < 250_000
    features = json.loads(path.read_text())["features"]
    assert len(features) == count
    for feature in features:
        assert feature["geometry"]["type"] == "MultiPolygon"
        assert feature["geometry"]["coordinates"]
        assert feature["properties"]["code"]


@pytest.mark.parametrize(("paths", "count"), [(svg.departement_paths, 107), (svg.region_paths, 24)])
def test_drawings_stay_in_their_frame(paths: object, count: int) -> None:
    _, _, width, height = map(int, svg.viewbox().split())
    drawn = paths()  # type: ignore[operator]
    assert len({d["code"] for d in drawn}) == count
    for territory in drawn:
        assert re.fullmatch(r"(M\d+ \d+l[-\d ]+z)+", territory["d"]), territory["name"]
        for x, y in _points(territory["d"]):
            assert 0 <= x <= width, territory["name"]
            assert 0 <= y <= height, territory["name"]


def _points(path: str) -> list[tuple[int, int]]:
    points = []
    for ring in path.split("z")[:-1]:
        start, steps = ring[1:].split("l")
        x, y = map(int, start.split())
        numbers = [int(n) for n in re.findall(r"-?\d+", steps)]
        for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
            x, y = x + dx, y + dy
            points.append((x, y))
    return points
