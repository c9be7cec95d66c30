"""The harvest, whole way over local HTTP: ``python benchmarks/harvest.py --rows 100000 --json``.

Each time is compared with a bare loop of the same run: the same connector and the same mapping
(place look-up included), its records copied into one table without index, nothing else. « stored »
keeps the source records with their history and quarantine; « searchable » goes on to the public
records, their parts, their history and the search rows, index flushed. « unchanged » harvests the
same rows again, as a ratio to the first harvest; « update_or_create » is one record at a time by
the ORM, on fewer rows, its rate compared with that of « searchable ». Rounds are alternated, the
median is given; data are generated beforehand, and served by another process.

A database of its own is made on the server of DATABASE_URL, or on embedded servers with full
durability, and removed at the end. ``--memory 10000,100000`` gives the peak resident memory of a
first harvest of so many rows, each in its own process.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import generated  # noqa: E402

Measured = dict[str, list[tuple[float, float]]]

BARE = (
    "CREATE UNLOGGED TABLE bare (external_id text, url text, raw jsonb, values jsonb, sites jsonb)"
)
TABLES = (
    "partners_sourcerecord", "partners_sourcerecordevent", "innovations_innovation",
    "innovations_innovationevent", "innovations_organisation", "innovations_organisationevent",
    "partners_rejectedrow", "partners_run",
)  # fmt: skip


def main() -> None:
    options = arguments()
    with environment(options) as server:
        if options.child:
            print(json.dumps(child(options, server)))
            return
        results = memory(options) if options.memory else times(options, server)
    if options.memory:
        options.rows = max(map(int, options.memory.split(",")))
    report = {"benchmark": "harvest", "rows": options.rows, "shape": options.shape}
    report["results"] = results
    print(json.dumps(report, ensure_ascii=False, indent=None if options.json else 2))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--shape", choices=("csv", "json"), default="csv")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--slow-rows", type=int, default=1000, help="rows of update_or_create")
    parser.add_argument("--memory", default="", help="sizes, comma separated")
    parser.add_argument("--profile", default="", help="file for the profile of one first harvest")
    parser.add_argument("--child", choices=("first",), help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


@contextmanager
def environment(options: argparse.Namespace) -> Iterator[str]:
    """A database of our own, Django ready, the data served: yields the server's address."""
    os.environ["CARREFOUR_MODE"] = "test"
    os.environ["CARREFOUR_HARVEST_ALLOW_HOSTS"] = "127.0.0.1"
    os.environ["CARREFOUR_HARVEST_DELAY"] = "0"
    os.environ["CARREFOUR_TEST_DATABASE"] = f"mesure_moissonnage_{os.getpid()}"
    from carrefour import embedded

    if embedded.is_needed(os.environ):
        servers = embedded.ensure(instance="mesures")
        os.environ.setdefault("DATABASE_URL", servers.database_url)
        os.environ.setdefault("REDIS_URL", servers.redis_url)
    os.environ["DJANGO_SETTINGS_MODULE"] = "carrefour.settings"
    import django

    django.setup()
    from django.db import connection

    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        with tempfile.TemporaryDirectory() as folder, served(Path(folder), options) as address:
            prepare()
            yield address
    finally:
        connection.creation.destroy_test_db(os.environ["CARREFOUR_TEST_DATABASE"], verbosity=0)


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


# --- cases -------------------------------------------------------------------------------------


def bare(source: Any) -> int:
    """The same parser and mapping, COPY into an unindexed table, nothing else."""
    from django.db import connection

    from carrefour.http import Fetcher
    from partners.connectors import connect
    from partners.mapping.places import looked_up
    from partners.mapping.record import map_rows
    from partners.mapping.rules import parse

    rules = parse(source.mapping)
    with Fetcher() as fetcher, connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bare")
        cursor.execute(BARE.replace("UNLOGGED ", ""))
        connector = connect(source.connector, source.url, source.options, fetcher)
        with cursor.copy("COPY bare FROM STDIN") as copy:
            number = 0
            for row in connector.rows():
                number += 1
                mapped = map_rows(rules, [row.data], base=source.url, url=row.url)
                said = (row.data, mapped.values, looked_up(mapped.sites))
                texts = (json.dumps(value, ensure_ascii=False) for value in said)
                copy.write_row((str(row.data["id"]), mapped.url, *texts))
        cursor.execute("DROP TABLE bare")
    return number


