"""What a source is held to: volume, licence, fields and columns of its sample, checked at each run.

A field without which a record is refused (``Source.mandatory``) is checked as records are stored.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import Count
from django.utils import timezone

from carrefour.french import counted
from innovations.licences import Licence
from partners import drift, runs
from partners.mapping.record import WORD_TARGETS
from partners.models import Run, Source, SourceRecord
from partners.runs import GOOD

SAMPLED = 5
COMPARED = 200
COLUMNS_GONE = "Colonnes disparues depuis l’échantillon de référence : "
DECLARED = ", alors que la source est déclarée sous "
EMPTY = "('\"\"', 'null', '[]', '{}')"
# One line per filled field and present record, under the name of its target.
FILLS = f"""
SELECT name, count(*) FROM partners_sourcerecord r, LATERAL (
    SELECT e.key FROM jsonb_each(r."values") e
    WHERE e.key NOT IN ('words', 'reproduction', 'porteur') AND e.value NOT IN {EMPTY}
    UNION ALL
    SELECT e.key FROM jsonb_each(
        coalesce(r."values" -> 'words', '{{}}') || coalesce(r."values" -> 'reproduction', '{{}}')
    ) e WHERE e.value NOT IN {EMPTY}
    UNION ALL SELECT 'porteur_name' WHERE r."values" #>> '{{porteur,name}}' <> ''
    UNION ALL SELECT 'url' WHERE r.url <> ''
    UNION ALL SELECT 'place' WHERE r.sites <> '[]'
) AS filled(name)
WHERE r.source_id = %s AND r.state <> 'retiree' GROUP BY name
"""
COLUMNS = """
SELECT DISTINCT jsonb_object_keys(line) FROM (
    SELECT raw FROM partners_sourcerecord
    WHERE source_id = %s AND state <> 'retiree' AND seen_at >= %s LIMIT %s
) r, jsonb_array_elements(r.raw) line WHERE jsonb_typeof(line) = 'object'
"""


def breaches(source: Source, run: Run, before: Run | None = None) -> list[str]:
    """French sentences on what a good run does not hold to; no query.

    Volume and filled fields, against the contract, the sample and the good run before, if given.
    What a query must tell (columns, licences) is in ``run.warnings``, where ``check`` put it.
    """
    found = [*drift.breaches(source, run, None), *drift.breaches(source, run, before)]
    return list({drift.kind_of(sentence): sentence for sentence in reversed(found)}.values())[::-1]


def check(source: Source, run: Run) -> list[str]:
    """All that the run just done does not hold to; writes nothing. ``measure`` comes first."""
    return [
        *breaches(source, run, _good_before(run)),
        *_other_licences(source),
        *_columns_gone(source, run),
    ]


def said(run: Run) -> list[str]:
    """Those of the run's warnings that only ``check`` can tell (columns, licences); no query."""
    return [w for w in run.warnings if w.startswith(COLUMNS_GONE) or DECLARED in w]


def measure(source: Source, run: Run) -> None:
    """Fill ``run.present`` and ``run.fills`` from the records as they stand; does not save."""
    before = _good_before(run)
    changed = sum(run.counts.get(name, 0) for name in ("created", "updated", "withdrawn"))
    present = SourceRecord.objects.present().filter(source=source).count()
    if before is not None and before.fills and not changed and before.present == present:
        run.present, run.fills = present, before.fills
    else:
        run.present, run.fills = present, filled(source, present)


@transaction.atomic
def measure_again(source: Source, text: str) -> None:
    """After staff withdrew records by themselves: the last good run tells what is left, and says
    why in its journal (``text``). What they decided is no jump of the source's volume."""
    good = Run.objects.select_for_update().filter(source=source, state__in=GOOD)
    run = good.order_by("-created_at", "-pk").first()
    if run is None:
        return
    present = SourceRecord.objects.present().filter(source=source).count()
    gone = max(0, (run.present or 0) - present)  # none when the run did not count
    run.counts["withdrawn"] = run.counts.get("withdrawn", 0) + gone
    run.counts["decided"] = run.counts.get("decided", 0) + gone
    run.present, run.fills = present, filled(source, present)
    run.save(update_fields=["counts", "present", "fills"])
    runs.note(run, "info", text)


def filled(source: Source, present: int) -> dict[str, float]:
    """Target → share of the present records where it is filled, from 0 to 1."""
    with connection.cursor() as cursor:
        cursor.execute(FILLS, [source.pk])
        counts = dict(cursor.fetchall())
    plural: dict[str | None, str] = {one: target for target, one in WORD_TARGETS.items()}
    return {
        plural.get(name, str(name)): round(number / present, 4)
        for name, number in sorted(counts.items())
        if present
    }


def take_sample(source: Source) -> dict[str, Any]:
    """Keep what the source gives today as what is expected of it; returns the sample."""
    present = SourceRecord.objects.present().filter(source=source)
    raw = present.order_by("-seen_at", "pk").values_list("raw", flat=True)[:SAMPLED]
    source.sample = {
        "taken_at": timezone.now().isoformat(timespec="seconds"),
        "rows": [rows[0] for rows in raw if rows],
        "fills": filled(source, present.count()),
    }
    Source.objects.filter(pk=source.pk).update(sample=source.sample)
    return source.sample


def _good_before(run: Run) -> Run | None:
    good = Run.objects.filter(source=run.source_id, state__in=GOOD, created_at__lt=run.created_at)
    return good.filter(present__isnull=False).first()


def _other_licences(source: Source) -> list[str]:
    """A declared licence that records contradict."""
    if source.licence == Licence.UNKNOWN:
        return []
    present = SourceRecord.objects.present().filter(source=source)
    others = present.exclude(licence__in=[source.licence, Licence.UNKNOWN])
    by_licence = others.order_by().values_list("licence").annotate(number=Count("pk"))
    return [
        f"{counted(number, 'fiche')} sous « {Licence(licence).label} »{DECLARED}"
        f"« {Licence(source.licence).label} »."
        for licence, number in by_licence.order_by("-number", "licence")
    ]


def _columns_gone(source: Source, run: Run) -> list[str]:
    """Columns that every row of the sample had and that no row has any more."""
    gone = _common_columns(source.sample.get("rows") or []) - _columns(source, run)
    if not gone or run.is_incremental:
        return []
    names = ", ".join(f"« {name} »" for name in sorted(gone)[:10])
    return [f"{COLUMNS_GONE}{names}."]


def _common_columns(rows: Sequence[Any]) -> set[str]:
    known = [set(row) for row in rows if isinstance(row, dict)]
    return set.intersection(*known) if known else set()


def _columns(source: Source, run: Run) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS, [source.pk, run.reading_since, COMPARED])
        return {name for (name,) in cursor.fetchall()}
