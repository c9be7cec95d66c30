"""A fixed corpus for the search: records in the thousands or the million, words as French has them.

Words are made of syllables, their frequencies follow the law of Zipf and Mandelbrot as those of any
French text do; themes, sources and communes are drawn unevenly, as in the directory. Deterministic:
the same rows on every machine. Nobody and nothing exists.
"""

import datetime
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

WORDS = 40_000
SYLLABLES = (
    "ba", "be", "bon", "ca", "cha", "cou", "da", "de", "dou", "fa", "fi", "flo", "ga", "gri", "jo",
    "la", "le", "li", "lou", "ma", "mai", "mi", "mou", "na", "no", "pa", "pe", "pla", "quin", "ra",
    "ri", "sa", "so", "ta", "ti", "tra", "va", "vi", "vou", "zo",
)  # fmt: skip
ENDINGS = ("age", "eur", "ment", "tion", "ette", "ier", "oir", "erie", "ard", "ine", "ude", "al")
TITLE, SUMMARY, BODY = 5, 18, 50
PARTNERS = 60
BATCH = 20_000
REFRESHED = 5_000
START = datetime.datetime(2019, 1, 1, tzinfo=datetime.UTC)


def vocabulary() -> list[str]:
    """The words, the most frequent first."""
    draw = np.random.default_rng(1)
    found: dict[str, None] = {}
    while len(found) < WORDS:
        parts = draw.integers(0, len(SYLLABLES), size=draw.integers(1, 4))
        word = "".join(SYLLABLES[n] for n in parts) + ENDINGS[draw.integers(0, len(ENDINGS))]
        found[word] = None
    return list(found)


@dataclass(frozen=True)
class Row:
    pk: int
    title: str
    summary: str
    body: str
    terms: list[int]
    commune: int
    partner: int
    nature: str
    maturity: str
    year: int
    day: int


def rows(number: int, terms: Sequence[int], communes: Sequence[int]) -> Iterator[Row]:
    """``number`` records: innovations numbered from 1."""
    words = np.array(vocabulary(), dtype=object)
    weights = 1 / (np.arange(WORDS) + 2.7) ** 1.07
    chances = np.cumsum(weights / weights.sum())
    draw = np.random.default_rng(20_26)
    for first in range(1, number + 1, BATCH):
        size = min(BATCH, number - first + 1)
        picked = words[np.searchsorted(chances, draw.random((size, TITLE + SUMMARY + BODY)))]
        theme = _uneven(draw, len(terms), (size, 2))
        partner = _uneven(draw, PARTNERS, size)
        place = draw.integers(0, len(communes), size)
        nature, state = draw.integers(0, 4, size), draw.integers(0, 6, size)
        year, day = draw.integers(1995, 2027, size), draw.integers(0, 2800, size)
        for n in range(size):
            said = picked[n]
            yield Row(
                first + n,
                " ".join(said[:TITLE]).capitalize(),
                " ".join(said[TITLE : TITLE + SUMMARY]),
                " ".join(said[TITLE + SUMMARY :]),
                sorted({terms[int(t)] for t in theme[n]}),
                communes[int(place[n])],
                int(partner[n]),
                ("", "sociale", "publique", "territoriale")[nature[n]],
                ("", "", "idee", "experimentation", "deployee", "essaimee")[state[n]],
                int(year[n]),
                int(day[n]),
            )


def _uneven(draw: Any, number: int, size: Any) -> Any:
    weights = 1 / (np.arange(number) + 3.0)
    return np.searchsorted(np.cumsum(weights / weights.sum()), draw.random(size))


def fill(number: int) -> None:
    """Write the corpus into the current database, its search rows made by the house's own way.

    Histories are left out: they are no part of the search.
    """
    from django.db import connection

    from innovations.models import Term
    from territories.models import Territory

    terms = list(Term.objects.order_by("pk").values_list("pk", flat=True))
    towns = Territory.objects.filter(kind="commune", longitude__isnull=False).order_by("pk")
    communes = list(towns.values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        waiting: list[Row] = []
        for row in rows(number, terms, communes):
            waiting.append(row)
            if len(waiting) == BATCH:
                _copy(cursor, waiting)
                waiting.clear()
        _copy(cursor, waiting)
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("ANALYZE")
    refresh(number)


def _copy(cursor: Any, several: list[Row]) -> None:
    columns = {
        "innovation": (
            "id, slug, status, title, title_key, nature, summary, description, website, maturity, "
            "reach, commun_governance, commun_licence, is_reference, origins, alternatives, "
            "started_year, created_at, published_at, updated_at"
        ),
        "innovation_terms": "innovation_id, term_id",
        "location": (
            "innovation_id, territory_id, label, confidence, note, source_records, position"
        ),
        "completeness": 'innovation_id, score, "values", gains',
    }
    values = {
        "innovation": [_innovation(row) for row in several],
        "innovation_terms": [(row.pk, term) for row in several for term in row.terms],
        "location": [(row.pk, row.commune, "", 1.0, "", "{}", 0) for row in several],
        "completeness": [(row.pk, row.pk * 7919 % 101, "[]", "[]") for row in several],
    }
    for table, named in columns.items():
        with cursor.copy(f"COPY innovations_{table} ({named}) FROM STDIN") as copy:
            for value in values[table]:
                copy.write_row(value)
    _cite(cursor, several)


def _innovation(row: Row) -> tuple[Any, ...]:
    day = START + datetime.timedelta(days=row.day, seconds=row.pk % 86_400)
    return (
        row.pk, f"fiche-{row.pk}", "publiee", row.title, row.title.lower(), row.nature, row.summary,
        f"<p>{row.body}</p>", "", row.maturity, "", "", "", False, "{}", "{}", row.year, day, day,
        day,
    )  # fmt: skip


def _cite(cursor: Any, several: list[Row]) -> None:
    day = START + datetime.timedelta(days=2800)
    with cursor.copy(
        "COPY innovations_citation (innovation_id, source_record, partner_slug, partner_name, "
        "source_slug, source_name, url, is_record_page, licence, collected_at, fields, position) "
        "FROM STDIN"
    ) as copy:
        for row in several:
            slug, name = f"plateforme-{row.partner}", f"Plateforme {row.partner}"
            copy.write_row(
                (row.pk, row.pk, slug, name, slug, name, "", False, "etalab-2.0", day, "{}", 0)
            )


def refresh(number: int) -> None:
    """The search rows, two processes of PostgreSQL at a time."""
    from django.db import connection

    from innovations import searchrows

    def some(first: int) -> None:
        searchrows.refresh(range(first, min(first + REFRESHED, number + 1)))
        if first + 2 * REFRESHED > number:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(some, range(1, number + 1, REFRESHED)))
    searchrows.flush()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE innovations_searchrow, innovations_searchplace")
