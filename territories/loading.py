"""Loading of the reference files into the database: set-based, idempotent, in one transaction."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from django.db import connection, models, transaction

from carrefour.text import key, typographic
from territories.kinds import Kind
from territories.models import LoadedReference, Territory, TerritoryAlias, TerritoryOutline
from territories.reference import files
from territories.reference.files import AliasRow, TerritoryRow

# One loading at a time; any number does, as long as nothing else in the house takes it.
LOCK = 7_436_001
# Changed whenever rows are written otherwise from the same files, so that they are loaded again.
WRITING = "2"
TERRITORY_COLUMNS = (
    *("id", "kind", "code", "name", "liaison", "form", "slug", "name_key"),
    *("population", "longitude", "latitude", "region_id", "departement_id", "epci_id"),
    *("ancestor_ids", "postal_codes", "vintage", "active"),
)
ALIAS_COLUMNS = ("territory_id", "kind", "label", "name_key", "code")
OUTLINE_COLUMNS = ("territory_id", "geometry", "bbox")

Place = tuple[str, str]
Ids = dict[Place, int]


class Writable(Protocol):
    """What progress is written to: a file, or the output of a command."""

    def write(self, line: str, /) -> object: ...


@dataclass(frozen=True)
class LoadReport:
    """What a loading did; every count is 0 when ``already`` loaded."""

    vintage: int
    already: bool
    territories: int = 0
    aliases: int = 0
    outlines: int = 0
    retired: int = 0


def load(stdout: Writable | None = None, *, folder: Path = files.FOLDER) -> LoadReport:
    """Bring the database to the vintage of the reference files in ``folder``.

    Progress is written to ``stdout`` when given. Territories that the vintage no longer holds stay,
    inactive, with their successor; nothing is ever deleted but other names. Does nothing when the
    very same files were loaded last.
    """
    digest, vintage = _digest(folder), files.vintage(folder)
    say = stdout.write if stdout else (lambda line: None)
    with transaction.atomic():
        _execute("SELECT pg_advisory_xact_lock(%s)", LOCK)
        last = LoadedReference.objects.first()
        if last and last.digest == digest:
            say(f"Territoires : le millésime {vintage} est déjà chargé.\n")
            return LoadReport(vintage, already=True)
        say(f"Territoires : chargement du millésime {vintage}…\n")
        report = _load(folder, vintage)
        LoadedReference.objects.update_or_create(digest=digest, defaults={"vintage": vintage})
    for model in (Territory, TerritoryAlias, TerritoryOutline):
        _execute(f"ANALYZE {model._meta.db_table}")
    say(
        f"Territoires : {report.territories} chargés, {report.aliases} autres noms, "
        f"{report.outlines} contours, {report.retired} qui ne sont plus en vigueur.\n"
    )
    return report


def _digest(folder: Path) -> str:
    return hashlib.sha256(f"{WRITING} {files.digest(folder)}".encode()).hexdigest()


def _load(folder: Path, vintage: int) -> LoadReport:
    rows, aliases = list(files.territories(folder)), list(files.aliases(folder))
    ids = _ids(rows)
    territories = _merge(
        Territory, TERRITORY_COLUMNS, _territory_rows(rows, ids, vintage), "kind, code"
    )
    retired = _retire(ids, {(row.kind, row.code) for row in rows}, aliases)
    _replace_aliases(aliases, ids)
    outlines = _merge(TerritoryOutline, OUTLINE_COLUMNS, _outline_rows(folder, ids), "territory_id")
    return LoadReport(vintage, False, territories, len(aliases), outlines, retired)


def _execute(sql: str, *params: str | int) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


def _ids(rows: Sequence[TerritoryRow]) -> Ids:
    """{(kind, code): id} of every row: those of the database, and new ones from its sequence."""
    ids: Ids = {
        (kind, code): pk
        for kind, code, pk in Territory.objects.order_by().values_list("kind", "code", "pk")
    }
    new = [(row.kind, row.code) for row in rows if (row.kind, row.code) not in ids]
    sequence = f"pg_get_serial_sequence('{Territory._meta.db_table}', 'id')"
    taken = _execute(f"SELECT nextval({sequence}) FROM generate_series(1, %s)", len(new))
    return ids | {place: pk for place, (pk,) in zip(new, taken, strict=True)}


def _territory_rows(rows: Sequence[TerritoryRow], ids: Ids, vintage: int) -> Iterator[tuple]:
    around = _containing_epci(rows)
    for row in rows:
        parents = _parents(row)
        containers = around[row.code] if row.kind == Kind.EPCI else parents.values()
        ancestors = [ids[place] for place in containers]
        pk = ids[row.kind, row.code]
        if row.kind != Kind.PAYS:
            ancestors.insert(0, ids[Kind.PAYS, "FR"])
        yield (
            *(pk, row.kind, row.code, typographic(row.name), row.liaison, row.form),
            *(key(row.name).replace(" ", "-"), key(row.name)),
            *(row.population, row.longitude, row.latitude),
            *(
                ids[parents[level]] if level in parents else None
                for level in ("region", "departement", "epci")
            ),
            *([*ancestors, pk], row.postal_codes, vintage, True),
        )


def _parents(row: TerritoryRow) -> dict[str, Place]:
    """{column: place} of what the row names as its parents, the largest first."""
    found: dict[str, Place] = {}
    if row.region:
        found["region"] = (Kind.REGION, row.region)
    if row.departement:
        # Overseas, a collectivité stands in place of a département.
        kind = Kind.DEPARTEMENT if row.region else Kind.COLLECTIVITE
        found["departement"] = (kind, row.departement)
    if row.epci:
        found["epci"] = (Kind.EPCI, row.epci)
    return found


def _containing_epci(rows: Iterable[TerritoryRow]) -> dict[str, list[Place]]:
    """{SIREN: the région and département that hold all the communes of the EPCI, if any}."""
    around: dict[str, list[set[Place]]] = {}
    for row in rows:
        if row.kind == Kind.COMMUNE and row.epci:
            parents = _parents(row)
            levels = around.setdefault(row.epci, [set(), set()])
            for seen, level in zip(levels, ("region", "departement"), strict=True):
                seen.update([parents[level]] if level in parents else [])
    return {
        siren: [next(iter(seen)) for seen in levels if len(seen) == 1]
        for siren, levels in around.items()
    }


def _merge(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[tuple], conflict: str
) -> int:
    """COPY the rows to a temporary table, then insert them or change those that differ."""
    table = model._meta.db_table
    names = ", ".join(columns)
    excluded = ", ".join(f"excluded.{c}" for c in columns)
    settings = ", ".join(f"{c} = excluded.{c}" for c in columns)
    _execute(f"CREATE TEMPORARY TABLE arriving (LIKE {table}) ON COMMIT DROP")
    count = _copy("arriving", columns, rows)
    # Whatever the vintage holds is in force again: it has no successor.
    revived = ", successor_id = NULL" if model is Territory else ""
    _execute(
        f"INSERT INTO {table} ({names}) SELECT {names} FROM arriving "
        f"ON CONFLICT ({conflict}) DO UPDATE SET {settings}{revived} "
        f"WHERE ({', '.join(f'{table}.{c}' for c in columns)}) IS DISTINCT FROM ({excluded})"
    )
    _execute("DROP TABLE arriving")
    return count


def _copy(table: str, columns: Sequence[str], rows: Iterable[tuple]) -> int:
    count = 0
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy,
    ):
        for count, row in enumerate(rows, 1):  # noqa: B007 the last number is the count
            copy.write_row(row)
    return count


def _retire(ids: Ids, present: set[Place], aliases: Iterable[AliasRow]) -> int:
    """Mark what the vintage no longer holds, each with what stands in its place today."""
    heirs = {(a.target_kind, a.code): (a.target_kind, a.target_code) for a in aliases if a.code}
    pairs = [
        (pk, ids.get(heirs.get(place, place))) for place, pk in ids.items() if place not in present
    ]
    table = Territory._meta.db_table
    with connection.cursor() as cursor:
        cursor.executemany(
            # Inside its successor for every question « within »; as it was when it has none.
            f"UPDATE {table} AS old SET active = false, "
            "successor_id = CASE WHEN new.id = old.id THEN NULL ELSE new.id END, "
            "ancestor_ids = CASE WHEN new.id = old.id THEN old.ancestor_ids "
            "ELSE new.ancestor_ids || old.id END "
            f"FROM {table} AS new WHERE old.id = %s AND new.id = %s",
            pairs,
        )
    return len(pairs)


def _replace_aliases(aliases: Iterable[AliasRow], ids: Ids) -> None:
    TerritoryAlias.objects.all().delete()
    rows = (
        (ids[a.target_kind, a.target_code], a.kind, typographic(a.label), key(a.label), a.code)
        for a in aliases
    )
    _copy(TerritoryAlias._meta.db_table, ALIAS_COLUMNS, rows)


def _outline_rows(folder: Path, ids: Ids) -> Iterator[tuple]:
    for place, outline in files.encoded_outlines(folder).items():
        geometry = files.geojson(files.polygons(outline.polygons))
        yield ids[place], json.dumps(geometry, separators=(",", ":")), list(outline.bbox)
