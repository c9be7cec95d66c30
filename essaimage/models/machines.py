"""Which states may follow which, and the triggers by which the database refuses any other move."""

from collections.abc import Mapping

import pgtrigger

from essaimage.models.words import Publication

P = Publication
# Of all that is moderated: replications, obstacles, readings of them, experiments, results.
NEXT_PUBLICATION: dict[str, tuple[str, ...]] = {
    P.UNCONFIRMED: (P.WAITING,),
    P.WAITING: (P.PUBLISHED, P.SET_ASIDE),
    P.PUBLISHED: (P.WAITING, P.SET_ASIDE),
    P.SET_ASIDE: (P.WAITING, P.PUBLISHED),
}


def machine(name: str, field: str, following: Mapping[str, tuple[str, ...]]) -> pgtrigger.FSM:
    """The trigger that lets ``field`` change only as ``following`` says."""
    pairs = [(str(one), str(other)) for one, others in following.items() for other in others]
    return pgtrigger.FSM(name=name, field=field, transitions=pairs)


def publication_machine(name: str) -> pgtrigger.FSM:
    return machine(name, "publication", NEXT_PUBLICATION)
