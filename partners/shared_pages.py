"""An address that several projects give as their page is nobody's page."""

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q

from innovations import copying
from partners.models import Source, SourceRecord
from partners.publishing import publish_records
from partners.suppression import keep_objections_waiting
from partners.withdrawals import Turn

BATCH = 500


def forget_shared_pages(source: Source, turn: Turn = transaction.atomic) -> int:
    """Take the address off records that share it, and republish them; returns how many.

    For sources read as a stream, where sharing shows only at the end. In batches, each in a
    transaction that ``turn`` opens. An address taken off some records stays nobody's when another
    claims it later: they keep its ``page_key``.
    """
    present = SourceRecord.objects.present().filter(source=source)
    records = present.exclude(url="")
    shared = records.values("url").annotate(number=Count("pk")).filter(number__gt=1)
    taken_off = present.filter(url="", page_key=OuterRef("page_key")).exclude(page_key="")
    claimed = records.filter(Q(url__in=shared.values("url")) | Exists(taken_off))
    concerned = list(claimed.values_list("pk", flat=True))
    for start in range(0, len(concerned), BATCH):
        with turn():
            _forget(concerned[start : start + BATCH])
    return len(concerned)


def _forget(pks: list[int]) -> None:
    keep_objections_waiting()
    records = list(SourceRecord.objects.filter(pk__in=pks))
    for record in records:
        record.url = ""
    copying.update(SourceRecord, records, ["url"])
    publish_records(records)
