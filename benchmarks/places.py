"""Quality of the place look-up on real files: ``python benchmarks/places.py --data FOLDER --json``.

Truth is every row that has both a written place and an INSEE code (an arrondissement counts as its
commune, a former code as the commune of today; 0, empty and unknown codes are left out) or a point.
The look-up is given what the row writes: the place, and the postal code and département when they
have their own column; never the code or the point. Columns are found by their names and by what
they hold, the same way for every file.

An answer is right when it is the territory of the code; or a larger territory that the words name
surely and that contains it. Against a point, it is right when its outline holds the point or is
within 5 km of it (the outlines are simplified, the points are often those of a street). A row whose
own point and postal code are more than 10 km apart contradicts itself: such rows are counted apart
(« point contraire au code postal ») and, so that nothing is hidden, in « toutes les lignes ». Times
are processor time, the machine being shared.
"""

import argparse
import csv
import io
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import cchardet
from python_calamine import CalamineWorkbook

from carrefour.text import key
from territories.kinds import Kind
from territories.lookup import Place, find, points
from territories.lookup import codes as official_codes
from territories.lookup.gazetteer import gazetteer
from territories.lookup.place import Found

Row = dict[str, object]

# Words of a column's name (as ``key`` writes them), the first match winning; a name that holds one
# of the second words is not that column.
COLUMNS: dict[str, tuple[str, str]] = {
    "code": (
        r"(code )?insee( com(mune)?)?|insee ?com|(code )?insee .*|.*code insee.*|codgeo|code geo|"
        r"code commune|com code|depcom|.*citycode|codecommune|code com",
        r"reg|dep|old",
    ),
    "postcode": (
        r"cp|code ?postal|.*code postal.*|postcode|.*postal ?code|zip(code)?|.*postcode",
        r"old",
    ),
    "place": (
        r"commune|nom ?com(mune)?|com nom|ville|city|.*locality|localite|libgeo|(nom )?ville.*|"
        r".*\bcommune|commune .*|.*\bville|.*city|territoire|localisation|lieu .*action.*",
        r"code|insee|old|cominit|metro|id|pop|class|district|url|site",
    ),
    "address": (
        r"adresse.*|.*adresse postale.*|.*adresse|address|.*address",
        r"mail|web|url|site|ip",
    ),
    "departement": (
        r"departement|dep|dept|nom departement|departement nom|dep nom|dep txt|code departement|"
        r"departement .*",
        r"insee",
    ),
    "latitude": (r"lat(itude)?|.*latitude.*|.* lat|coord x|y", r"id"),
    "longitude": (r"lon(gitude)?|lng|long|.*longitude.*|.* (lon|lng)|coord y|x", r"id"),
    "point": (
        r"geo|.*geo ?point.*|.*coordonnees.*|position|point|latlon|lat lon.*|geolocalisation",
        r"code|url",
    ),
}
CONTRADICTORY = "point contraire au code postal"
PAIR = re.compile(r"\s*\[?\s*(-?\d+[.,]\d+)\s*[,; ]\s*(-?\d+[.,]\d+)\s*\]?\s*")


@dataclass
class Case:
    """Counts of one way of asking in one file."""

    file: str
    case: str
    rows: int = 0
    right: int = 0
    coarser: int = 0
    answered: int = 0
    sure: int = 0
    sure_wrong: int = 0
    misses: list[dict] = field(default_factory=list)

    def add(self, place: Place, right: bool, coarser: bool, told: dict) -> None:
        self.rows += 1
        self.right += right
        self.coarser += coarser and right
        self.answered += bool(place.territories)
        self.sure += place.sure
        self.sure_wrong += place.sure and not right
        if not right:
            self.misses.append(told)

    def summary(self, misses: int) -> dict:
        shown = sorted(self.misses, key=lambda m: -m["confidence"])[:misses]
        return {
            "case": f"{self.file} : {self.case}",
            "rows": self.rows,
            "right": share(self.right, self.rows),
            "of_which_larger": self.coarser,
            "coverage": share(self.answered, self.rows),
            "sure": share(self.sure, self.rows),
            "wrong_but_sure": share(self.sure_wrong, self.rows),
            "missed": len(self.misses),
            "misses": shown,
        }


def share(part: int, whole: int) -> float:
    return round(100 * part / whole, 2) if whole else 0.0


# --- files -------------------------------------------------------------------------------------


