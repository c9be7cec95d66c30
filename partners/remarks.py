"""What a partner sees and says of its records that were merged with others'."""

from collections.abc import Sequence
from typing import Any

import pghistory
from django.db.models import QuerySet
from django.utils import timezone

from innovations.models import Citation
from partners.models import Decision, Moderation, Partner, Remark, SourceRecord
from partners.querysets import ModerationQuerySet


def merged_with(record: SourceRecord) -> list[str]:
    """The names of the other partners whose records are in the same public record; one query."""
    if record.innovation_id is None:
        return []
    others = Citation.objects.filter(innovation=record.innovation_id)
    others = others.exclude(source_record=record.pk).order_by("position")
    return list(dict.fromkeys(others.values_list("partner_name", flat=True)))


def say(record: SourceRecord, text: str, *, author: Any) -> Remark:
    """« Ce n’est pas la même »: it waits for the team; nothing moves."""
    with pghistory.context(user=author.pk):
        return Remark.objects.create(record=record, text=text, author=author)


def settle(remark: Remark, *, author: Any) -> None:
    """The team read it and did what it had to."""
    with pghistory.context(user=author.pk):
        remark.settled_at, remark.settled_by = timezone.now(), author
        remark.save(update_fields=["settled_at", "settled_by"])


def sent_back(partner: Partner) -> ModerationQuerySet:
    """The decisions that hold and that the partner has to know: sent back, or hidden."""
    mine = SourceRecord.objects.filter(source__partner=partner, innovation__isnull=False)
    holding = Moderation.objects.holding(mine.values("innovation"))
    shown = Moderation.objects.filter(pk__in=holding.values("pk"))
    return shown.filter(decision__in=[Decision.SEND_BACK, Decision.UNPUBLISH])


def records_of(moderations: Sequence[Moderation], partner: Partner) -> QuerySet[SourceRecord]:
    """The partner's own records behind these decisions."""
    concerned = [m.innovation_id for m in moderations]
    return SourceRecord.objects.filter(innovation__in=concerned, source__partner=partner)
