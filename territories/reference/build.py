"""Rebuild the reference files: ``python -m territories.reference.build`` (about two minutes).

Needs npm and the dependency group « reference »; docs/territoires.md tells the yearly update.
"""

import argparse
import csv
import gzip
import io
import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from carrefour.text import key
from territories.kinds import Kind
from territories.reference import files
from territories.reference.building import former, levels, maps, shapes, sources
from territories.reference.files import FOLDER, AliasRow, TerritoryRow

HAND_WRITTEN = FOLDER / "names.csv"
FOREIGN_TOWNS = FOLDER / "foreign_towns.csv"


def build_territories(packages: Path) -> tuple[list[TerritoryRow], list[AliasRow]]:
    """Rows of the territories (no centres yet) and of their other names."""
    year = sources.VINTAGE
    communes = sources.etalab(packages, year, "communes")
    epci = sources.etalab(packages, year, "epci")
    full_names = sources.epci_names()
    epci_of = {m["code"]: e["code"] for e in epci for m in e["membres"]}
    commune_rows = levels.commune_rows(communes, epci_of)
    epci_rows = levels.epci_rows(epci, commune_rows, full_names)
    rows = levels.upper_rows(
        sources.etalab(packages, year, "regions"),
        sources.etalab(packages, year, "departements"),
        commune_rows,
    )
    rows += epci_rows + commune_rows
    present = former.present_codes(communes)
    aliases = [
        *read_names(),
        *former.parts_of_communes(communes, present),
        *former.old_communes(past_communes(packages), present, {c.code: c.name for c in rows}),
        *former.short_epci_names(epci, full_names),
        *former.old_epci(past_epci(packages), {e.code: e for e in epci_rows}, epci_of),
    ]
    if (FOLDER / files.ALIASES).exists():
        aliases += former.carried_over(files.aliases(), present)
    aliases += former.old_codes(present, {a.code for a in aliases})
    return rows, former.without_repeats(aliases, rows)


def past_communes(packages: Path) -> Iterable[tuple[str, str, str]]:
    """(code, name, last year) of the communes since 1943, the latest vintages first."""
    for year in range(sources.VINTAGE - 1, 2020, -1):
        for row in sources.etalab(packages, year, "communes"):
            if row["type"] == "commune-actuelle":
                yield row["code"], row["nom"], str(year)
    if (FOLDER / files.TERRITORIES).exists():
        last = str(files.vintage())
        yield from ((t.code, t.name, last) for t in files.territories() if t.kind == Kind.COMMUNE)
    history = sources.etalab(packages, 2019, "historique-communes")
    for row in sorted(history, key=lambda row: row.get("dateFin", "2020"), reverse=True):
        yield row["code"], row["nom"], row.get("dateFin", "2020")[:4]


def past_epci(packages: Path) -> Iterable[dict]:
    for year in sorted(sources.ETALAB.keys() - {sources.VINTAGE}, reverse=True):
        yield from sources.etalab(packages, year, "epci")


def read_names() -> list[AliasRow]:
    with HAND_WRITTEN.open(encoding="utf-8", newline="") as file:
        return [AliasRow(**row) for row in csv.DictReader(file)]


def build_shapes(
    packages: Path, rows: list[TerritoryRow]
) -> tuple[dict[str, shapes.Shapes], dict[str, tuple[float, float]]]:
    """({level: {code: full outline}}, town halls)."""
    full, halls = shapes.commune_shapes(sources.shapes())
    groups: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if row.kind == Kind.COMMUNE:
            for level in ("epci", "departement", "region"):
                if parent := getattr(row, level):
                    groups[level][parent].append(row.code)
    current = {row.code for row in rows if row.kind == Kind.COMMUNE}
    by_level = {"commune": {code: shape for code, shape in full.items() if code in current}}
    for level, members in groups.items():
        hole = shapes.HOLE_OF_EPCI if level == "epci" else shapes.HOLE
        by_level[level] = shapes.unions(full, members, hole)
    metropole = [s for code, s in by_level["region"].items() if code >= "11"]
    by_level["pays"] = {"FR": shapes.union(metropole)}
    by_level["collectivite"] = shapes.overseas_shapes(sources.world_topology(packages))
    return by_level, halls


def write_gz(name: str, text: str) -> None:
    """A compressed file whose bytes depend on its text alone."""
    (FOLDER / name).write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))
    say(f"{name} : {(FOLDER / name).stat().st_size / 1e6:.2f} Mo")


def as_csv(header: Iterable[str], rows: Iterable[Iterable]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return buffer.getvalue()


def write_tables(rows: list[TerritoryRow], aliases: list[AliasRow]) -> None:
    flat = (row._replace(postal_codes=" ".join(row.postal_codes)) for row in rows)
    write_gz(files.TERRITORIES, as_csv(TerritoryRow._fields, flat))
    write_gz(files.ALIASES, as_csv(AliasRow._fields, aliases))


def write_countries(packages: Path) -> None:
    """Names of what is not France, so that « Espagne, Portugal » is told apart from a typing."""
    french = {"FR", *["GP", "MQ", "GF", "RE", "YT", "PM", "BL", "MF", "TF", "WF", "PF", "NC"]}
    names = {n for c, ns in sources.country_names(packages).items() if c not in french for n in ns}
    names |= set(FOREIGN_TOWNS.read_text("utf-8").split("\n")[1:-1])
    lines = "\n".join(["name", *sorted(names, key=key)]) + "\n"
    (FOLDER / files.COUNTRIES).write_text(lines, "utf-8")


def write_vintage() -> None:
    told = {"vintage": sources.VINTAGE, "etalab": sources.ETALAB, "packages": sources.OTHERS}
    text = json.dumps(told, ensure_ascii=False, indent=1)
    (FOLDER / files.VINTAGE).write_text(text + "\n", "utf-8")


def build(packages: Path) -> None:
    rows, aliases = build_territories(packages)
    say(f"{len(rows)} territoires, {len(aliases)} autres noms")
    full, halls = build_shapes(packages, rows)
    say("contours réunis")
    simple = {level: shapes.simplified(full[level], level) for level in shapes.TOLERANCE}
    simple["collectivite"] = full["collectivite"]
    centred = []
    for kind in Kind:
        centred += shapes.with_centres([r for r in rows if r.kind == kind], full[kind], halls)
    write_tables(centred, aliases)
    lines = (
        "\t".join((level, code, *shapes.encoded(simple[level][code]))) + "\n"
        for level in sorted(simple)
        for code in sorted(simple[level])
    )
    write_gz(files.OUTLINES, "".join(lines))
    write_countries(packages)
    write_vintage()
    maps.write(full, {(r.kind, r.code): r for r in centred})


def say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packages", type=Path, help="dossier où les paquets npm sont installés")
    chosen = parser.parse_args().packages
    with tempfile.TemporaryDirectory() as temporary:
        packages = chosen or Path(temporary)
        if not (packages / "node_modules").exists():
            sources.install(packages)
        build(packages)


if __name__ == "__main__":
    main()
