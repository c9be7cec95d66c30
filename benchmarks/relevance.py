"""Whether the search finds what people look for, on real records judged by hand:
``python benchmarks/relevance.py --data FOLDER [--judgements FILE] [--part final] --json``.

The files are harvested and published into a database of our own, removed at the end; then each
query is asked of the search as a visitor gets it (``?q=…``, its own order, first page), of plain
PostgreSQL (``websearch_to_tsquery('french', …)``, ts_rank) and of tantivy (BM25, any word;
dependency group « benchmarks », told as left out where it is not installed), over the same records.
``--judgements`` takes any CSV with the columns query_id, query, identifier, grade (0 to 3) and, if
there are, part and kind; identifiers are those of benchmarks/real_records.py, and the files that
they name are published too. Those that are unknown are counted and left out.

- ``ndcg_at_10``: gain 2^grade - 1, ideal order of all that is judged; the unjudged count as 0;
- ``ndcg_at_10_judged``: the same once the unjudged are taken out of the answers, to see whether
  a low figure is due to them;
- ``recall_at_10``: good records (grade 2 or 3) among the first ten, over those judged good, ten at
  most; queries without any are left out of it;
- ``judged_at_10``: share of the first ten that someone judged; ``answered``: share of the queries
  that get any answer.

A query for which nothing was judged above 0 is left out of all. docs/decisions/0060-relevance.md
says how the records were judged. ``--unjudged`` prints instead, shuffled, what our first pages show
and nobody judged, with the words, for who would judge it.
"""

import argparse
import csv
import json
import random
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from math import log2
from pathlib import Path
from statistics import fmean
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.relevance_corpus import Query, documents, files_of, published, read_queries
from benchmarks.relevance_engines import DEPTH, Engine, application, plain, tantivy

ROOT = Path(__file__).resolve().parent.parent
JUDGEMENTS = ROOT / "tests" / "innovations" / "relevance.csv"
GOOD = 2
Grades = Mapping[int, int]
# Engine → query → figure → value.
Figures = Mapping[str, Mapping[str, Mapping[str, float | None]]]


def gain(grades: Sequence[int]) -> float:
    """Discounted cumulative gain of grades in the order of the answers."""
    return sum((2**grade - 1) / log2(rank + 2) for rank, grade in enumerate(grades[:DEPTH]))


def measured(answers: Sequence[int], grades: Grades) -> dict[str, float | None]:
    """The figures of one query; ``grades`` has one above 0."""
    ideal = gain(sorted(grades.values(), reverse=True))
    first = list(answers[:DEPTH])
    judged = [pk for pk in answers if pk in grades]
    good = sum(grade >= GOOD for grade in grades.values())
    found = sum(grades.get(pk, 0) >= GOOD for pk in first)
    return {
        "ndcg_at_10": gain([grades.get(pk, 0) for pk in first]) / ideal,
        "ndcg_at_10_judged": gain([grades[pk] for pk in judged]) / ideal,
        "recall_at_10": found / min(good, DEPTH) if good else None,
        "judged_at_10": sum(pk in grades for pk in first) / len(first) if first else None,
        "answered": float(bool(first)),
    }


def mean(rows: Sequence[Mapping[str, float | None]]) -> dict[str, float | None]:
    """The mean of each figure over the queries that have it."""
    found: dict[str, float | None] = {}
    for name in rows[0] if rows else ():
        told = [value for row in rows if (value := row[name]) is not None]
        found[name] = round(fmean(told), 4) if told else None
    return found


def known_grades(query: Query, innovations: Mapping[str, int]) -> dict[int, int]:
    """Innovation → grade; of the records joined into one, the best."""
    grades: dict[int, int] = {}
    for identifier, grade in query.grades.items():
        if pk := _innovation(identifier, innovations):
            grades[pk] = max(grade, grades.get(pk, 0))
    return grades


def _innovation(identifier: str, innovations: Mapping[str, int]) -> int | None:
    """A row of a record of several places (``…/rank``) stands for the record."""
    return innovations.get(identifier) or innovations.get(identifier.rpartition("/")[0])


