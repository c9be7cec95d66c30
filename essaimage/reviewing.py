"""Staff's decisions on what is told of obstacles, readings of them, experiments and results: for
form, never for merit. Those on replications are undone too (``moderating``)."""

from typing import Any

import pghistory
from django.db import transaction

from essaimage import keeping
from essaimage.models import Publication
from essaimage.models.machines import NEXT_PUBLICATION

LABELS = {
    Publication.PUBLISHED: "Publication",
    Publication.SET_ASIDE: "Mise à l’écart",
    Publication.WAITING: "Remise à relire",
}


CHANGED = "Quelqu’un l’a changé ou décidé entre-temps : relisez, puis décidez de nouveau."


class CannotReview(Exception):
    """A decision that is not taken; ``message`` says why, ``field`` where in the form."""

    def __init__(self, message: str, field: str = "") -> None:
        self.message, self.field = message, field
        super().__init__(message)


def choices(row: Any) -> list[tuple[str, str]]:
    """What may be decided of it as it stands: (publication, what it is called)."""
    able = NEXT_PUBLICATION[row.publication]
    return [(p.value, said) for p, said in LABELS.items() if p.value in able]


@transaction.atomic
def decide(row: Any, publication: str, *, reason: str, seen: str, author: Any) -> Any:
    """Publish, set aside or put back what was read (``seen``: its mark).

    Raises ``CannotReview``, ``ChangedMeanwhile`` when it is no longer what was read.
    """
    reason = reason.strip()
    if publication not in LABELS:
        raise CannotReview("Choisissez une décision.")
    if publication == Publication.SET_ASIDE and not reason:
        raise CannotReview("Dites le motif de forme : il reste dans l’historique.", "reason")
    kept = keeping.held(row, seen, {})
    if publication not in NEXT_PUBLICATION[kept.publication]:
        raise CannotReview("Cette décision n’est pas possible dans l’état où elle est.")
    with pghistory.context(user=author.pk, motif=LABELS[Publication(publication)]):
        kept.publication = publication
        if hasattr(kept, "publication_reason"):
            kept.publication_reason = reason
        kept.save()
    return kept
