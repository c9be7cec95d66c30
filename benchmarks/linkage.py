"""Record linkage on generated records: ``python benchmarks/linkage.py --rows 100000 --json``.

Each engine runs in a process of its own on the same records, in which duplicates (7 %) and further
sites (3 %) were put; time, peak memory, precision and recall on those pairs.

- « regles »: ours, a full pass over the compared rows: keys, candidates, score, rules; all that is
  kept, and under « linked » what is linked without asking. Beside: « narrow », the making of the
  compared rows, done once per record, when it changes.
- « titres »: the simplest that works: same commune or same rare word, then rapidfuzz on titles.
- « splink »: splink on DuckDB, its weights estimated on the data; ``uv`` gives it an environment of
  its own with the dependency group « benchmarks », so that ``make install`` is all it takes.
- « pg_trgm »: trigrams in PostgreSQL within the commune, in a database of its own, removed.

``--through-database`` measures something else: a full pass of ours that reads the compared rows
from PostgreSQL and writes the pairs there (benchmarks/linkage_database.py).
"""

import argparse
import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.linkage_corpus import Corpus, corpus  # noqa: E402
from carrefour.text import key  # noqa: E402

Pairs = set[tuple[int, int]]
ENGINES = ("regles", "titres", "splink", "pg_trgm")
# The interpreter of an engine that is no dependency of ours: beside .venv, which stays as it is.
UV = [str(Path(sys.executable).with_name("uv")), "run", "--isolated", "--frozen", "--quiet"]
WITH_BENCHMARKS = [*UV, "--group", "benchmarks", "python"]
COLUMNS = (
    "number", "title", "start", "last", "rare", "commune", "host", "porteur", "year",
)  # fmt: skip


def main() -> None:
    options = arguments()
    if options.child:
        print(json.dumps(CHILDREN[options.child](options.rows, Path(options.folder))))
        return
    if options.through_database:
        told = child("through-database", options.rows, "")
        print(json.dumps(told, ensure_ascii=False, indent=None if options.json else 1))
        return
    engines = options.engines.split(",")
    results = []
    with tempfile.TemporaryDirectory() as folder:
        narrow = child("prepare", options.rows, folder)
        for turn in range(options.rounds):
            for engine in engines:
                results.append({**child(engine, options.rows, folder), "round": turn + 1})
                sys.stderr.write(f"… {results[-1]}\n")
    said = {"benchmark": "linkage", "rows": options.rows, "results": summed(results, engines)}
    print(json.dumps({**said, **narrow}, ensure_ascii=False, indent=None if options.json else 1))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--engines", default=",".join(ENGINES), help="comma separated")
    parser.add_argument("--json", action="store_true", help="on one line")
    parser.add_argument("--through-database", action="store_true", help="a pass in PostgreSQL")
    parser.add_argument("--child", choices=(*CHILDREN,), help=argparse.SUPPRESS)
    parser.add_argument("--folder", default="", help=argparse.SUPPRESS)
    return parser.parse_args()


def child(engine: str, rows: int, folder: str) -> dict[str, Any]:
    """What an engine says of its run; an engine that cannot run says why."""
    told = [__file__, "--rows", str(rows), "--folder", folder, "--child", engine]
    command = [*(WITH_BENCHMARKS if engine == "splink" else [sys.executable]), *told]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode:
        return {"case": engine, "problem": done.stderr.strip().splitlines()[-1][:300]}
    return json.loads(done.stdout.splitlines()[-1])


