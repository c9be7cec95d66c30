"""Records no longer at their source: marked, kept through a grace period, then withdrawn."""

import datetime
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import pghistory
from django.db import transaction
from django.utils import timezone

from carrefour.french import agree, counted, grouped
from partners import contracts
from partners.models import RecordState, Run, Source, SourceRecord
from partners.publishing import publish_records
from partners.querysets import SourceRecordQuerySet
from partners.suppression import keep_objections_waiting

BATCH = 500
# A loss larger than the source's share is an accident, beyond the first few…
ALWAYS_ALLOWED = 10
# … and so is that of most of a small source, beyond a couple.
FEW = 2
# The mark of a record that its source says it deleted; one given again is made again without it.
DELETED = {
    "field": "record",
    "code": "supprimee-a-la-source",
    "message": "La source a annoncé la suppression de cette fiche.",
}
MARK = [{"code": DELETED["code"]}]

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
    missing = SourceRecord.objects.present().filter(source=source, missing_since__lte=limit)
    while gone := _withdraw_some(missing, turn):
        withdrawn += gone
    return withdrawn, ""


def announce_deleted(source: Source, external_ids: Sequence[str]) -> None:
    """Mark the records that the source says it deleted, until the reading's end judges them."""
    if not external_ids:
        return
    present = SourceRecord.objects.present().filter(source=source)
    new = present.filter(external_id__in=list(external_ids)).exclude(problems__contains=MARK)
    marked = list(new.only("problems"))
    for record in marked:
        record.problems = [*record.problems, DELETED]
    SourceRecord.objects.bulk_update(marked, ["problems"], batch_size=BATCH)


def announced(source: Source) -> SourceRecordQuerySet:
    """The present records that the source said it deleted."""
    return SourceRecord.objects.present().filter(source=source, problems__contains=MARK)


def withdraw_announced(
    source: Source,
    since: datetime.datetime,
    *,
    run: Run | None = None,
    turn: Turn = transaction.atomic,
) -> tuple[int, str]:
    """After a reading begun at ``since`` that went to its end: withdraw at once what the source
    said it deleted, unless that is so much that it must be an accident.

    Returns and holds back as ``mark_missing`` does.
    """
    with turn():
        total = SourceRecord.objects.present().filter(source=source).count()
        count = announced(source).count()
        if _is_accident(count, total, source.largest_loss):
            _hold(source, _held(run, since, count, total) | {"announced": True})
            return 0, (
                f"La source annonce la suppression de {counted(count, 'fiche')} sur "
                f"{grouped(total)} : c’est trop pour "
                "être voulu, aucune n’est retirée. Vérifiez la source."
            )
        if source.held_back.get("announced"):
            _hold(source, {})
    withdrawn = 0
    while gone := _withdraw_some(announced(source), turn):
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
        _hold(source, _held(run, since, count, total))
        return (
            f"{counted(count, 'fiche')} sur {grouped(total)} "
            f"{agree(count, 'manque', 'manquent')} à la source : c’est trop pour être voulu, "
            "aucune n’est retirée. Vérifiez la source."
        )
    _hold(source, {})
    return ""


def _is_accident(count: int, total: int, largest_loss: int) -> bool:
    share = largest_loss / 100
    return count > max(ALWAYS_ALLOWED, total * share) or count > max(FEW, total * max(0.5, share))


def _held(run: Run | None, since: datetime.datetime, count: int, total: int) -> dict[str, Any]:
    return {
        "run": run.pk if run else None,
        "missing": count,
        "total": total,
        "at": timezone.now().isoformat(timespec="seconds"),
        "since": since.isoformat(),
    }


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
        while gone := _withdraw(lost):
            withdrawn += gone
        _hold(source, {})
        told = f"{counted(withdrawn, 'fiche retirée')} sur décision de l’équipe."
        contracts.measure_again(source, told)
    return withdrawn


def dismiss_loss(source: Source, user: Any) -> int:
    """Staff's other decision: those records stay, as if seen; returns how many.

    The next complete reading without them asks again.
    """
    with pghistory.context(user=user.pk if user else None), transaction.atomic():
        kept = [*lost_records(source).only("problems")]
        for record in kept:
            record.problems = [p for p in record.problems if p.get("code") != DELETED["code"]]
            record.seen_at, record.missing_since = timezone.now(), None
        names = ["problems", "seen_at", "missing_since"]
        SourceRecord.objects.bulk_update(kept, names, batch_size=BATCH)
        _hold(source, {})
    return len(kept)


def lost_records(source: Source) -> SourceRecordQuerySet:
    """The records whose withdrawal waits for a decision; none when nothing waits."""
    since = _held_since(source)
    if since is None:
        return SourceRecord.objects.none()
    if source.held_back.get("announced"):
        return announced(source)
    return SourceRecord.objects.present().filter(source=source, seen_at__lt=since)


def withdraw_all(source: Source, turn: Turn = transaction.atomic) -> int:
    """Withdraw every record of the source: its partner left and wants them gone."""
    present = SourceRecord.objects.present().filter(source=source)
    withdrawn = 0
    while gone := _withdraw_some(present, turn):
        withdrawn += gone
    return withdrawn


def _held_since(source: Source) -> datetime.datetime | None:
    said = source.held_back.get("since")
    return datetime.datetime.fromisoformat(said) if said else None


def _withdraw_some(missing: SourceRecordQuerySet, turn: Turn) -> int:
    with turn():
        return _withdraw(missing)


@transaction.atomic
def _withdraw(missing: SourceRecordQuerySet) -> int:
    """Withdraw a batch of these records, and the innovations that no record holds any more."""
    keep_objections_waiting()
    gone = list(missing.order_by("pk")[:BATCH])
    for record in gone:
        record.state = RecordState.WITHDRAWN
    SourceRecord.objects.bulk_update(gone, ["state"], batch_size=BATCH)
    publish_records(gone)
    return len(gone)
