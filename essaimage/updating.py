"""« Tenir cette reprise à jour »: a side moves the state and tells what became of it, by links.

Each gesture uses the link that opened the page, and hands the next one on the screen.
"""

from collections.abc import Mapping
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from essaimage import confirming, holding, links, mailing, moving, tellings
from essaimage.confirming import CannotAsk
from essaimage.declaring import side_of
from essaimage.models import Party, Publication, Purpose, Replication, ReplicationStep
from essaimage.moving import Author, Move

UPDATED = (Publication.WAITING, Publication.PUBLISHED)
# One mail for one side in so many seconds, whoever asks.
BETWEEN_MAILS = 600
CONTESTED = (
    "Ce côté conteste la reprise : il ne la tient pas à jour. Pour changer d’avis, demandez un "
    "lien depuis la page de la reprise."
)


def ask_link(replication: Replication, email: str) -> None:
    """Mail a link to the sides that have this address, if there are any.

    Nothing tells who asks whether there are: the mail leaves later, by a task.
    """
    from essaimage import tasks

    sides = Party.objects.filter(replication=replication, email__iexact=email).exclude(email="")
    for pk in sides.values_list("pk", flat=True):
        if cache.add(f"tenir-a-jour:{pk}", 1, BETWEEN_MAILS):
            transaction.on_commit(lambda pk=pk: tasks.mail_follow.delay(pk))  # type: ignore[misc]


@transaction.atomic
def mail_link(pk: int) -> bool:
    """Mail a side what it may open: the follow-up, or first what it says of the replication.

    False when there is nothing to open any more. Raises ``OSError`` when the mail cannot leave.
    """
    try:
        party = side_of(pk)
        if not party.may_update:
            confirming.ask(party)
            return True
        _check(party)
    except (CannotAsk, links.DeadLink):
        return False
    Party.objects.filter(pk=pk).update(served_at=timezone.now())
    mailing.send("follow", party, "follow", links.make(Purpose.FOLLOW, pk))
    return True


def hand(party: Party) -> str:
    """The token of a link given on the screen to who has just used one."""
    return links.make(Purpose.FOLLOW, party.pk, lasts=links.HANDED)


def of_link(token: str) -> Party:
    """The side that a link lets act, not used. Raises ``DeadLink``."""
    return _check(side_of(links.read(token, Purpose.FOLLOW)))


@transaction.atomic
def move(token: str, asked: Move) -> str:
    """Move the state in the side's name, its reason kept until staff read it; the next token.

    Raises ``DeadLink``, ``CannotMove`` (the link still opens).
    """
    party = _used(token)
    moving.move(party.replication, asked, Author(party.name), is_read=False)
    step = ReplicationStep.objects.filter(replication=party.replication).latest("pk")
    tellings.explain(party, step, asked.reason)
    return hand(party)


@transaction.atomic
def explain(token: str, step: int, text: str) -> str:
    """Say otherwise why the side changed the state, while no reason of it is shown; the next token.

    ``step``: its key, as the side read it. Raises ``DeadLink``, ``CannotTell`` (the link still
    opens).
    """
    party = _used(token)
    asked = ReplicationStep.objects.filter(replication=party.replication_id, pk=step).first()
    if asked is None:
        raise tellings.CannotTell("Cette étape n’est pas de cette reprise : relisez la page.")
    tellings.explain(party, asked, text)
    return hand(party)


@transaction.atomic
def tell(token: str, values: Mapping[str, Any]) -> str:
    """Keep what a side writes until staff read it (see ``tellings``); the next token.

    Raises ``DeadLink``, ``CannotTell`` (the link still opens).
    """
    party = _used(token)
    tellings.write(party, values)
    return hand(party)


@transaction.atomic
def think_again(token: str) -> str:
    """The token of a link to say otherwise than before whether it confirms. Raises ``DeadLink``."""
    party = _used(token)
    links.revoke(Purpose.VERDICT, party.pk)
    return links.make(Purpose.VERDICT, party.pk, lasts=links.HANDED)


def _used(token: str) -> Party:
    holding.writer(links.read(token, Purpose.FOLLOW))
    party = _check(side_of(links.use(token, Purpose.FOLLOW)))
    Party.objects.filter(pk=party.pk).update(served_at=timezone.now())
    return party


def _check(party: Party) -> Party:
    if party.replication.publication not in UPDATED:
        raise links.DeadLink("Cette reprise n’est pas publiée : elle ne se tient pas à jour.")
    if not party.may_update:
        raise links.DeadLink(CONTESTED)
    return party