def harvested(source: Any) -> int:
    from partners.harvest import harvest

    report = harvest(source)
    assert not report.problem, report.problem
    return int(report.counts["seen"])


def warm(source: Any) -> None:
    """Everything imported and every cache of the process begun, as in a worker that has run."""
    from partners.harvest import harvest

    harvest(source, limit=500)


def stored(source: Any) -> int:
    """Source records only: their nature is not one that the public sees."""
    source.record_type = "acteur"
    source.save()
    return harvested(source)


def one_by_one(source: Any, rows: int) -> int:
    """``update_or_create`` of the record, its innovation and its parts, row by row."""
    from carrefour.http import Fetcher
    from partners.connectors import connect
    from partners.mapping.rules import parse
    from partners.vocabularies import Vocabularies

    rules, words = parse(source.mapping), Vocabularies.load([source.pk])
    with Fetcher() as fetcher:
        connector = connect(source.connector, source.url, source.options, fetcher)
        for number, row in enumerate(connector.rows()):
            if number == rows:
                break
            write_one(source, rules, words, row)
    return rows


def write_one(source: Any, rules: Any, words: Any, row: Any) -> None:
    from django.db import transaction
    from django.utils import timezone
    from django.utils.text import slugify

    from carrefour.text import key
    from innovations import searchrows
    from innovations.models import Citation, Innovation, Location, Organisation, Term
    from partners.mapping.places import looked_up
    from partners.mapping.record import map_rows
    from partners.models import SourceRecord
    from territories.models import Territory

    now = timezone.now()
    mapped = map_rows(rules, [row.data], base=source.url, url=row.url)
    values, sites = mapped.values, looked_up(mapped.sites)
    codes = [c.split(":") for c in words.terms(source.pk, values.get("words") or {})]
    with transaction.atomic():
        porteur, _ = Organisation.objects.update_or_create(
            name_key=key(mapped.porteur)[:250],
            defaults={"name": mapped.porteur, "slug": slugify(mapped.porteur)[:110]},
        )
        innovation, _ = Innovation.objects.update_or_create(
            slug=slugify(f"{mapped.title} {row.data['id']}")[:110],
            defaults={
                "title": mapped.title, "title_key": key(mapped.title), "status": "publiee",
                "description": values["description"], "organisation": porteur,
                "started_year": values.get("year"), "published_at": now,
            },
        )  # fmt: skip
        record, _ = SourceRecord.objects.update_or_create(
            source=source,
            external_id=row.data["id"],
            defaults={
                "raw": [row.data], "values": values, "sites": sites, "url": mapped.url,
                "record_type": "innovation", "state": "complete", "fingerprint": "",
                "licence": "etalab-2.0", "innovation": innovation, "changed_at": now,
                "seen_at": now,
            },
        )  # fmt: skip
        for position, site in enumerate(sites):
            territory = Territory.objects.filter(kind=site["kind"], code=site["code"]).first()
            told = {"territory": territory, "label": site["label"]}
            Location.objects.update_or_create(
                innovation=innovation, position=position, defaults=told
            )
        cited = {"partner_slug": "plateforme", "url": mapped.url, "collected_at": now}
        Citation.objects.update_or_create(
            innovation=innovation, source_record=record.pk, defaults=cited
        )
        innovation.terms.set(Term.objects.filter(code__in=[code for _, code in codes]))
        searchrows.refresh([innovation.pk])


# --- measuring ---------------------------------------------------------------------------------


