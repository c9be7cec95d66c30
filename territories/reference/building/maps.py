"""The two national maps: GeoJSON for the interactive one, SVG paths for pages without JavaScript."""

import json

import numpy as np
import shapely

from territories.kinds import Kind
from territories.reference.building import shapes
from territories.reference.building.shapes import Shapes
from territories.reference.files import FOLDER, TerritoryRow

STATIC = FOLDER.parent.parent / "static" / "geo"
DRAWING = FOLDER / "drawing.json"

# Sides of the smallest triangles kept, in degrees.
GEOJSON_TOLERANCE = {"departement": 0.03, "region": 0.04}
SVG_TOLERANCE = 0.03
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


def write(full: dict[str, Shapes], rows: dict[tuple[str, str], TerritoryRow]) -> None:
    """Write static/geo/*.geojson and the drawing; ``full`` is {level: {code: outline}}."""
    STATIC.mkdir(parents=True, exist_ok=True)
    overseas = full["collectivite"]
    for level, name in (("departement", "departements"), ("region", "regions")):
        # One border on both maps: the régions are the unions of the simplified départements.
        features = _features(Kind(level), _simple(full[level], GEOJSON_TOLERANCE[level]), rows)
        features += _features(Kind.COLLECTIVITE, _inhabited(overseas), rows)
        text = json.dumps(
            {"type": "FeatureCollection", "features": features},
            ensure_ascii=False,
            separators=(",", ":"),
        )
        (STATIC / f"{name}.geojson").write_text(text + "\n", "utf-8")
    departements = _simple(full["departement"], SVG_TOLERANCE) | _inhabited(overseas)
    drawing = {
        "viewbox": f"0 0 {WIDTH} {HEIGHT}",
        "insets": INSETS,
        "departements": _paths(departements, rows, (Kind.DEPARTEMENT, Kind.COLLECTIVITE)),
        "regions": _region_paths(departements, rows),
    }
    text = json.dumps(drawing, ensure_ascii=False, separators=(",", ":"))
    DRAWING.write_text(text + "\n", "utf-8")


def _simple(level: Shapes, tolerance: float) -> Shapes:
    codes = sorted(level)
    simple = shapely.coverage_simplify(np.array([level[c] for c in codes]), tolerance)
    return {code: _without_islets(s) for code, s in zip(codes, simple, strict=True)}


def _without_islets(shape: shapely.Geometry) -> shapely.Geometry:
    parts = sorted(shapely.get_parts(shape), key=lambda part: -part.area)
    return shapely.multipolygons([parts[0], *(p for p in parts[1:] if p.area > ISLET)])


def _inhabited(overseas: Shapes) -> Shapes:
    return {
        code: shapely.simplify(shape, 0.005) for code, shape in overseas.items() if code in INSETS
    }


def _features(kind: Kind, level: Shapes, rows: dict) -> list[dict]:
    return [
        {
            "type": "Feature",
            "id": index,
            "properties": {"kind": kind, "code": code, "name": rows[kind, code].name},
            "geometry": _rounded(level[code]),
        }
        for index, code in enumerate(sorted(level), 1 if kind != Kind.COLLECTIVITE else 900)
    ]


def _rounded(shape: shapely.Geometry) -> dict:
    geometry = shapely.geometry.mapping(shape)
    polygons = geometry["coordinates"]
    rounded = [
        [[[round(x, 3), round(y, 3)] for x, y in ring] for ring in polygon] for polygon in polygons
    ]
    return {"type": "MultiPolygon", "coordinates": rounded}


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


def _paths(level: Shapes, rows: dict, kinds: tuple[Kind, ...]) -> list[dict]:
    drawn = _placed(level)
    name_of = {code: (kind, row.name) for (kind, code), row in rows.items() if kind in kinds}
    return [
        {"kind": name_of[c][0], "code": c, "name": name_of[c][1], "d": path}
        for c, path in sorted(drawn.items())
    ]


def _region_paths(departements: Shapes, rows: dict) -> list[dict]:
    groups: dict[tuple[str, str], list[str]] = {}
    for code in departements:
        row = rows.get((Kind.DEPARTEMENT, code))
        # An overseas collectivité stands for itself on the map of the régions.
        owner = (Kind.REGION, row.region) if row else (Kind.COLLECTIVITE, code)
        groups.setdefault(owner, []).append(code)
    drawn = _placed(departements)
    return [
        {
            "kind": kind,
            "code": code,
            "name": rows[kind, code].name,
            "d": "".join(drawn[member] for member in sorted(members))
            if len(members) == 1
            else _placed_union([departements[m] for m in members], departements),
        }
        for (kind, code), members in sorted(groups.items())
    ]


def _placed(level: Shapes) -> dict[str, str]:
    """{code: SVG path}: the mainland in its frame, every overseas territory in its inset."""
    mainland = {c: shapely.transform(s, lambert) for c, s in level.items() if c not in INSETS}
    frame = _fitting(mainland.values(), MAINLAND)
    paths = {code: _path(shapely.transform(s, frame)) for code, s in mainland.items()}
    for code, box in INSETS.items():
        shape = level[code]
        if code in SHOWN_PART:
            shape = shapely.clip_by_rect(shape, *SHOWN_PART[code])
        flat = shapely.transform(shape, plate)
        paths[code] = _path(shapely.transform(flat, _fitting([flat], box)))
    return paths


def _placed_union(members: list[shapely.Geometry], level: Shapes) -> str:
    mainland = [shapely.transform(s, lambert) for c, s in level.items() if c not in INSETS]
    frame = _fitting(mainland, MAINLAND)
    whole = shapely.transform(shapes.union(members), lambert)
    return _path(shapely.transform(whole, frame))


def _fitting(flat, box: tuple[int, int, int, int]):
    """The move that brings these outlines into the box, centred, proportions kept."""
    bounds = shapely.total_bounds(np.array(list(flat)))
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
