"""A side whose text is set aside is told why, by e-mail, when its address is still known.

As late as for what ``announcing`` tells, and for the same reason: a slip is undone first.
"""

from django.db import transaction
from django.utils import timezone

from essaimage import announcing, holding, mailing, sifting
from essaimage.models import Party, Telling, TellingState
from innovations.models import BulkAction


def to_tell(telling: Telling) -> list[int]:
    """The key of the side that wrote it, if it can still be written to."""
    wrote = Party.objects.filter(replication=telling.replication_id, side=telling.side)
    return announcing.reachable(wrote)


def later(action: BulkAction) -> None:
    from essaimage import tasks

    transaction.on_commit(
        lambda: tasks.mail_text_aside.apply_async(
            (action.pk,), countdown=announcing.WAIT.total_seconds()
        )
    )


@transaction.atomic
def tell(action_id: int) -> bool:
    """Mail it: once, and only while the decision stands. False when it is not to leave. Raises
    ``OSError`` when it cannot."""
    action = BulkAction.objects.filter(pk=action_id, undone_at=None).first()
    telling = sifting.telling_of(action) if action else None
    if action is None or telling is None:
        return False
    # The text before its side, in the order of ``holding``.
    held = Telling.objects.select_for_update().filter(pk=telling.pk).first()
    if held is None:
        return False
    sides = holding.sides(replication=held.replication_id, side=held.side)
    is_told = held.told_at is not None and held.told_at >= action.made_at
    if is_told or held.state != TellingState.SET_ASIDE or not to_tell(held):
        return False
    now = timezone.now()
    held.told_at = now
    held.save(update_fields=["told_at"])
    (party,) = sides
    Party.objects.filter(pk=party.pk).update(served_at=now)
    mailing.tell("text_aside", party, telling=held, answer=held.answer)
    return True
