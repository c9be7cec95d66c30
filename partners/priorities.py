"""A source's priorities: what changing them would change, and composing its records again."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pghistory
from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from innovations.composition import STAFF, Contribution, compose
from innovations.models import Innovation
from innovations.record_page import field_label
from innovations.telling import told
from partners.consolidation.tellings import Reading
from partners.models import Recomposition, Source, SourceRecord
from partners.publishing import edits_of, republish
from partners.suppression import keep_objections_waiting

# Public records read to show what would change; the count of those concerned is exact.
EXAMINED = 100
BATCH = 200
BEFORE, AS_OTHERS, AFTER = 10, 0, -10


@dataclass(frozen=True)
class Effect:
    """A public record that would show another partner's words: (field, before, after)."""

    innovation: Innovation
    changes: list[tuple[str, str, str]]


@dataclass(frozen=True)
class Effects:
    concerned: int
    examined: int
    changed: list[Effect]


def shared(source: Source) -> list[int]:
    """The public records that this source tells with others, the only ones it may change."""
    mine = SourceRecord.objects.filter(source=source, innovation__isnull=False)
    several = SourceRecord.objects.filter(innovation__in=mine.values("innovation"))
    counted = several.values("innovation").annotate(number=Count("pk")).filter(number__gt=1)
    return list(counted.order_by("innovation").values_list("innovation", flat=True))


def effects(source: Source, priority: int, field_priorities: Mapping[str, int]) -> Effects:
    """What these priorities would change, over the first records concerned; nothing is written."""
    ids = shared(source)
    looked = ids[:EXAMINED]
    records = list(
        SourceRecord.objects.present()
        .filter(innovation__in=looked)
        .select_related("source__partner")
        .defer("raw", "problems")
    )
    reading = Reading(records)
    edits, rows = edits_of(looked), Innovation.objects.in_bulk(looked)
    by_innovation: dict[int, list[int]] = {}
    for record in records:
        by_innovation.setdefault(record.innovation_id or 0, []).append(record.pk)
    changed = []
    for pk, members in by_innovation.items():
        now = reading.of(members)
        wanted = [_with(c, source, priority, field_priorities) for c in now]
        if changes := list(_changes(now, wanted, edits.get(pk, {}), reading)):
            changed.append(Effect(rows[pk], changes))
    return Effects(len(ids), len(looked), changed)


@transaction.atomic
def set_priorities(
    source: Source, priority: int, field_priorities: Mapping[str, int], *, author: Any
) -> Recomposition:
    """Write the priorities, and ask for the records concerned to be composed again."""
    with pghistory.context(user=author.pk):
        source.priority, source.field_priorities = priority, dict(field_priorities)
        source.save(update_fields=["priority", "field_priorities"])
    return Recomposition.objects.create(source=source, author=author, total=len(shared(source)))


def recompose(asked: Recomposition) -> int:
    """Compose the records concerned again, batch by batch, saying how far it is; how many were."""
    ids = shared(asked.source)
    asked.total, asked.done = len(ids), 0
    for start in range(0, len(ids), BATCH):
        with transaction.atomic(), pghistory.context(user=asked.author_id):
            keep_objections_waiting()
            republish(ids[start : start + BATCH])
        asked.done = min(start + BATCH, len(ids))
        asked.save(update_fields=["total", "done"])
    asked.ended_at = timezone.now()
    asked.save(update_fields=["total", "done", "ended_at"])
    return asked.done


def _with(
    said: Contribution, source: Source, priority: int, field_priorities: Mapping[str, int]
) -> Contribution:
    if said.source_slug != source.slug:
        return said
    return replace(said, priority=priority, field_priorities=field_priorities)


def _changes(
    now: Sequence[Contribution],
    wanted: Sequence[Contribution],
    edits: Mapping[str, Any],
    reading: Reading,
) -> Iterator[tuple[str, str, str]]:
    before, after = compose(now, edits), compose(wanted, edits)
    for name, value in after.values.items():
        if after.origins.get(name) == STAFF or value == before.values.get(name):
            continue
        was = told(name, before.values.get(name), reading.labels)
        yield field_label(name), was, told(name, value, reading.labels)
