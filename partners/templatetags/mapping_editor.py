"""What the mapping editor's templates need: certainties in words, chosen terms."""

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.filter
def certainty(confidence: float) -> str:
    """« presque sûr », « probable », « incertain »: a confidence from 0 to 1, in words."""
    if confidence >= 0.9:
        return "presque sûr"
    return "probable" if confidence >= 0.6 else "incertain"


@register.filter
def decided(decisions: Mapping[str, str], said: str) -> str:
    """The term chosen for « vocabulary:word », or ""."""
    return decisions.get(said, "")


@register.filter
def joined(left: Any, right: Any) -> str:
    return f"{left}:{right}"


@register.filter
def has_column(columns: list[tuple[str, str, int]], path: str) -> bool:
    """Whether the path is one of the sample's columns."""
    return any(known == path for known, _, _ in columns)


@register.filter
def has_choice(choices: list[tuple[str, str]], value: str) -> bool:
    """Whether the value is one of a field's fixed choices."""
    return any(known == value for known, _ in choices)
