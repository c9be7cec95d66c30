"""The national maps: GeoJSON for the interactive one, SVG paths for pages without JavaScript."""

import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import shapely

from territories.kinds import Kind
from territories.reference.building import shapes
from territories.reference.building.shapes import Shapes
from territories.reference.files import FOLDER, TerritoryRow

STATIC = FOLDER.parent.parent / "static" / "geo"
DRAWING = FOLDER / "drawing.json"

# Side of the smallest triangle kept, in degrees, on the mainland and overseas (drawn larger).
TOLERANCE, TOLERANCE_OVERSEAS = 0.03, 0.01
# Islets under this area (square degrees) are not drawn at the scale of a country.
ISLET = 4e-4

WIDTH, HEIGHT = 1000, 1060
MAINLAND = (150, 0, 990, 900)
# Boxes (left, top, right, bottom) of what is drawn apart: overseas, then the towns around Paris.
INSETS = {
    "971": (10, 130, 130, 250),
    "972": (10, 260, 130, 380),
    "973": (10, 390, 130, 510),
    "974": (10, 520, 130, 640),
    "976": (10, 650, 130, 770),
    "975": (10, 920, 130, 1040),
    "977": (150, 920, 270, 1040),
    "978": (290, 920, 410, 1040),
    "986": (430, 920, 550, 1040),
    "987": (570, 920, 690, 1040),
    "988": (710, 920, 830, 1040),
}
# Only the main islands of a scattered archipelago: (west, south, east, north).
SHOWN_PART = {"987": (-151.6, -18.0, -149.0, -16.3), "986": (-176.4, -13.5, -176.0, -13.1)}

Rows = dict[tuple[str, str], TerritoryRow]
Placing = Callable[[str, shapely.Geometry], shapely.Geometry]


def write(full: dict[str, Shapes], rows: Rows) -> None:
    """Write static/geo/*.geojson and the drawing; ``full`` is {level: {code: outline}}."""
    departements = _simple(full["departement"])
    overseas = _inhabited(full["collectivite"])
    owners = _owners(departements, rows)
    # The régions are unions of the simplified départements: one border on every map.
    regions = {
        code: shapes.union([departements[member] for member in members])
        for code, members in owners.items()
    }
    for level, name, drawn in (
        (Kind.DEPARTEMENT, "departements", departements),
        (Kind.REGION, "regions", regions),
    ):
        features = _features(level, drawn, rows)
        features += _features(Kind.COLLECTIVITE, overseas, rows)
        _write_json(STATIC / f"{name}.geojson", {"type": "FeatureCollection", "features": features})
    place = _placing(departements | overseas)
    _write_json(
        DRAWING,
        {
            "viewbox": f"0 0 {WIDTH} {HEIGHT}",
            "insets": list(INSETS.values()),
            "departement": _paths(Kind.DEPARTEMENT, departements, place, rows),
            "region": [
                path | {"d": _path(place(owners[path["code"]][0], regions[path["code"]]))}
                for path in _paths(Kind.REGION, regions, None, rows)
            ],
            "collectivite": _paths(Kind.COLLECTIVITE, overseas, place, rows),
        },
    )


