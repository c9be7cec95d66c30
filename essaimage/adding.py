"""A replication written by the team: a statement of its own, or a site that the harvest found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pghistory
from django.db import IntegrityError, transaction
from django.utils.text import slugify

from essaimage import editing, moving
from essaimage.models import Origin, Publication, Replication
from essaimage.moving import Author, Passed
from innovations import slugs
from innovations.models import Innovation

LONGEST_CODE = 70
TRIES = 5


@dataclass(frozen=True)
class Told:
    """``values``: field → the form's value; ``passed``: what is known of the states up to
    ``state``; ``reason``: what shows it."""

    state: str
    reason: str
    values: Mapping[str, Any]
    passed: Sequence[Passed] = ()
    origin: Origin = Origin.STAFF


@transaction.atomic
def add(innovation: Innovation, told: Told, *, author: Any) -> Replication:
    """Write it, public at once, with the first steps of its journal.

    Raises ``ValidationError``, and ``CannotMove`` for dates that cannot be.
    """
    made = Replication(
        innovation=innovation,
        state=told.state,
        publication=Publication.PUBLISHED,
        origin=told.origin,
    )
    with pghistory.context(user=author.pk, motif=told.reason):
        _save(made, told.values)
        made.partners.set(told.values.get("partners", ()))
        by = Author(moving.TEAM, author)
        moving.open_journal(made, by, reason=told.reason, passed=told.passed)
    return made


def _save(made: Replication, values: Mapping[str, Any]) -> None:
    """With a code that nobody has: another may take it at this instant."""
    for left in reversed(range(TRIES)):
        made.code = _free_code(made.innovation, values)
        editing.fill(made, values)
        try:
            with transaction.atomic():
                made.save()
                return
        except IntegrityError:
            if not left:
                raise


def _free_code(innovation: Innovation, values: Mapping[str, Any]) -> str:
    territory = values.get("territory")
    repreneur = values.get("repreneur") or values.get("repreneur_name", "")
    where = territory.name if territory else repreneur or values.get("sector", "")
    wish = slugify(f"{innovation.slug[:40]} {where}")[:LONGEST_CODE].strip("-")
    taken = Replication.objects.filter(code__startswith=wish).values_list("code", flat=True)
    return slugs.free(wish, set(taken))
