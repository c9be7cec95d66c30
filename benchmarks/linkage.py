"""Record linkage on generated records: ``python benchmarks/linkage.py --rows 100000 --json``.

Each engine runs in a process of its own on the same records, in which duplicates (7 %) and further
sites (3 %) were put; time, peak memory (the records included), precision and recall on those pairs.

- « regles »: ours: « narrow » makes the compared rows (done once per record, when it changes),
  « pass » is a full pass over them: keys, candidates, score, rules. « linked » is what is linked
  without asking, « asked » all that is kept.
- « titres »: the simplest that works: same commune or same rare word, then rapidfuzz on titles.
- « splink »: splink on DuckDB (dependency group « benchmarks »), its weights estimated on the data.
- « pg_trgm »: trigrams in PostgreSQL within the commune, in a database of its own, removed.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
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


def main() -> None:
    options = arguments()
    if options.child:
        print(json.dumps(CHILDREN[options.child](options.rows)))
        return
    engines = options.engines.split(",")
    results = []
    for engine in engines:
        for turn in range(options.rounds):
            results.append({**child(engine, options.rows), "round": turn + 1})
            sys.stderr.write(f"… {engine} {results[-1]}\n")
    report = {"benchmark": "linkage", "rows": options.rows, "results": summed(results, engines)}
    print(json.dumps(report, ensure_ascii=False, indent=None if options.json else 1))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--engines", default=",".join(ENGINES), help="comma separated")
    parser.add_argument("--json", action="store_true", help="on one line")
    parser.add_argument("--child", choices=ENGINES, help=argparse.SUPPRESS)
    return parser.parse_args()


def child(engine: str, rows: int) -> dict[str, Any]:
    """What an engine says of its run; an engine that cannot run says why."""
    command = [sys.executable, __file__, "--rows", str(rows), "--child", engine]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode:
        return {"case": engine, "problem": done.stderr.strip().splitlines()[-1][:300]}
    return json.loads(done.stdout.splitlines()[-1])


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


def report(engine: str, rows: int, seconds: float, made: Corpus, found: Pairs) -> dict[str, Any]:
    usage = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {
        "case": engine, "seconds": round(seconds, 2), "rate": round(rows / seconds),
        "memory_mb": usage, **quality(made, found),
    }  # fmt: skip


def quality(made: Corpus, found: Pairs) -> dict[str, Any]:
    wanted = made.same | _closed(made)
    right = len(found & wanted)
    told = made.same | made.site
    return {
        "pairs": len(found),
        "precision": round(right / len(found), 4) if found else None,
        "recall": round(len(found & told) / len(told), 4),
        "recall_same": round(len(found & made.same) / len(made.same), 4),
        "recall_site": round(len(found & made.site) / len(made.site), 4),
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


def regles(rows: int) -> dict[str, Any]:
    _django()
    import numpy as np

    from partners.consolidation.comparing import kept_of
    from partners.consolidation.features import compared
    from partners.consolidation.rules import BY_CODE, OFF_AT_FIRST
    from partners.consolidation.tables import Frequencies, Table, Weighed

    made = corpus(rows)
    began = time.perf_counter()
    packed = [compared(r.number, r.source, r.values, r.sites, r.url) for r in made.records]
    narrow = time.perf_counter() - began
    table = Table.of(packed)
    made.records.clear()
    del packed
    began = time.perf_counter()
    active = [code for code in BY_CODE if code not in OFF_AT_FIRST]
    found = kept_of(Weighed.of(table, Frequencies.of(table.packed)), active=active)
    seconds = time.perf_counter() - began
    first, second = table.ids[found.first], table.ids[found.second]
    linked = np.flatnonzero(found.rules != "")
    asked = {*zip(first.tolist(), second.tolist(), strict=True)}
    told = report("regles", rows, seconds, made, asked)
    sure = {*zip(first[linked].tolist(), second[linked].tolist(), strict=True)}
    return {**told, "narrow_seconds": round(narrow, 2), "linked": quality(made, sure)}


def titres(rows: int) -> dict[str, Any]:
    """Blocks of a word with a commune, or of a word that few hold; titles alike at 85 %."""
    from rapidfuzz import fuzz

    made = corpus(rows)
    began = time.perf_counter()
    titles = [key(r.values["title"]) for r in made.records]
    blocks: dict[Any, list[int]] = defaultdict(list)
    for number, record in enumerate(made.records):
        code = record.sites[0]["code"] if record.sites else ""
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
    return report("titres", rows, time.perf_counter() - began, made, found)


def splink(rows: int) -> dict[str, Any]:
    import logging
    import warnings

    warnings.simplefilter("ignore")
    logging.getLogger("splink").setLevel(logging.ERROR)
    import pyarrow as pa
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    made = corpus(rows)
    began = time.perf_counter()
    table = pa.Table.from_pylist([_flat(r) for r in made.records])
    made.records.clear()
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
    found = {tuple(sorted((r["number_l"], r["number_r"]))) for r in predicted}
    return report("splink", rows, time.perf_counter() - began, made, found)


def _flat(record: Any) -> dict[str, Any]:
    words = key(record.values["title"]).split()
    return {
        "number": record.number,
        "title": " ".join(words),
        "start": words[0][:5] if words else None,
        "last": words[-1][:5] if words else None,
        "rare": max(words, key=len, default=None),
        "commune": record.sites[0]["code"] if record.sites else None,
        "host": record.values.get("website", "").split("//")[-1].strip("/") or None,
        "porteur": key((record.values.get("porteur") or {}).get("name", "")) or None,
        "year": str(record.values.get("year") or "") or None,
    }


def pg_trgm(rows: int) -> dict[str, Any]:
    from benchmarks.detection import database

    made = corpus(rows)
    told = [_flat(r) for r in made.records]
    with database():
        from django.db import connection

        began = time.perf_counter()
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMP TABLE t (number int, title text, commune text)")
            with cursor.copy("COPY t FROM STDIN") as copy:
                for row in told:
                    copy.write_row((row["number"], row["title"], row["commune"]))
            cursor.execute("CREATE INDEX ON t (commune)")
            cursor.execute("ANALYZE t")
            cursor.execute(
                "SELECT a.number, b.number FROM t a JOIN t b ON a.commune = b.commune "
                "AND a.number < b.number WHERE similarity(a.title, b.title) > 0.55"
            )
            found = set(cursor.fetchall())
        seconds = time.perf_counter() - began
    return report("pg_trgm", rows, seconds, made, found)


def _django() -> None:
    """The models' choices are read, no database is."""
    os.environ["CARREFOUR_MODE"] = "test"
    os.environ.setdefault("DATABASE_URL", "postgres://localhost/aucune")
    os.environ.setdefault("REDIS_URL", "redis://localhost")
    os.environ["DJANGO_SETTINGS_MODULE"] = "carrefour.settings"
    import django

    django.setup()


CHILDREN: dict[str, Callable[[int], dict[str, Any]]] = {
    "regles": regles, "titres": titres, "splink": splink, "pg_trgm": pg_trgm,
}  # fmt: skip


if __name__ == "__main__":
    main()
