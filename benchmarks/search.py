"""The search over a generated corpus: ``python benchmarks/search.py --rows 1000000 --json``.

Each question is asked as the page does (the first twenty, every facet's counts; the map's cells
apart), and of tantivy over the same records in the same run: twenty first, the same counts. The
page and the API are asked through Django, and compared with their own SQL sent again bare. The
questions of a case differ by their words; rounds are alternated; times are in milliseconds. Each
row is told on stderr as soon as it is known.

A database of its own is made on the server of DATABASE_URL, or on embedded servers, and removed at
the end. tantivy is in the dependency group « benchmarks ».
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

Question = str
Ask = Callable[[Question], Any]
FIRST = 20
# Ranks of the corpus's words: one row in two or three, one in ten, one in a few thousands.
COMMON = range(6, 14)
USUAL = range(40, 160, 5)
RARE = range(9_000, 9_400, 50)


def questions() -> dict[str, list[Question]]:
    """{case: query strings}."""
    from benchmarks.search_corpus import vocabulary

    words = vocabulary()
    common = [words[n] for n in COMMON]
    usual = [words[n] for n in USUAL]
    threes = [" ".join(usual[n : n + 3]) for n in range(0, 24, 3)]
    return {
        "empty": [""] * 8,
        "common": [f"q={word}" for word in common],
        "rare": [f"q={words[n]}" for n in RARE],
        "three words": [f"q={words}" for words in threes],
        "sentence": [f"q={' '.join(usual[n : n + 6])}" for n in range(8)],
        "filtered": [f"q={word}&zone=region-53&nature=publique" for word in common],
        "radius": [f"q={word}&autour=47.28,3.83&rayon=30" for word in common],
        "by date": [f"q={word}&tri=recentes" for word in common],
    }


def page(query: Question) -> None:
    """What the list of results needs: who answers, in order, and the counts."""
    search = _search(query)
    search.ids(0, FIRST)
    _ = search.total, search.facets


def cells(query: Question) -> None:
    _search(query).places()


def _search(query: Question) -> Any:
    from django.http import QueryDict

    from innovations.search import InnovationSearch

    return InnovationSearch.from_query(QueryDict(query))


def through(address: str) -> Ask:
    """The same through Django, from the request to the last byte of the answer."""
    from django.test import Client

    client = Client()

    def ask(query: Question) -> None:
        response = client.get(f"{address}?{query}")
        assert response.status_code == 200, response.content[:500]

    return ask


def bare(ask: Ask, asked: Sequence[Question]) -> Ask:
    """The SQL that ``ask`` sends for each question, recorded now, to be sent again alone."""
    from django.db import connection

    known: dict[Question, list[tuple[str, Any]]] = {}
    for query in asked:
        sent = known[query] = []

        def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            sent.append((sql, params))  # noqa: B023 (called in this turn of the loop only)
            return execute(sql, params, many, context)

        with connection.execute_wrapper(note):
            ask(query)

    def again(query: Question) -> None:
        with connection.cursor() as cursor:
            for sql, params in known[query]:
                cursor.execute(sql, params)
                if cursor.description:
                    cursor.fetchall()

    return again


def tantivy() -> tuple[Ask, float]:
    """The same question of tantivy over the same records; and the seconds its index took."""
    from benchmarks.search_tantivy import Tantivy

    start = time.perf_counter()
    engine = Tantivy()
    return engine.page, time.perf_counter() - start


def measure(
    engines: dict[str, Ask], asked: Sequence[Question], rounds: int
) -> dict[str, list[float]]:
    """{engine: milliseconds of each question}, the engines taking turns."""
    times: dict[str, list[float]] = {name: [] for name in engines}
    for name, ask in engines.items():
        ask(asked[0])
        del name
    for _ in range(rounds):
        for query in asked:
            for name, ask in engines.items():
                start = time.perf_counter()
                ask(query)
                times[name].append((time.perf_counter() - start) * 1000)
    return times


def told(case: str, times: dict[str, list[float]], references: dict[str, str]) -> list[Any]:
    found = []
    for name, values in times.items():
        ordered = sorted(values)
        row: dict[str, Any] = {
            "case": f"{case}: {name}",
            "p50_ms": round(statistics.median(ordered), 2),
            "p95_ms": round(ordered[int(len(ordered) * 0.95)], 2),
            "runs": len(ordered),
        }
        reference = references.get(name, "")
        if reference in times:
            row["reference"] = reference
            row["ratio"] = round(statistics.median(values) / statistics.median(times[reference]), 2)
        print(json.dumps(row, ensure_ascii=False), file=sys.stderr, flush=True)
        found.append(row)
    return found


def results(options: argparse.Namespace) -> list[Any]:
    from django.conf import settings

    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    beside = {} if options.alone else dict(zip(["tantivy"], tantivy()[:1], strict=True))
    site, api = through("/recherche/"), through("/api/v1/innovations/")
    references = {
        "page": "tantivy" if beside else "", "cells": "page", "HTTP page": "its SQL",
        "API": "the SQL of the API",
    }  # fmt: skip
    found = []
    for case, asked in questions().items():
        engines: dict[str, Ask] = {"page": page, "cells": cells}
        if case not in {"radius", "by date"}:
            engines |= beside
        times = measure(engines, asked, options.rounds)
        found += told(case, times, references)
        if case in {"common", "rare", "three words"}:
            over = {"HTTP page": site, "its SQL": bare(site, asked)}
            if case != "three words":
                over |= {"API": api, "the SQL of the API": bare(api, asked)}
            found += told(case, measure(over, asked, options.rounds), references)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--alone", action="store_true", help="without tantivy beside")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()

    from benchmarks.database import database

    with database("recherche"):
        from benchmarks import search_corpus
        from innovations import taxonomy
        from innovations.index import building
        from territories import loading

        taxonomy.load()
        loading.load()
        start = time.perf_counter()
        search_corpus.fill(options.rows)
        filled = time.perf_counter()
        building.update(forced=options.rows >= building.ENOUGH)
        built = time.perf_counter()
        print(f"corpus {filled - start:.0f} s, bitmaps {built - filled:.0f} s", file=sys.stderr)
        report = {
            "benchmark": "search",
            "rows": options.rows,
            "corpus_seconds": round(filled - start, 1),
            "bitmaps_seconds": round(built - filled, 1),
            "results": results(options),
        }
    print(json.dumps(report, ensure_ascii=False, indent=None if options.json else 2))


if __name__ == "__main__":
    main()