def prepare(rows: int, folder: Path) -> dict[str, Any]:
    """Write what each engine reads of the same records: compared rows for ours, else columns."""
    _django()
    from partners.consolidation.features import compared

    made = corpus(rows)
    with (folder / "flat.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(map(_flat, made.records))
    truth = {"same": sorted(made.same), "site": sorted(made.site), "closed": sorted(_closed(made))}
    (folder / "truth.json").write_text(json.dumps(truth))
    began, spent = time.perf_counter(), time.process_time()
    with (folder / "packed").open("wb") as packed, (folder / "texts").open("w") as texts:
        for r in made.records:
            row = compared(r.number, r.source, r.values, r.sites, r.url)
            packed.write(row.packed)
            texts.write(f"{row.title}\t{row.core}\t{row.porteur}\n")
    seconds = time.perf_counter() - began
    return {
        "narrow": {"seconds": round(seconds, 2), "rate": round(rows / seconds),
                   "cpu_seconds": round(time.process_time() - spent, 2)}
    }  # fmt: skip


def summed(results: list[dict[str, Any]], engines: list[str]) -> list[dict[str, Any]]:
    """One entry per engine, its median time, and how many times that of the first engine's."""
    told = []
    for engine in engines:
        runs = sorted(
            (r for r in results if r["case"] == engine), key=lambda r: r.get("seconds", 0)
        )
        told.append({**runs[len(runs) // 2], "runs": len(runs)})
        told[-1].pop("round", None)
        if "seconds" in told[-1] and "seconds" in told[0]:
            told[-1]["reference"] = engines[0]
            told[-1]["ratio"] = round(told[-1]["seconds"] / told[0]["seconds"], 2)
    return told


def report(
    engine: str, rows: int, clocks: tuple[float, float], folder: Path, found: Pairs
) -> dict[str, Any]:
    """``clocks``: the time and the processor's time when the engine began."""
    seconds = time.perf_counter() - clocks[0]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {
        "case": engine, "seconds": round(seconds, 2),
        "cpu_seconds": round(time.process_time() - clocks[1], 2), "rate": round(rows / seconds),
        "memory_mb": peak, **quality(folder, found),
    }  # fmt: skip


def clocks() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def quality(folder: Path, found: Pairs) -> dict[str, Any]:
    """Precision over all pairs that tell one project; recall of those that were put in."""
    truth = json.loads((folder / "truth.json").read_text())
    same, site, closed = ({(a, b) for a, b in truth[n]} for n in ("same", "site", "closed"))
    wanted = same | site
    return {
        "pairs": len(found),
        "precision": round(len(found & closed) / len(found), 4) if found else None,
        "recall": round(len(found & wanted) / len(wanted), 4),
        "recall_same": round(len(found & same) / len(same), 4),
        "recall_site": round(len(found & site) / len(site), 4),
    }


def _closed(made: Corpus) -> Pairs:
    """All pairs of records that tell one project, through their origin too."""
    told = defaultdict(set)
    for one, other in made.same | made.site:
        told[one].add(other)
    closed: Pairs = set(made.same | made.site)
    for others in told.values():
        ranked = sorted(others)
        closed |= {(a, b) for n, a in enumerate(ranked) for b in ranked[n + 1 :]}
    return closed


def regles(rows: int, folder: Path) -> dict[str, Any]:
    _django()
    import numpy as np

    from partners.consolidation.comparing import kept_of
    from partners.consolidation.features import PACKED
    from partners.consolidation.rules import BY_CODE, OFF_AT_FIRST
    from partners.consolidation.tables import Frequencies, Table, Weighed

    began = clocks()
    packed = np.fromfile(folder / "packed", PACKED)
    texts = (folder / "texts").read_text().splitlines()
    columns = zip(*(line.split("\t") for line in texts), strict=True)
    table = Table(
        np.arange(rows),
        packed,
        *(list(t) for t in zip(*(line.split("\t") for line in texts), strict=True)),
    )
    del texts, columns
    active = [code for code in BY_CODE if code not in OFF_AT_FIRST]
    found = kept_of(Weighed.of(table, Frequencies.of(packed)), active=active)
    asked = {*zip(found.first.tolist(), found.second.tolist(), strict=True)}
    told = report("regles", rows, began, folder, asked)
    sure = np.flatnonzero(found.rules != "")
    linked = {*zip(found.first[sure].tolist(), found.second[sure].tolist(), strict=True)}
    return {**told, "linked": quality(folder, linked)}


def titres(rows: int, folder: Path) -> dict[str, Any]:
    """Blocks of a word with a commune, or of a word that few hold; titles alike at 85 %."""
    from rapidfuzz import fuzz

    began = clocks()
    records = _read(folder)
    titles = [r["title"] for r in records]
    blocks: dict[Any, list[int]] = defaultdict(list)
    for number, code in enumerate(r["commune"] for r in records):
        for word in set(titles[number].split()):
            if len(word) > 3:
                blocks[word].append(number)
                blocks[word, code].append(number)
    candidates = {
        (a, b)
        for members in blocks.values()
        if 1 < len(members) <= 40
        for n, a in enumerate(members)
        for b in members[n + 1 :]
    }
    found = {
        pair
        for pair in candidates
        if fuzz.token_sort_ratio(titles[pair[0]], titles[pair[1]], score_cutoff=85)
    }
    return report("titres", rows, began, folder, found)


def splink(rows: int, folder: Path) -> dict[str, Any]:
    import logging
    import warnings

    warnings.simplefilter("ignore")
    logging.getLogger("splink").setLevel(logging.ERROR)
    import pyarrow as pa
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    began = clocks()
    told = [{k: v or None for k, v in row.items()} for row in _read(folder)]
    table = pa.Table.from_pylist(told)
    del told
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="number",
        blocking_rules_to_generate_predictions=[
            block_on("title"), block_on("start", "commune"), block_on("last", "commune"),
            block_on("host"), block_on("porteur"), block_on("rare"),
        ],
        comparisons=[
            cl.JaroWinklerAtThresholds("title", [0.95, 0.88, 0.75]),
            cl.ExactMatch("commune").configure(term_frequency_adjustments=True),
            cl.ExactMatch("host").configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("porteur", [0.92]),
            cl.ExactMatch("year"),
        ],
    )  # fmt: skip
    api = DuckDBAPI()
    linker = Linker(api.register(table), settings)
    linker.training.estimate_probability_two_random_records_match(
        [block_on("title", "commune")], recall=0.6
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
    for rule in (block_on("title"), block_on("commune", "host")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    predicted = linker.inference.predict(threshold_match_probability=0.9).as_record_list()
    found = {tuple(sorted((int(r["number_l"]), int(r["number_r"])))) for r in predicted}
    return report("splink", rows, began, folder, found)


def _read(folder: Path) -> list[dict[str, str]]:
    with (folder / "flat.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _flat(record: Any) -> dict[str, Any]:
    words = key(record.values["title"]).split()
    return {
        "number": record.number,
        "title": " ".join(words),
        "start": words[0][:5] if words else "",
        "last": words[-1][:5] if words else "",
        "rare": max(words, key=len, default=""),
        "commune": record.sites[0]["code"] if record.sites else "",
        "host": record.values.get("website", "").split("//")[-1].strip("/"),
        "porteur": key((record.values.get("porteur") or {}).get("name", "")),
        "year": record.values.get("year") or "",
    }


def pg_trgm(rows: int, folder: Path) -> dict[str, Any]:
    from benchmarks.database import database

    with database("linkage"):
        from django.db import connection

        began = clocks()
        told = _read(folder)
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMP TABLE t (number int, title text, commune text)")
            with cursor.copy("COPY t FROM STDIN") as copy:
                for row in told:
                    copy.write_row((row["number"], row["title"], row["commune"] or None))
            cursor.execute("CREATE INDEX ON t (commune)")
            cursor.execute("ANALYZE t")
            cursor.execute(
                "SELECT a.number, b.number FROM t a JOIN t b ON a.commune = b.commune "
                "AND a.number < b.number WHERE similarity(a.title, b.title) > 0.55"
            )
            found = set(cursor.fetchall())
        return report("pg_trgm", rows, began, folder, found)


def in_database(rows: int, folder: Path) -> dict[str, Any]:
    from benchmarks.linkage_database import through_database

    return through_database(rows)


def _django() -> None:
    """The models' choices are read, no database is."""
    os.environ["CARREFOUR_MODE"] = "test"
    os.environ.setdefault("DATABASE_URL", "postgres://localhost/aucune")
    os.environ.setdefault("REDIS_URL", "redis://localhost")
    os.environ["DJANGO_SETTINGS_MODULE"] = "carrefour.settings"
    import django

    django.setup()


CHILDREN: dict[str, Callable[[int, Path], dict[str, Any]]] = {
    "prepare": prepare,
    "regles": regles, "titres": titres, "splink": splink, "pg_trgm": pg_trgm,
    "through-database": in_database,
}  # fmt: skip


if __name__ == "__main__":
    main()
