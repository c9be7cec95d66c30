"""Texts checked after a harvest, apart from it: they hold nothing back."""

import datetime
import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import connection, transaction

from partners.models import FlagFamily, Run, Source, SourceRecord
from partners.screening.flagging import Noticed, reconcile
from partners.screening.texts import Kind, remarks

log = logging.getLogger(__name__)
BATCH = 500
# So many records of a source with the same text: it is about the platform, not about a project.
REPEATED = 5
SHORTEST = 40
BOILERPLATE = """
SELECT id, field, number FROM (
    SELECT r.id, t.field, count(*) OVER (PARTITION BY r.source_id, t.field, md5(t.said)) AS number
    FROM partners_sourcerecord r
    CROSS JOIN LATERAL (VALUES ('summary', left(r."values"->>'summary', 400)),
        ('description', left(r."values"->>'description', 400))) AS t (field, said)
    WHERE r.source_id = %s AND r.state <> 'retiree' AND length(t.said) >= %s) counted
WHERE number >= %s
"""
OTHERS = [kind for kind in Kind.values if kind != Kind.BOILERPLATE]


def check_texts(source_id: int, since: datetime.datetime | None = None) -> int:
    """Look at the texts of the source's present records changed since then (all by default), and
    at those that many of them repeat; returns how many flags are new."""
    records = SourceRecord.objects.present().filter(source=source_id)
    if since is not None:
        records = records.filter(changed_at__gte=since)
    new, batch = 0, []
    for record in records.only("pk", "values").order_by("pk").iterator(BATCH):
        batch.append(record)
        if len(batch) == BATCH:
            new += _check(batch)
            batch = []
    return new + _check(batch) + repeated(source_id)


@transaction.atomic
def _check(records: Sequence[SourceRecord]) -> int:
    noticed = {
        r.pk: [Noticed(x.kind, [x.field], x.detail, fields=[x.field]) for x in remarks(r.values)]
        for r in records
    }
    return reconcile(FlagFamily.TEXT, list(noticed), noticed, kinds=OTHERS)


@transaction.atomic
def repeated(source_id: int) -> int:
    """Flag the texts that several records of the source share, one query to find them all."""
    with connection.cursor() as cursor:
        cursor.execute(BOILERPLATE, [source_id, SHORTEST, REPEATED])
        found = cursor.fetchall()
    flagged = SourceRecord.objects.filter(
        source=source_id, flags__kind=Kind.BOILERPLATE, flags__state="a-decider"
    )
    noticed = _gathered(found)
    pks = sorted({*noticed, *flagged.values_list("pk", flat=True)})
    return reconcile(FlagFamily.TEXT, pks, noticed, kinds=[Kind.BOILERPLATE])


def _gathered(found: Iterable[tuple[int, str, int]]) -> dict[int, list[Noticed]]:
    noticed = defaultdict(list)
    for pk, field, number in found:
        told = f"{number} fiches de la source"
        noticed[pk].append(Noticed(Kind.BOILERPLATE, [field], told, fields=[field]))
    return noticed


def check_all(since: datetime.datetime) -> int:
    """The same for every source: what a lost task left aside. Returns how many flags are new."""
    return sum(check_texts(pk, since) for pk in Source.objects.values_list("pk", flat=True))


def after_run(run: Run) -> None:
    """Have the texts that the run brought checked, once this is committed."""
    transaction.on_commit(lambda: _check_later(run))


def _check_later(run: Run) -> None:
    from partners.tasks import check_texts as task

    try:
        task.delay(run.source_id, run.pk)
    except task.OperationalError:
        log.warning("Le service de tâches est injoignable : textes de la source %s", run.source_id)