def times(options: argparse.Namespace, address: str) -> list[dict[str, Any]]:
    if options.profile:
        profiled(options, address)
    measured: Measured = {}

    def timed(case: str, work: Callable[[], int]) -> None:
        start, busy = time.perf_counter(), processor()
        rows = work()
        took, used = time.perf_counter() - start, processor() - busy
        measured.setdefault(case, []).append((took / rows, used / rows))
        told = f"{took / rows * 1e6:.0f} µs per row, {used / rows * 1e6:.0f} of processor"
        print(f"{case}: {rows} rows, {told}", file=sys.stderr)

    warm(new_source(address, options))
    for _ in range(options.rounds):
        source = new_source(address, options)
        timed("bare", partial(bare, source))
        timed("stored", partial(stored, source))
        source = new_source(address, options)
        timed("searchable", partial(harvested, source))
        forget_validators(source)
        timed("unchanged", partial(harvested, source))
        source = new_source(address, options)
        number = min(options.slow_rows, options.rows)
        timed("update_or_create", partial(one_by_one, source, number))
    return [result(case, measured) for case in measured]


def median(rounds: list[tuple[float, float]]) -> tuple[float, float]:
    """(Seconds, seconds of processor) per row."""
    return statistics.median(t for t, _ in rounds), statistics.median(u for _, u in rounds)


def processor() -> float:
    """Seconds of processor used so far by this process and by its PostgreSQL backend, when that
    runs on this machine."""
    from django.db import connection

    connection.ensure_connection()
    pid = connection.connection.info.backend_pid
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return time.process_time()
    ticks = int(fields[11]) + int(fields[12])
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")


def forget_validators(source: Any) -> None:
    """The second harvest reads the whole answer again, as from a site without ETag."""
    for run in source.runs.all():
        run.requests = []
        run.save(update_fields=["requests"])


REFERENCES = {"stored": "bare", "searchable": "bare", "unchanged": "searchable"}


def result(case: str, measured: Measured) -> dict[str, Any]:
    """Ratios are of times per row; that of update_or_create tells how many times slower it is.

    « processor » is what this process and its PostgreSQL backend used: on a machine that does
    other things at the same time, only this tells.
    """
    took, used = median(measured[case])
    reference = REFERENCES.get(case, "searchable" if case == "update_or_create" else "")
    told: dict[str, Any] = {
        "case": case,
        "rate": round(1 / took),
        "us_per_row": round(took * 1e6, 1),
        "processor_us_per_row": round(used * 1e6, 1),
        "reference": reference,
        "runs": len(measured[case]),
    }
    if reference:
        other_took, other_used = median(measured[reference])
        told["ratio"] = round(took / other_took, 3)
        told["processor_ratio"] = round(used / other_used, 3)
    return told


def profiled(options: argparse.Namespace, address: str) -> None:
    import cProfile

    source = new_source(address, options)
    profile = cProfile.Profile()
    profile.runcall(harvested, source)
    profile.dump_stats(options.profile)


def child(options: argparse.Namespace, address: str) -> dict[str, Any]:
    source = new_source(address, options)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    rows = harvested(source)
    took = (time.perf_counter() - start) / rows
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "case": f"memory of {rows} rows",
        "peak_mb": round(peak / 1024),
        "before_mb": round(before / 1024),
        "rate": round(1 / took),
        "runs": 1,
    }


def memory(options: argparse.Namespace) -> list[dict[str, Any]]:
    """Peak memory of one first harvest per size, the reference being the smallest."""
    results: list[dict[str, Any]] = []
    for size in map(int, options.memory.split(",")):
        command = [sys.executable, __file__, "--child", "first", "--rows", str(size)]
        done = subprocess.run(
            [*command, "--shape", options.shape], stdout=subprocess.PIPE, check=True, text=True
        )
        results.append(json.loads(done.stdout.splitlines()[-1]))
        results[-1]["reference"] = results[0]["case"]
        results[-1]["ratio"] = round(results[-1]["peak_mb"] / results[0]["peak_mb"], 3)
    return results


if __name__ == "__main__":
    main()