def tables(folder: Path) -> Iterator[tuple[str, list[Row]]]:
    """(Name, rows) of every table of the CSV, XLSX and JSON files under the folder."""
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.suffix in {".csv", ".tsv"}:
            yield name, csv_rows(path)
        elif path.suffix in {".xlsx", ".xls", ".ods"}:
            for sheet, rows in sheets(path):
                yield f"{name}#{sheet}", rows
        elif path.suffix in {".json", ".geojson"}:
            for index, rows in enumerate(json_tables(json.loads(decoded(path)))):
                yield f"{name}#{index}", rows


def decoded(path: Path) -> str:
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode(cchardet.detect(raw)["encoding"] or "cp1252", "replace")


def csv_rows(path: Path) -> list[Row]:
    text = decoded(path)
    header = text.split("\n", 1)[0]
    delimiter = max(",;\t|", key=header.count)
    csv.field_size_limit(10_000_000)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return with_header([list(row) for row in rows])


def sheets(path: Path) -> Iterator[tuple[str, list[Row]]]:
    book = CalamineWorkbook.from_path(str(path))
    for name in book.sheet_names:
        yield name, with_header(book.get_sheet_by_name(name).to_python())


def with_header(lines: list[list]) -> list[Row]:
    """Rows as {column: value}; the header is the fullest of the first lines."""
    first = lines[:8]
    if not first:
        return []
    start = max(range(len(first)), key=lambda i: (sum(named(c) for c in first[i]), -i))
    names = [str(cell) for cell in first[start]]
    return [dict(zip(names, line, strict=False)) for line in lines[start + 1 :]]


def named(cell: object) -> bool:
    return isinstance(cell, str) and any(c.isalpha() for c in cell) and len(cell) < 60


def json_tables(content: object) -> Iterator[list[Row]]:
    """Every list of objects found in a JSON document, nested objects flattened."""
    if isinstance(content, dict):
        for value in content.values():
            yield from json_tables(value)
    elif isinstance(content, list) and len(content) > 4 and isinstance(content[0], dict):
        yield [flat(item) for item in content if isinstance(item, dict)]


def flat(item: dict, prefix: str = "") -> Row:
    row: Row = {}
    for name, value in item.items():
        if isinstance(value, dict):
            row |= flat(value, f"{prefix}{name} ")
        elif not isinstance(value, list) or all(isinstance(x, int | float) for x in value):
            row[f"{prefix}{name}"] = value
    return row


# --- columns -----------------------------------------------------------------------------------


def columns(rows: list[Row]) -> dict[str, str]:
    """{role: column} of a table, by the names of the columns and what a sample of them holds."""
    found: dict[str, str] = {}
    names = list(dict.fromkeys(name for row in rows[:50] for name in row))
    for role, (wanted, unwanted) in COLUMNS.items():
        for name in names:
            spelt = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
            spelt = key(spelt)
            if re.fullmatch(wanted, spelt) and not re.search(unwanted, spelt):
                sample = [v for row in rows[:300] if (v := text_of(row.get(name)))]
                if sample and fits(role, sample):
                    found.setdefault(role, name)
    return found


def fits(role: str, sample: list[str]) -> bool:
    shapes = {
        "code": r"[\dAB]{4,5}(\.0)?|\d{9}|0",
        "postcode": r"\d{4,5}(\.0)?|NR",
        "latitude": r"-?\d+[.,]\d+",
        "longitude": r"-?\d+[.,]\d+",
        "point": PAIR.pattern,
    }
    if role in shapes:
        return sum(bool(re.fullmatch(shapes[role], v)) for v in sample) > 0.5 * len(sample)
    if role == "place":
        letters = sum(any(c.isalpha() for c in v) and len(v) < 120 for v in sample)
        return letters > 0.5 * len(sample)
    return True


def text_of(value: object) -> str:
    return "" if value is None else str(value).strip()


# --- truth -------------------------------------------------------------------------------------


def coded(row: Row, role: dict[str, str]) -> Found | None:
    code = official_codes.plain(row.get(role.get("code", "")))
    if len(code) == 9:
        return gazetteer().at.get((Kind.EPCI, code))
    return gazetteer().commune(official_codes.of_commune(code))[0] if code else None


def pointed(row: Row, role: dict[str, str]) -> list[Found]:
    """The territories at the point of a row or within 5 km of it."""
    pair = PAIR.fullmatch(text_of(row.get(role.get("point", ""))))
    first, second = pair.groups() if pair else (
        text_of(row.get(role.get("latitude", ""))),
        text_of(row.get(role.get("longitude", ""))),
    )  # fmt: skip
    try:
        point = float(first.replace(",", ".")), float(second.replace(",", "."))
    except ValueError:
        return []
    hits = points.at(*point) or points.at(*reversed(point))
    return [hit.territory for hit in hits]


