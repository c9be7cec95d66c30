"""Stable addresses: a slug from the title, given once and never changed."""

from collections import Counter
from collections.abc import Mapping, Sequence

from django.db import connection, models
from django.utils.text import slugify

from carrefour.text import key
from innovations.models import Innovation

LENGTH = 90
TAKEN = "SELECT slug FROM {} WHERE slug = ANY(%s)"
# Byte-wise comparisons: the index for LIKE serves them, whatever the database's collation.
NUMBERED = """
SELECT slug FROM unnest(%s::text[]) AS wish JOIN {}
ON slug ~>=~ (wish || '-') AND slug ~<~ (wish || '.') AND slug ~ '-[0-9]+$'
"""


def assign(innovations: Sequence[Innovation], preferred: Mapping[int, str]) -> None:
    """Give each new innovation a free slug; ``preferred`` maps ``id(innovation)`` to a wish."""
    if not innovations:
        return
    wishes = [_base(preferred.get(id(i), "") or i.title) for i in innovations]
    for innovation, slug in zip(innovations, all_free(Innovation, wishes), strict=True):
        innovation.slug = slug


def all_free(model: type[models.Model], wishes: Sequence[str]) -> list[str]:
    """A free slug for each wish, in order; one query, two when some wishes are taken.

    Only what is committed, or written by this transaction, counts as taken.
    """
    taken = taken_among(model, wishes)
    reached: dict[str, int] = {}
    given = []
    for wish in wishes:
        slug, reached[wish] = _next(wish, taken, reached.get(wish, 1))
        taken.add(slug)
        given.append(slug)
    return given


def taken_among(model: type[models.Model], wishes: Sequence[str]) -> set[str]:
    """The wishes already given out; and of those, and of repeated ones, wish-2, wish-3…"""
    with connection.cursor() as cursor:
        cursor.execute(TAKEN.format(model._meta.db_table), [list(set(wishes))])
        taken = {slug for (slug,) in cursor.fetchall()}
        asked_twice = [wish for wish, times in Counter(wishes).items() if times > 1]
        if sharing := [*{*taken, *asked_twice}]:
            cursor.execute(NUMBERED.format(model._meta.db_table), [sharing])
            taken |= {slug for (slug,) in cursor.fetchall()}
    return taken


def _next(wish: str, taken: set[str], number: int) -> tuple[str, int]:
    slug = wish if number == 1 else f"{wish}-{number}"
    while slug in taken:
        number += 1
        slug = f"{wish}-{number}"
    return slug, number


def free(wish: str, taken: set[str]) -> str:
    """``wish``, or the first of wish-2, wish-3… that is not taken."""
    slug, number = wish, 1
    while slug in taken:
        number += 1
        slug = f"{wish}-{number}"
    return slug


def _base(text: str) -> str:
    return slugify(key(text))[:LENGTH].strip("-") or "innovation"
