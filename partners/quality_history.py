"""How complete the public records are: measured each night, told over time. Set-based."""

import datetime
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from innovations.quality import BY_CODE, CRITERIA, Criterion, points
from partners.models import Partner, QualitySnapshot

BANDS = ", ".join(f"count(*) FILTER (WHERE least(q.score / 10, 9) = {n})" for n in range(10))
ALL = "SELECT NULL::bigint AS partner_id, NULL::bigint AS source_id, i.id AS innovation_id"
PUBLIC = "FROM innovations_innovation i"
OURS = f"""{PUBLIC} JOIN partners_sourcerecord r ON r.innovation_id = i.id AND r.state <> 'retiree'
    JOIN partners_source s ON s.id = r.source_id"""
PUBLISHED = "WHERE i.status = 'publiee'"
# A record that several sources tell counts once for their partner.
SCOPES = f"""
{ALL} {PUBLIC} {PUBLISHED}
UNION SELECT s.partner_id, NULL, i.id {OURS} {PUBLISHED}
UNION SELECT s.partner_id, s.id, i.id {OURS} {PUBLISHED}
"""
OF_PARTNER = f"""
SELECT DISTINCT s.partner_id, NULL::bigint AS source_id, i.id AS innovation_id
{OURS} {PUBLISHED} AND s.partner_id = %(partner)s
"""
MEASURE = """
WITH scope AS MATERIALIZED ({scopes}),
totals AS (
    SELECT scope.partner_id, scope.source_id, count(*) AS records, avg(q.score)::float AS mean,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY q.score) AS median, ARRAY[{bands}] AS bands
    FROM scope JOIN innovations_completeness q USING (innovation_id) GROUP BY 1, 2),
filled AS (
    SELECT partner_id, source_id, jsonb_object_agg(key, share) AS fills FROM (
        SELECT scope.partner_id, scope.source_id, v.key, round(avg(v.value::numeric)) AS share
        FROM scope JOIN innovations_completeness q USING (innovation_id)
        CROSS JOIN LATERAL jsonb_each(q."values") AS v WHERE v.value <> 'null'::jsonb
        GROUP BY 1, 2, 3) each_one GROUP BY 1, 2),
lost AS (
    SELECT partner_id, source_id, jsonb_object_agg(key, won) AS gains FROM (
        SELECT scope.partner_id, scope.source_id, g.key, sum(g.value::numeric) AS won
        FROM scope JOIN innovations_completeness q USING (innovation_id)
        CROSS JOIN LATERAL jsonb_each(q.gains) AS g GROUP BY 1, 2, 3) each_one GROUP BY 1, 2)
SELECT %(day)s::date, t.partner_id, t.source_id, t.records, t.mean, t.median, t.bands,
    coalesce(f.fills, '{{}}'), coalesce((SELECT jsonb_object_agg(key, round(value::numeric /
        t.records, 2)) FROM jsonb_each(l.gains)), '{{}}')
FROM totals t
LEFT JOIN filled f ON f.partner_id IS NOT DISTINCT FROM t.partner_id
    AND f.source_id IS NOT DISTINCT FROM t.source_id
LEFT JOIN lost l ON l.partner_id IS NOT DISTINCT FROM t.partner_id
    AND l.source_id IS NOT DISTINCT FROM t.source_id
"""
COLUMNS = (
    "day", "partner_id", "source_id", "records", "mean", "median", "distribution", "fills", "gains",
)  # fmt: skip
TAKE = f"""
INSERT INTO partners_qualitysnapshot ({", ".join(COLUMNS)})
{MEASURE.format(scopes=SCOPES, bands=BANDS)}
"""
DAYS = 366


@transaction.atomic
def take(day: datetime.date | None = None) -> int:
    """Measure all scopes for the day (today by default), in place of what was measured that day;
    returns how many scopes have records."""
    day = day or timezone.localdate()
    QualitySnapshot.objects.filter(day=day).delete()
    with connection.cursor() as cursor:
        cursor.execute(TAKE, {"day": day})
        return int(cursor.rowcount)


def history(partner: Partner | None = None, *, days: int = DAYS) -> QuerySet[QualitySnapshot]:
    """The partner's measures as a whole (those of all records without one), oldest first."""
    since = timezone.localdate() - datetime.timedelta(days=days)
    found = QualitySnapshot.objects.filter(partner=partner, source=None, day__gte=since)
    return found.order_by("day")


def measured(partner: Partner) -> QualitySnapshot | None:
    """The partner as it stands now, saved nowhere; None without a public record."""
    query = MEASURE.format(scopes=OF_PARTNER, bands=BANDS)
    with connection.cursor() as cursor:
        cursor.execute(query, {"day": timezone.localdate(), "partner": partner.pk})
        row = cursor.fetchone()
    return _snapshot(row) if row else None


def _snapshot(row: Sequence[Any]) -> QualitySnapshot:
    told = dict(zip(COLUMNS, row, strict=True))
    return QualitySnapshot(**told | {name: json.loads(told[name]) for name in ("fills", "gains")})


@dataclass(frozen=True)
class Line:
    """One criterion over many records: how filled it is (percent), and what it costs the mean."""

    criterion: Criterion
    fill: int | None
    gain: float

    @property
    def sentence(self) -> str:
        """« Ajoutez les conditions de duplication : + 6 points »."""
        return f"{self.criterion.advice} : {points(self.gain)}"


def lines(snapshot: QualitySnapshot) -> list[Line]:
    """Criterion by criterion, in the order of the table."""
    return [
        Line(c, snapshot.fills.get(c.code), float(snapshot.gains.get(c.code, 0.0)))
        for c in CRITERIA
        if c.code in snapshot.fills
    ]


def best(snapshot: QualitySnapshot, number: int = 3) -> list[Line]:
    """What would raise the mean most if every record said it, first."""
    known = [line for line in lines(snapshot) if line.gain and line.criterion.code in BY_CODE]
    return sorted(known, key=lambda line: -line.gain)[:number]