def _write_json(path: Path, content: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8")


def _owners(departements: Shapes, rows: Rows) -> dict[str, list[str]]:
    """{région: its départements}."""
    owners: dict[str, list[str]] = defaultdict(list)
    for code in sorted(departements):
        owners[rows[Kind.DEPARTEMENT, code].region].append(code)
    return owners


def _simple(level: Shapes) -> Shapes:
    simple: Shapes = {}
    for overseas, tolerance in ((False, TOLERANCE), (True, TOLERANCE_OVERSEAS)):
        codes = sorted(code for code in level if (code in INSETS) == overseas)
        coverage = shapely.coverage_simplify(np.array([level[c] for c in codes]), tolerance)
        simple |= dict(zip(codes, coverage, strict=True))
    return {code: _without_islets(shape) for code, shape in simple.items()}


def _without_islets(shape: shapely.Geometry) -> shapely.Geometry:
    parts = sorted(shapely.get_parts(shape), key=lambda part: -part.area)
    return shapely.multipolygons([parts[0], *(p for p in parts[1:] if p.area > ISLET)])


def _inhabited(overseas: Shapes) -> Shapes:
    return {
        code: shapely.simplify(shape, 0.001) for code, shape in overseas.items() if code in INSETS
    }


def _features(kind: Kind, level: Shapes, rows: Rows) -> list[dict]:
    return [
        {
            "type": "Feature",
            "properties": {"kind": kind, "code": code, "name": rows[kind, code].name},
            "geometry": {"type": "MultiPolygon", "coordinates": _coordinates(level[code])},
        }
        for code in sorted(level)
    ]


def _coordinates(shape: shapely.Geometry) -> list:
    return [
        [np.round(np.asarray(r.coords), 3).tolist() for r in (part.exterior, *part.interiors)]
        for part in shapely.get_parts(shape)
    ]


def lambert(points: np.ndarray) -> np.ndarray:
    """Conic projection of the mainland (parallels of the Lambert-93), in radii of the Earth."""
    first, second, origin = np.radians([44.0, 49.0, 46.5])
    longitudes, latitudes = np.radians(points).T
    exponent = np.log(np.cos(first) / np.cos(second)) / np.log(_half(second) / _half(first))
    factor = np.cos(first) * _half(first) ** exponent / exponent
    distance = factor / _half(latitudes) ** exponent
    angle = exponent * (longitudes - np.radians(3.0))
    north = factor / _half(origin) ** exponent - distance * np.cos(angle)
    return np.column_stack([distance * np.sin(angle), -north])


def _half(latitude: float | np.ndarray) -> np.ndarray:
    return np.tan(np.pi / 4 + latitude / 2)


def plate(points: np.ndarray) -> np.ndarray:
    """Local projection of a small territory: degrees, the longitudes shortened by the latitude."""
    shortening = np.cos(np.radians(points[:, 1].mean()))
    return np.column_stack([points[:, 0] * shortening, -points[:, 1]])


def _paths(kind: Kind, level: Shapes, place: Placing | None, rows: Rows) -> list[dict]:
    return [
        {
            "kind": kind,
            "code": code,
            "name": rows[kind, code].name,
            "d": _path(place(code, level[code])) if place else "",
        }
        for code in sorted(level)
    ]


def _placing(level: Shapes) -> Placing:
    """What brings an outline where it is drawn, knowing the département that it belongs to."""
    mainland = [shapely.transform(s, lambert) for c, s in level.items() if c not in INSETS]
    frame = _fitting(mainland, MAINLAND)

    def place(code: str, shape: shapely.Geometry) -> shapely.Geometry:
        if code not in INSETS:
            return shapely.transform(shapely.transform(shape, lambert), frame)
        if code in SHOWN_PART:
            shape = shapely.clip_by_rect(shape, *SHOWN_PART[code])
        flat = shapely.transform(shape, plate)
        return shapely.transform(flat, _fitting([flat], INSETS[code]))

    return place


def _fitting(flat, box: tuple[int, int, int, int]):
    """The move that brings these outlines into the box, centred, proportions kept."""
    bounds = shapely.total_bounds(np.array(flat))
    size, room = bounds[2:] - bounds[:2], np.array(box[2:]) - np.array(box[:2])
    scale = (room / size).min()
    shift = np.array(box[:2]) + (room - size * scale) / 2 - bounds[:2] * scale
    return lambda points: points * scale + shift


def _path(shape: shapely.Geometry) -> str:
    rings = [r for p in shapely.get_parts(shape) for r in (p.exterior, *p.interiors)]
    return "".join(_ring_path(np.round(np.asarray(ring.coords)).astype(int)) for ring in rings)


def _ring_path(points: np.ndarray) -> str:
    kept = points[np.r_[True, np.any(np.diff(points, axis=0), axis=1)]][:-1]
    if len(kept) < 3:
        return ""
    steps = "".join(f" {dx} {dy}" for dx, dy in np.diff(kept, axis=0))
    return f"M{kept[0][0]} {kept[0][1]}l{steps.strip()}z".replace(" -", "-")
