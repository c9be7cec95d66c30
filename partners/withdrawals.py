"""Records no longer at their source: marked, kept through a grace period, then withdrawn."""

import datetime
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import pghistory
from django.db import transaction
from django.utils import timezone

from partners.models import RecordState, Run, Source, SourceRecord
from partners.publishing import publish_records
from partners.querysets import SourceRecordQuerySet
from partners.suppression import keep_objections_waiting

BATCH = 500
# A loss larger than the source's share is an accident, beyond the first few…
ALWAYS_ALLOWED = 10
# … and so is that of most of a small source, beyond a couple.
FEW = 2
DELETED = {
    "field": "record",
    "code": "supprimee-a-la-source",
    "message": "La source a annoncé la suppression de cette fiche.",
}

Turn = Callable[[], AbstractContextManager[None]]


def mark_missing(
    source: Source,
    since: datetime.datetime,
    *,
    run: Run | None = None,
    turn: Turn = transaction.atomic,
) -> tuple[int, str]:
    """After a complete reading begun at ``since``: mark what it did not hold, withdraw what has
    been missing for the source's grace period.

    Returns how many records were withdrawn, and a French warning ("" when all is well). Never
    call it after an empty, failed, limited, stopped or incremental reading. ``turn`` opens each
    transaction. A loss too large is kept in ``source.held_back`` for staff to decide.
    """
    now = timezone.now()
    limit = now - datetime.timedelta(days=source.withdraw_after_days)
    with turn():
        warning = _judged(source, since, limit, run)
        if not warning:
            present = SourceRecord.objects.present().filter(source=source, seen_at__lt=since)
            present.filter(missing_since__isnull=True).update(missing_since=now)
    if warning:
        return 0, warning
    withdrawn = 0
    while gone := _withdraw_some(source, limit, turn):
        withdrawn += gone
    return withdrawn, ""


def _judged(
    source: Source, since: datetime.datetime, limit: datetime.datetime, run: Run | None
) -> str:
    """The sentence that says that too many records are missing, kept for staff; "" otherwise."""
    present = SourceRecord.objects.present().filter(source=source)
    # Those whose grace period is over were judged by an earlier reading.
    judged = present.exclude(seen_at__lt=since, missing_since__lte=limit)
    total, count = judged.count(), judged.filter(seen_at__lt=since).count()
    if _is_accident(count, total, source.largest_loss):
        at = timezone.now().isoformat(timespec="seconds")
        held = {"run": run.pk if run else None, "missing": count, "total": total, "at": at}
        held["since"] = since.isoformat()
        _hold(source, held)
        return (
            f"{count} fiches sur {total} manquent à la source : c’est trop pour être voulu, "
            "aucune n’est retirée. Vérifiez la source."
        )
    _hold(source, {})
    return ""


def _is_accident(count: int, total: int, largest_loss: int) -> bool:
    share = largest_loss / 100
    return count > max(ALWAYS_ALLOWED, total * share) or count > max(FEW, total * max(0.5, share))


def _hold(source: Source, held: dict[str, Any]) -> None:
    if source.held_back != held:
        source.held_back = held
        Source.objects.filter(pk=source.pk).update(held_back=held)


def confirm_loss(source: Source, user: Any) -> int:
    """Staff's decision on a loss held back: withdraw those records now; returns how many."""
    since = _held_since(source)
    if since is None:
        return 0
    withdrawn = 0
    with pghistory.context(user=user.pk if user else None):
        lost = lost_records(source)
        lost.filter(missing_since__isnull=True).update(missing_since=since)
        while gone := _withdraw(source, since):
            withdrawn += gone
        _hold(source, {})
    return withdrawn


def dismiss_loss(source: Source, user: Any) -> int:
    """Staff's other decision: those records stay, as if seen; returns how many.

    The next complete reading without them asks again.
    """
    with pghistory.context(user=user.pk if user else None), transaction.atomic():
        kept = lost_records(source).update(seen_at=timezone.now(), missing_since=None)
        _hold(source, {})
    return kept


def lost_records(source: Source) -> SourceRecordQuerySet:
    """The records whose withdrawal waits for a decision; none when nothing waits."""
    since = _held_since(source)
    if since is None:
        return SourceRecord.objects.none()
    return SourceRecord.objects.present().filter(source=source, seen_at__lt=since)


def _held_since(source: Source) -> datetime.datetime | None:
    said = source.held_back.get("since")
    return datetime.datetime.fromisoformat(said) if said else None


def withdraw_deleted(source: Source, external_ids: Sequence[str]) -> int:
    """Withdraw at once the records that the source says it deleted; returns how many."""
    with transaction.atomic():
        keep_objections_waiting()
        present = SourceRecord.objects.present().filter(source=source)
        gone = list(present.filter(external_id__in=list(external_ids)))
        for record in gone:
            record.problems = [*record.problems, DELETED]
        return _mark_withdrawn(gone)


def _withdraw_some(source: Source, before: datetime.datetime, turn: Turn) -> int:
    with turn():
        return _withdraw(source, before)


@transaction.atomic
def _withdraw(source: Source, before: datetime.datetime) -> int:
    """Withdraw a batch of the records missing since ``before``, and the innovations that no
    record holds any more."""
    keep_objections_waiting()
    missing = SourceRecord.objects.present().filter(source=source, missing_since__lte=before)
    return _mark_withdrawn(list(missing.order_by("pk")[:BATCH]))


def _mark_withdrawn(gone: Sequence[SourceRecord]) -> int:
    for record in gone:
        record.state = RecordState.WITHDRAWN
    SourceRecord.objects.bulk_update(gone, ["state", "problems"], batch_size=BATCH)
    publish_records(gone)
    return len(gone)
