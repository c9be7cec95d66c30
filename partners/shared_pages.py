"""An address that several projects give as their page is nobody's page."""

from django.db import transaction
from django.db.models import Count

from innovations import copying
from partners.models import Source, SourceRecord
from partners.publishing import publish_records
from partners.suppression import keep_objections_waiting

BATCH = 500


def forget_shared_pages(source: Source) -> int:
    """Take the address off records that share it, and republish them; returns how many.

    For sources read as a stream, where sharing shows only at the end. In batches, each in its own
    transaction.
    """
    records = SourceRecord.objects.present().filter(source=source).exclude(url="")
    shared = records.values("url").annotate(number=Count("pk")).filter(number__gt=1)
    concerned = list(records.filter(url__in=shared.values("url")).values_list("pk", flat=True))
    for start in range(0, len(concerned), BATCH):
        _forget(concerned[start : start + BATCH])
    return len(concerned)


@transaction.atomic
def _forget(pks: list[int]) -> None:
    keep_objections_waiting()
    records = list(SourceRecord.objects.filter(pk__in=pks))
    for record in records:
        record.url = ""
    copying.update(SourceRecord, records, ["url"])
    publish_records(records)
