"""Stable addresses: a slug from the title, given once and never changed."""

import re
from collections.abc import Mapping, Sequence

from django.db.models import Q
from django.utils.text import slugify

from carrefour.text import key
from innovations.models import Innovation

LENGTH = 90


def assign(innovations: Sequence[Innovation], preferred: Mapping[int, str]) -> None:
    """Give each new innovation a free slug; ``preferred`` maps ``id(innovation)`` to a wish."""
    if not innovations:
        return
    wishes = [_base(preferred.get(id(i), "") or i.title) for i in innovations]
    taken = _taken(set(wishes))
    for innovation, wish in zip(innovations, wishes, strict=True):
        innovation.slug = free(wish, taken)
        taken.add(innovation.slug)


def free(wish: str, taken: set[str]) -> str:
    """``wish``, or the first of wish-2, wish-3… that is not taken."""
    slug, number = wish, 1
    while slug in taken:
        number += 1
        slug = f"{wish}-{number}"
    return slug


def _base(text: str) -> str:
    return slugify(key(text))[:LENGTH].strip("-") or "innovation"


def _taken(wishes: set[str]) -> set[str]:
    query = Q(slug__in=wishes)
    if len(wishes) <= 50:
        for wish in wishes:
            query |= Q(slug__regex=rf"^{re.escape(wish)}-\d+$")
        return set(Innovation.objects.filter(query).values_list("slug", flat=True))
    return set(Innovation.objects.values_list("slug", flat=True))
