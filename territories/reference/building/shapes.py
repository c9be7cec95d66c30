"""Outlines: communes simplified together, larger levels as unions of their communes, centres."""

import json
from collections import defaultdict
from collections.abc import Iterable

import numpy as np
import shapely

from territories.reference.building.sources import Shape
from territories.reference.files import STEP, TerritoryRow

# Smallest triangle kept, as the side of a square in degrees: 0.003 is about 300 m.
TOLERANCE = {"commune": 0.0035, "epci": 0.005, "departement": 0.006, "region": 0.008, "pays": 0.02}
# The borders of neighbours differ by some metres in the source: they are made one, and the gaps
# narrower than this (degrees) are given to a neighbour.
SNAP, GAP = 1e-5, 5e-3
# Holes of a union under this area (square degrees) are no enclaves but communes that the source
# draws badly or not at all (some fifty); an intercommunalité may really go around a commune.
HOLE, HOLE_OF_EPCI = 5e-3, 2e-4
# Natural Earth's names of the overseas collectivités.
OVERSEAS = {
    "975": "St. Pierre and Miquelon",
    "977": "St-Barthélemy",
    "978": "St-Martin",
    "984": "Fr. S. Antarctic Lands",
    "986": "Wallis and Futuna Is.",
    "987": "Fr. Polynesia",
    "988": "New Caledonia",
    "989": "Clipperton I.",
}

Shapes = dict[str, shapely.Geometry]


def commune_shapes(lines: Iterable[Shape]) -> tuple[Shapes, dict[str, tuple[float, float]]]:
    """({code: outline}, {code: town hall}) of the current communes, neighbours sharing borders.

    A commune nouvelle is drawn as it was before some mergers, or not at all: it gets the outlines
    of its communes déléguées and associées too.
    """
    pieces: dict[str, list[shapely.Geometry]] = defaultdict(list)
    halls: dict[str, tuple[float, float]] = {}
    for line in lines:
        code = {"COM": line.code, "COMD": line.parent, "COMA": line.parent}.get(line.kind)
        if code and line.outline is not None:
            pieces[code].append(line.outline)
        if line.kind == "COM" and line.town_hall is not None:
            halls[line.code] = line.town_hall
    codes = sorted(pieces)
    whole = [shapely.union_all(np.array(pieces[code]), grid_size=SNAP) for code in codes]
    clean = shapely.coverage_clean(np.array(whole), snapping_distance=SNAP, gap_width=GAP)
    return dict(zip(codes, clean, strict=True)), halls


def union(pieces: list[shapely.Geometry], hole: float = HOLE) -> shapely.Geometry:
    """One outline out of neighbours that share their borders."""
    return shapely.multipolygons(
        [
            shapely.Polygon(
                part.exterior, [r for r in part.interiors if shapely.Polygon(r).area > hole]
            )
            for part in shapely.get_parts(shapely.union_all(np.array(pieces)))
        ]
    )


def unions(full: Shapes, groups: dict[str, list[str]], hole: float) -> Shapes:
    """{code: union of the outlines of its communes}."""
    found = {code: [full[c] for c in members if c in full] for code, members in groups.items()}
    return {code: union(pieces, hole) for code, pieces in found.items() if pieces}


def simplified(shapes: Shapes, level: str) -> Shapes:
    """The outlines of one level simplified together, so that neighbours keep one border."""
    codes = sorted(shapes)
    coverage = shapely.coverage_simplify(
        np.array([shapes[code] for code in codes]), TOLERANCE[level]
    )
    return dict(zip(codes, coverage, strict=True))


def centre(shape: shapely.Geometry, wished: tuple[float, float] | None) -> tuple[float, float]:
    """The town hall when it is inside, else a point of the largest part."""
    if wished and shapely.intersects_xy(shape, *wished):
        return round(wished[0], 5), round(wished[1], 5)
    largest = max(shapely.get_parts(shape), key=lambda part: part.area)
    centroid = largest.centroid
    point = centroid if largest.contains(centroid) else largest.representative_point()
    return round(point.x, 5), round(point.y, 5)


def with_centres(rows: list[TerritoryRow], shapes: Shapes, halls: dict) -> list[TerritoryRow]:
    """The rows with the centre of those that have an outline, or else a town hall."""

    def centred(row: TerritoryRow) -> TerritoryRow:
        if row.code in shapes:
            longitude, latitude = centre(shapes[row.code], halls.get(row.code))
        elif row.code in halls:
            longitude, latitude = (round(x, 5) for x in halls[row.code])
        else:
            return row
        return row._replace(longitude=longitude, latitude=latitude)

    return [centred(row) for row in rows]


def encoded(shape: shapely.Geometry) -> tuple[str, str]:
    """(bbox, rings) of the outline as the reference files hold them (see ``files.polygons``)."""
    rings = [
        kept
        for part in shapely.get_parts(shape)
        if (kept := [r for ring in (part.exterior, *part.interiors) if (r := _deltas(ring))])
    ]
    west, south, east, north = np.round(np.array(shape.bounds) / STEP).astype(int)
    return f"{west} {south} {east} {north}", json.dumps(rings, separators=(",", ":"))


def _deltas(ring: shapely.LinearRing) -> list[int]:
    points = np.round(np.asarray(ring.coords) / STEP).astype(int)
    kept = points[np.r_[True, np.any(np.diff(points, axis=0), axis=1)]]
    # A ring under four points has closed on itself at this precision.
    return np.diff(kept, axis=0, prepend=[[0, 0]]).ravel().tolist() if len(kept) >= 4 else []


def overseas_shapes(topology: dict) -> Shapes:
    """{code: outline} of the overseas collectivités, from the world's TopoJSON."""
    scale, shift = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = [np.cumsum(np.array(arc), axis=0) * scale + shift for arc in topology["arcs"]]
    by_name = {g["properties"]["name"]: g for g in topology["objects"]["countries"]["geometries"]}
    return {code: _from_arcs(by_name[name], arcs) for code, name in OVERSEAS.items()}


def _from_arcs(geometry: dict, arcs: list[np.ndarray]) -> shapely.Geometry:
    parts = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]

    def ring(indexes: list[int]) -> np.ndarray:
        lines = [arcs[i] if i >= 0 else arcs[~i][::-1] for i in indexes]
        return np.concatenate([lines[0], *(line[1:] for line in lines[1:])])

    return shapely.MultiPolygon([(ring(p[0]), [ring(hole) for hole in p[1:]]) for p in parts])
