"""Obstacles that staff record: public at once, with their journal."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from essaimage import keeping
from essaimage.models import Interpretation, Obstacle, Publication
from essaimage.moving import TEAM
from essaimage.obstacles.signalling import open_journal


@transaction.atomic
def add(typed: Mapping[str, Any], *, author: Any) -> Obstacle:
    """Record an obstacle, told of (not lifted yet). Raises ``ValidationError``."""
    row = Obstacle(publication=Publication.PUBLISHED)
    made: Obstacle = keeping.write(row, typed, seen="", author=author, motive="Obstacle ajouté")
    open_journal(made, TEAM, user=author)
    return made


def add_interpretation(
    obstacle: Obstacle, typed: Mapping[str, Any], *, author: Any
) -> Interpretation:
    """Record how it is read elsewhere. Raises ``ValidationError``."""
    row = Interpretation(obstacle=obstacle, publication=Publication.PUBLISHED)
    made: Interpretation = keeping.write(
        row, typed, seen="", author=author, motive="Interprétation ajoutée"
    )
    return made
