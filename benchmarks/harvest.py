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
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.harvest_cases import bare, harvested, one_by_one, stored, warm  # noqa: E402
from benchmarks.harvest_setting import environment, new_source  # noqa: E402

Measured = dict[str, list[tuple[float, float]]]


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
