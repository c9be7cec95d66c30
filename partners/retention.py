"""What grows without end is cleared with age: journals of runs, dropped files, refused rows, what
imports held.

Runs, their counts and their warnings stay, and so does all that a harvest or a replay reads:
records with their raw rows, the last files, the last journals, refused rows not known to be over.
"""

import datetime
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from partners.models import Deposit, Import, RejectedRow, Run, Source, Trigger
from partners.runs import GOOD

BATCH = 200
# Whatever their age: what the next run, the health page and the alerts read.
KEPT_RUNS = 10
KEPT_GOOD_RUNS = 2
KEPT_FILES = 3
CLEARED = "Journal effacé, plus ancien que {days} jours. Requêtes : {requests} ; lignes : {lines}."
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Removed:
    """What was cleared: journals of runs, dropped files and their bytes, refused rows, imports."""

    journals: int = 0
    files: int = 0
    size: int = 0
    refusals: int = 0
    imports: int = 0


def apply(*, dry_run: bool = False) -> Removed:
    """Clear what is older than the settings say, by batches each committed; tells what it did.

    Stopped midway, it goes on the next time. ``dry_run``: only counts.
    """
    journals = files = size = 0
    for source in Source.objects.only("pk", "slug").order_by("pk").iterator():
        cleared = _each(_old_runs(source), _clear_journals, dry_run=dry_run)
        emptied, weight = _clear_files(source, dry_run=dry_run)
        journals, files, size = journals + cleared, files + emptied, size + weight
        if (cleared or emptied) and not dry_run:
            log.info("%s : %d journaux, %d fichiers effacés", source.slug, cleared, emptied)
    refusals = _each(_old_refusals(), _delete, dry_run=dry_run)
    if refusals and not dry_run:
        log.info("%d lignes refusées effacées", refusals)
    imports = _each(_old_imports(), _clear_imports, dry_run=dry_run)
    if imports and not dry_run:
        log.info("%d imports vidés", imports)
    return Removed(journals, files, size, refusals, imports)


def _limit(days: int) -> datetime.datetime | None:
    """What is older goes; None when all is kept."""
    return timezone.now() - datetime.timedelta(days=days) if days else None


def _old_runs(source: Source) -> QuerySet[Run]:
    limit = _limit(settings.KEEP_JOURNALS_DAYS)
    if limit is None:
        return Run.objects.none()
    over = Run.objects.filter(source=source, finished_at__isnull=False)
    told = over.exclude(trigger=Trigger.REPLAY)
    kept = [
        *told.values_list("pk", flat=True)[:KEPT_RUNS],
        *told.filter(state__in=GOOD).values_list("pk", flat=True)[:KEPT_GOOD_RUNS],
    ]
    old = over.filter(finished_at__lt=limit, journal_cleared_at__isnull=True)
    return old.exclude(pk__in=kept)


def _clear_journals(runs: QuerySet[Run]) -> int:
    """The run says that its journal was cleared, and how long it was."""
    found = list(runs.only("requests", "events"))
    now = timezone.now()
    for run in found:
        text = CLEARED.format(
            days=settings.KEEP_JOURNALS_DAYS, requests=len(run.requests), lines=len(run.events)
        )
        run.requests, run.journal_cleared_at = [], now
        run.events = [{"at": now.isoformat(timespec="seconds"), "level": "info", "text": text}]
    return Run.objects.bulk_update(found, ["requests", "events", "journal_cleared_at"])


def _clear_files(source: Source, *, dry_run: bool) -> tuple[int, int]:
    """(files, bytes): a file loses its content, not its name, its date nor who dropped it."""
    limit = _limit(settings.KEEP_DEPOSITS_DAYS)
    held = Deposit.objects.filter(source=source, cleared_at__isnull=True, size__gt=0)
    if limit is None:
        return 0, 0
    kept = list(held.values_list("pk", flat=True)[:KEPT_FILES])
    old = held.filter(created_at__lt=limit).exclude(pk__in=kept)
    sizes = dict(old.values_list("pk", "size"))
    if not dry_run and sizes:
        Deposit.objects.filter(pk__in=sizes).update(content=b"", cleared_at=timezone.now())
    return len(sizes), sum(sizes.values())


def _old_refusals() -> QuerySet[RejectedRow]:
    """Refused rows not met for long, although their source was read well since: one that is not
    read any more keeps them, to be mended and replayed."""
    limit = _limit(settings.KEEP_REFUSALS_DAYS)
    if limit is None:
        return RejectedRow.objects.none()
    read = Run.objects.filter(
        source=OuterRef("source"), state__in=GOOD, reading_since__gt=OuterRef("seen_at")
    ).exclude(trigger=Trigger.REPLAY)
    return RejectedRow.objects.filter(Exists(read), seen_at__lt=limit)


def _old_imports() -> QuerySet[Import]:
    """Their tables may hold people's addresses; applied or not, they serve no more."""
    limit = _limit(settings.KEEP_IMPORTS_DAYS)
    if limit is None:
        return Import.objects.none()
    return Import.objects.filter(created_at__lt=limit, cleared_at__isnull=True)


def _clear_imports(imports: QuerySet[Import]) -> int:
    """An import keeps its name, its dates and its people."""
    return imports.update(rows=[], told=[], done=[], cleared_at=timezone.now())


def _delete(rows: QuerySet[RejectedRow]) -> int:
    return rows.delete()[0]


def _each(rows: QuerySet[Any], clear: Callable[[Any], int], *, dry_run: bool) -> int:
    if dry_run:
        return rows.count()
    return sum(clear(batch) for batch in _batches(rows))


def _batches(rows: QuerySet[Any]) -> Iterator[QuerySet[Any]]:
    """The rows by batches, each in a transaction; what another program holds is left to it."""
    while True:
        with transaction.atomic():
            held = rows.select_for_update(skip_locked=True, of=("self",)).order_by("pk")
            pks = list(held.values_list("pk", flat=True)[:BATCH])
            if not pks:
                return
            yield rows.model._default_manager.filter(pk__in=pks)
