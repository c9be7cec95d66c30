"""Staff's decisions on what is declared: for its form, never for its merit.

A decision is journaled with its reason, and undone. Of two who decide at once, one wins.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from essaimage import confirming, editing
from essaimage.models import Publication, Replication, SetAside
from essaimage.models.machines import NEXT_PUBLICATION
from essaimage.tagging import follow
from innovations import bulk
from innovations.models import BulkAction

# Number of the lock under which publications are decided.
LOCK = 0x0E55A1
KIND = "relecture-reprise"


@dataclass(frozen=True)
class Choice:
    """What is decided: the publication wanted, and for what is set aside its reason of form."""

    publication: Publication
    motive: str = ""
    text: str = ""

    @property
    def reason(self) -> str:
        said = SetAside(self.motive).label if self.motive else ""
        return " : ".join(part for part in (said, self.text.strip()) if part)


LABELS = {
    Publication.PUBLISHED: "Publiée",
    Publication.SET_ASIDE: "Écartée",
    Publication.WAITING: "Remise à relire",
}


class CannotDecide(Exception):
    """A decision that is not taken; ``message`` says why, ``field`` where in the form."""

    def __init__(self, message: str, field: str = "") -> None:
        self.message, self.field = message, field
        super().__init__(message)


class ChangedMeanwhile(CannotDecide):
    """It is no longer what was read."""


def decide(replication: Replication, choice: Choice, *, author: Any, seen: str) -> BulkAction:
    """Publish, set aside or put back in the queue what was read; ``seen``: its ``editing.mark``.

    Once it is published, the sides that said nothing yet are asked by e-mail.

    Raises ``CannotDecide``: ``ChangedMeanwhile`` when it changed since, or was decided by another.
    """
    _check(choice)
    label = f"Reprise : {LABELS[choice.publication].lower()}"
    with bulk.recorded(
        REVIEW, [replication.pk], label, author=author, reason=choice.reason
    ) as action:
        held = Replication.objects.select_for_update().get(pk=replication.pk)
        if editing.mark(held) != seen:
            raise ChangedMeanwhile(
                "Cette reprise a changé entre-temps : elle est maintenant "
                f"« {held.get_publication_display().lower()} ». Votre décision n’est pas "
                "appliquée ; relisez-la, puis décidez de nouveau."
            )
        if choice.publication not in NEXT_PUBLICATION[held.publication]:
            raise CannotDecide(
                f"Une reprise « {held.get_publication_display().lower()} » ne peut pas devenir "
                f"« {choice.publication.label.lower()} »."
            )
        _write(held, choice.publication, choice.reason)
        if choice.publication == Publication.PUBLISHED:
            confirming.ask_unheard(held)
    return action


def able(replication: Replication) -> set[str]:
    """What may be decided of it as it stands."""
    return set(NEXT_PUBLICATION[replication.publication])


def last_decision(replication: Replication) -> BulkAction | None:
    """The decision that stands, with its author; None when nobody decided."""
    found = BulkAction.objects.standing().filter(kind=KIND, changes__row=replication.pk)
    return found.select_related("author").order_by("-pk").first()


def _check(choice: Choice) -> None:
    if choice.publication not in LABELS:
        raise CannotDecide("Choisissez une décision.")
    if choice.publication == Publication.SET_ASIDE and choice.motive not in SetAside.values:
        raise CannotDecide("Choisissez le motif : il est de forme, jamais de mérite.", "motive")


def _write(held: Replication, publication: str, reason: str) -> None:
    held.publication, held.publication_reason = publication, reason
    held.save(update_fields=["publication", "publication_reason"])
    follow([held.innovation_id])


def take_turn() -> None:
    """Wait until nobody else decides; until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _read(ids: Sequence[int]) -> dict[int, Any]:
    rows = Replication.objects.filter(pk__in=ids)
    return {
        pk: {"publication": publication, "reason": reason}
        for pk, publication, reason in rows.values_list("pk", "publication", "publication_reason")
    }


def _restore(states: bulk.States, author: Any) -> set[int]:
    restored = set()
    for held in Replication.objects.select_for_update().filter(pk__in=list(states)):
        before = states[held.pk]
        if before["publication"] in NEXT_PUBLICATION[held.publication]:
            _write(held, before["publication"], before["reason"])
            restored.add(held.pk)
    return restored


def names(ids: Sequence[int]) -> Mapping[int, tuple[str, int | None]]:
    found = Replication.objects.filter(pk__in=ids).select_related("innovation", "territory")
    return {r.pk: (f"{r.innovation.title} – {r.target or r.code}", r.innovation_id) for r in found}


REVIEW = bulk.register(
    bulk.Kind(KIND, "essaimage.review_replication", _read, _restore, names, take_turn)
)