def report(queries: Sequence[Query], innovations: Mapping[str, int]) -> dict[str, Any]:
    """Every engine asked every query, told over all and by part and kind."""
    rows = documents()
    engines: dict[str, Engine] = {"application": application, "plain": plain()}
    if has_tantivy():
        engines["tantivy"] = tantivy(rows)
    graded = {query.query_id: known_grades(query, innovations) for query in queries}
    kept = [query for query in queries if any(graded[query.query_id].values())]
    figures = {
        name: {q.query_id: measured(engine(q.text), graded[q.query_id]) for q in kept}
        for name, engine in engines.items()
    }
    asked = [identifier for query in queries for identifier in query.grades]
    results = []
    for case, members in cases(kept).items():
        results += compared(case, members, figures)
    return {
        "benchmark": "relevance",
        "rows": len(rows),
        "queries": len(kept),
        "without_answer": sorted({q.query_id for q in queries} - {q.query_id for q in kept}),
        "judgements": len(asked),
        "unknown": sum(not _innovation(identifier, innovations) for identifier in asked),
        "left_out": [] if has_tantivy() else ["tantivy: uv sync --group benchmarks"],
        "results": results,
        "per_query": {q.query_id: told_of(q, figures) for q in kept},
    }


def has_tantivy() -> bool:
    """``make install`` leaves the engines that were not chosen out."""
    return find_spec("tantivy") is not None


def told_of(query: Query, figures: Figures) -> dict[str, Any]:
    """A query and what each engine's nDCG is for it."""
    ndcg = {name: _short(told[query.query_id]["ndcg_at_10"]) for name, told in figures.items()}
    return {"query": query.text, "kind": query.kind, "part": query.part, **ndcg}


def cases(queries: Sequence[Query]) -> dict[str, list[Query]]:
    """All of them, then each part and each kind that the file tells apart."""
    found = {"all": list(queries)}
    for column in ("part", "kind"):
        values = sorted({value for q in queries if (value := getattr(q, column))})
        if len(values) > 1:
            for value in values:
                found[f"{column} {value}"] = [q for q in queries if getattr(q, column) == value]
    return found


def compared(case: str, queries: Sequence[Query], figures: Figures) -> list[dict[str, Any]]:
    """A line per engine; ``ratio``: its nDCG over that of plain PostgreSQL in the same run."""
    means = {name: mean([told[q.query_id] for q in queries]) for name, told in figures.items()}
    reference = means["plain"]["ndcg_at_10"]
    lines = []
    for name, told in means.items():
        ratio = _short((told["ndcg_at_10"] or 0) / reference) if reference else None
        said = {"case": case, "engine": name, "queries": len(queries), **told}
        lines.append({**said, "reference": "plain", "ratio": ratio})
    return lines


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def unjudged(queries: Sequence[Query], innovations: Mapping[str, int]) -> None:
    """Print as CSV the answers of our first pages that have no grade, in no order."""
    names = {pk: identifier for identifier, pk in reversed(innovations.items())}
    by_pk = {document.pk: document for document in documents()}
    rows = []
    for query in queries:
        grades = known_grades(query, innovations)
        for pk in application(query.text)[:DEPTH]:
            if pk not in grades:
                told = by_pk[pk]
                story = f"{told.summary} {told.description}"[:400]
                rows.append([query.query_id, query.text, query.kind, query.part, names[pk], "",
                             told.title, told.organisation, told.places, story])  # fmt: skip
    random.Random(60).shuffle(rows)
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["query_id", "query", "kind", "part", "identifier", "grade",
                     "title", "organisation", "places", "story"])  # fmt: skip
    writer.writerows(sorted(rows, key=lambda row: row[0]))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of the real files")
    parser.add_argument("--judgements", type=Path, default=JUDGEMENTS, help="judged answers (CSV)")
    parser.add_argument("--part", default="", help="the queries of this part only: tune or final")
    parser.add_argument("--unjudged", action="store_true", help="print what is left to judge")
    parser.add_argument("--json", action="store_true", help="on one line")
    options = parser.parse_args()
    queries = read_queries(options.judgements, options.part)
    from benchmarks.database import database

    with database("pertinence"):
        innovations = published(options.data, files_of(queries))
        if options.unjudged:
            unjudged(queries, innovations)
            return
        said = report(queries, innovations)
    print(json.dumps(said, ensure_ascii=False, indent=None if options.json else 1))


if __name__ == "__main__":
    main()
