"""The lists of sources and partners beside what they count."""

from typing import Any

from django.db.models import Count, Func, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Lower

from partners.models import Partner, RejectedRow, Run, Source, SourceRecord


def with_last_run(sources: QuerySet[Source]) -> QuerySet[Source]:
    """Adds to each source its last run (``last_run``, ``last_state``, ``last_at``), and how many
    records and refused rows it has (``records_count``, ``rejected_count``)."""
    last = Run.objects.filter(source=OuterRef("pk")).order_by("-created_at", "-pk")
    return sources.select_related("partner").annotate(
        last_run=Subquery(last.values("pk")[:1]),
        last_state=Subquery(last.values("state")[:1]),
        last_at=Subquery(last.values("created_at")[:1]),
        last_message=Subquery(last.values("message")[:1]),
        records_count=_count(SourceRecord.objects.present()),
        rejected_count=_count(RejectedRow.objects.all()),
    )


def tally(records: QuerySet[SourceRecord]) -> dict[str, int]:
    """Number of records by state and the total, in one query."""
    counts = records.tally()  # type: ignore[attr-defined]
    return counts | {"total": sum(counts.values())}


def duration_of(run: Run) -> str:
    """« 12 s », « 3 min 05 s », « 1 h 02 min »; "" before the run begins."""
    if run.duration is None:
        return ""
    minutes, seconds = divmod(round(run.duration.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {seconds:02d} s" if minutes else f"{seconds} s"


def with_counts(partners: QuerySet[Partner]) -> QuerySet[Partner]:
    """Adds ``sources_count`` and ``records_count`` to each partner, in alphabetical order."""
    records = SourceRecord.objects.present()
    return partners.annotate(
        sources_count=_count(Source.objects.taken_on(), "partner"),
        records_count=_count(records, "source__partner"),
    ).order_by(Func(Lower("name"), function="unaccent"), "pk")


def _count(rows: QuerySet[Any], by: str = "source") -> Coalesce:
    counted = rows.filter(**{by: OuterRef("pk")}).order_by().values(by).annotate(n=Count("*"))
    return Coalesce(Subquery(counted.values("n"), output_field=IntegerField()), 0)
