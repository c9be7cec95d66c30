"""What the pages of duplicates and moderation need: likenesses in words, letters of records."""

from collections.abc import Sequence
from typing import Any

from django import template

from carrefour import keyboard
from partners.consolidation import networks, queue
from partners.models import Pair, SourceRecord

register = template.Library()
register.filter("verdict_label", queue.verdict_label)
register.filter("keys_are_on", keyboard.are_on)
register.filter("network_name", networks.name_of)

PAIR_CHOICES = [
    ("meme", "Même innovation", "M"),
    ("site-premiere", "A est un autre lieu", "A"),
    ("site-seconde", "B est un autre lieu", "B"),
    ("distinctes", "Distinctes", "D"),
    ("incertain", "Je ne peux pas dire", "N"),
    ("plus-tard", "Plus tard", "P"),
]


@register.filter
def pair_choices(_: Any) -> list[tuple[str, str, str]]:
    """(value, label, key) of each decision."""
    return PAIR_CHOICES


@register.filter
def percent(part: float | None) -> int:
    return round(100 * (part or 0))


@register.filter
def number(value: Any) -> str:
    """A number as HTML writes it, whatever the language of the page."""
    return f"{float(value or 0):.3f}"


@register.filter
def likeness(similarity: float) -> str:
    """A similarity from 0 to 1, in words."""
    words = [(0.95, "identique"), (0.75, "très proche"), (0.4, "un peu proche")]
    return next((word for least, word in words if similarity >= least), "différent")


@register.filter
def letters(pair: Pair, records: Sequence[tuple[str, SourceRecord]]) -> str:
    """« A et C »: which of the records shown a pair is about; « ? » for one that is not."""
    known = {record.pk: letter for letter, record in records}
    return f"{known.get(pair.first_id, '?')} et {known.get(pair.second_id, '?')}"


@register.filter
def nth(items: Sequence[Any], rank: int) -> Any:
    return items[rank]
