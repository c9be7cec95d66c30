"""A full pass of linkage through PostgreSQL: compared rows read, pairs written. Run by
``python benchmarks/linkage.py --through-database``, in a process of its own.

The records of benchmarks/linkage_corpus.py are put into a database of our own, removed at the end;
making their compared rows (once per record, when it changes) is told apart.
"""

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

BATCH = 5000


def through_database(rows: int) -> dict[str, Any]:
    """Seconds of each step, of the whole pass, pairs kept, and the peak memory of this process."""
    from benchmarks.database import database

    clock = Clock()
    with database("linkage_database"):
        from partners.consolidation import comparing, narrowing
        from partners.models import Pair

        with clock.step("filling"):
            _fill(rows)
        with clock.step("narrow"):
            waiting = narrowing.stale()
            for start in range(0, len(waiting), comparing.NARROWED):
                narrowing.refresh(waiting[start : start + comparing.NARROWED])
            narrowing.flush()
        before = _peak()
        with clock.step("reading"):
            table = narrowing.read()
        del table
        with clock.step("pass"):
            outcome = comparing.compare_all(links=False)
        first = {"kept": outcome.kept, "new": outcome.new, "written": Pair.objects.count()}
        with clock.step("again"):
            outcome = comparing.compare_all(links=False)
    return {
        "case": "through-database", "rows": rows, **clock.told, **first,
        "new again": outcome.new, "memory_before_mb": before, "memory_mb": _peak(),
    }  # fmt: skip


class Clock:
    """Seconds by the clock, and of this process's processor, of each step."""

    def __init__(self) -> None:
        self.told: dict[str, dict[str, float]] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        began, spent = time.perf_counter(), time.process_time()
        yield
        self.told[name] = {
            "seconds": round(time.perf_counter() - began, 2),
            "cpu_seconds": round(time.process_time() - spent, 2),
        }


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _fill(rows: int) -> None:
    """The records, of one innovation: the pass reads of it only that there is one."""
    from django.db import connection
    from django.utils import timezone

    from benchmarks.linkage_corpus import corpus
    from innovations import copying
    from innovations.models import Innovation
    from partners.models import Partner, Source, SourceRecord

    made = corpus(rows).records
    partner = Partner.objects.create(name="Essai", slug="essai", website="https://exemple.fr/")
    sources = {
        number: Source.objects.create(
            partner=partner,
            name=f"S{number}",
            slug=f"s{number}",
            url=f"https://exemple.fr/{number}",
        )
        for number in sorted({r.source for r in made})
    }
    innovation = Innovation.objects.create(title="Essai", slug="essai")
    with connection.cursor() as cursor:
        # The history of what is put there is no part of the pass.
        cursor.execute("ALTER TABLE partners_sourcerecord DISABLE TRIGGER USER")
    now = timezone.now()
    for start in range(0, rows, BATCH):
        told = made[start : start + BATCH]
        ids = copying.next_ids(SourceRecord, len(told))
        records = [
            SourceRecord(
                pk=pk, source=sources[r.source], external_id=str(r.number), url=r.url, raw=[{}],
                fingerprint=f"{r.number:064x}", values=r.values, sites=r.sites, seen_at=now,
                changed_at=now, innovation=innovation,
            )
            for pk, r in zip(ids, told, strict=True)
        ]  # fmt: skip
        copying.insert(SourceRecord, records)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE partners_sourcerecord ENABLE TRIGGER USER")
        cursor.execute("ANALYZE partners_sourcerecord")