def contradictory(row: Row, role: dict[str, str], truths: list[Found]) -> bool:
    """Whether the postal code written in a row is nowhere near its point."""
    postcode = official_codes.of_commune(official_codes.plain(row.get(role.get("postcode", ""))))
    communes = gazetteer().by_postcode.get(postcode, [])
    latitude, longitude = truths[0].latitude, truths[0].longitude
    if not communes or latitude is None:
        return False
    far = (points.distance_km(c, latitude, longitude) > 10 for c in communes if c.latitude)
    return not {c.code for c in communes} & {t.code for t in truths} and all(far)


def judged(place: Place, truths: list[Found]) -> tuple[bool, bool]:
    """(Right, by a larger territory) of an answer."""
    answers = place.territories
    if any(a[:2] == t[:2] for a in answers for t in truths):
        return True, False
    larger = place.sure and any(a.contains(t) for a in answers for t in truths)
    # A département or an EPCI as truth, the commune of the same name or a part of it as answer.
    return larger, larger


# --- run ---------------------------------------------------------------------------------------


def questions(row: Row, role: dict[str, str]) -> Iterator[tuple[str, dict]]:
    """(Way of asking, arguments of ``find``) that a row allows."""
    texts = {name: text_of(row.get(role.get(name, ""))) for name in ("place", "address")}
    beside = {
        name: text_of(row.get(role[name])) for name in ("postcode", "departement") if name in role
    }
    if any(c.isalpha() for c in texts["place"]):
        yield "ligne", {"text": texts["place"], **beside}
        yield "nom seul", {"text": texts["place"]}
    if re.search(r"\d{5}", texts["address"]):
        yield "adresse", {"text": texts["address"]}


def measure(folder: Path) -> tuple[list[Case], int, float]:
    """Cases of every file, number of look-ups, seconds spent in them."""
    cases: dict[tuple[str, str], Case] = {}
    asked, spent = 0, 0.0
    for name, rows in tables(folder):
        role = columns(rows)
        if not role.keys() & {"place", "address"}:
            continue
        for row in rows:
            truth = coded(row, role)
            truths = [truth] if truth else pointed(row, role)
            if not truths:
                continue
            doubtful = not truth and contradictory(row, role, truths)
            for way, arguments in questions(row, role):
                if doubtful and way != "ligne":
                    continue
                way = CONTRADICTORY if doubtful else way
                started = time.process_time()
                place = find(**arguments)
                spent += time.process_time() - started
                asked += 1
                right, larger = judged(place, truths)
                case = cases.setdefault((name, way), Case(name, way))
                case.add(place, right, larger, told(arguments, place, truths[0]))
    return list(cases.values()), asked, spent


def told(arguments: dict, place: Place, truth: Found) -> dict:
    return {
        **{k: v for k, v in arguments.items() if v},
        "answer": str(place.territory or ", ".join(map(str, place.several))),
        "confidence": place.confidence,
        "truth": f"{truth} {truth.code}",
        "reason": place.reason,
    }


def total(cases: list[Case], ways: set[str], label: str) -> Case:
    whole = Case("ensemble", label)
    for case in cases:
        if case.case in ways:
            for count in ("rows", "right", "coarser", "answered", "sure", "sure_wrong"):
                setattr(whole, count, getattr(whole, count) + getattr(case, count))
            whole.misses += case.misses
    return whole


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="dossier de fichiers réels")
    parser.add_argument("--misses", type=int, default=5, help="ratés montrés par fichier")
    parser.add_argument("--json", action="store_true", help="un objet JSON sur la sortie")
    options = parser.parse_args()
    started = time.process_time()
    gazetteer()
    build_ms = 1000 * (time.process_time() - started)
    cases, asked, spent = measure(options.data)
    ways = Counter(case.case for case in cases)
    results = [total(cases, {way}, way).summary(0) for way in ways]
    every = total(cases, {"ligne", CONTRADICTORY}, "toutes les lignes")
    results.append(every.summary(0))
    results += [case.summary(options.misses) for case in cases]
    report = {
        "benchmark": "places",
        "rows": sum(case.rows for case in cases if case.case != "nom seul"),
        "gazetteer_cpu_ms": round(build_ms, 1),
        "rate": round(asked / spent) if spent else 0,
        "results": results,
    }
    if options.json:
        print(json.dumps(report, ensure_ascii=False, indent=1))
        return
    for result in results:
        misses = result.pop("misses")
        print(result)
        for miss in misses:
            print("   ", miss)


if __name__ == "__main__":
    main()
