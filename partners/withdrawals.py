"""Records no longer at their source: marked, kept through a grace period, then withdrawn."""

import datetime

from django.db import transaction
from django.utils import timezone

from partners.models import RecordState, Source, SourceRecord
from partners.publishing import publish_records
from partners.suppression import keep_objections_waiting

# More records missing at once than this share (beyond the first few) is an accident at the source.
LARGEST_SHARE = 0.30
ALWAYS_ALLOWED = 10
# Of a small source, more than half missing (beyond a couple) is one too.
FEW = 2


def mark_missing(source: Source, since: datetime.datetime) -> tuple[int, str]:
    """After a complete reading begun at ``since``: mark what it did not hold, withdraw what has
    been missing for the source's grace period.

    Returns how many records were withdrawn, and a French warning ("" when all is well). Never
    call it after an empty, failed, limited or stopped reading.
    """
    now = timezone.now()
    present = SourceRecord.objects.present().filter(source=source)
    missing = present.filter(seen_at__lt=since)
    total, count = present.count(), missing.count()
    if _is_accident(count, total):
        return 0, (
            f"{count} fiches sur {total} manquent à la source : c’est trop pour être voulu, "
            "aucune n’est retirée. Vérifiez la source."
        )
    missing.filter(missing_since__isnull=True).update(missing_since=now)
    grace = datetime.timedelta(days=source.withdraw_after_days)
    return withdraw(source, before=now - grace), ""


def _is_accident(count: int, total: int) -> bool:
    return count > max(ALWAYS_ALLOWED, total * LARGEST_SHARE) or count > max(FEW, total / 2)


@transaction.atomic
def withdraw(source: Source, before: datetime.datetime) -> int:
    """Withdraw the records missing since ``before``, and the innovations that no record holds."""
    keep_objections_waiting()
    gone = list(SourceRecord.objects.present().filter(source=source, missing_since__lte=before))
    for record in gone:
        record.state = RecordState.WITHDRAWN
    SourceRecord.objects.bulk_update(gone, ["state"], batch_size=500)
    publish_records(gone)
    return len(gone)
