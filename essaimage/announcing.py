"""Who wrote what staff set aside is told why, by e-mail, when its address is still known.

Not at once: a decision taken by mistake is undone in one gesture, and nobody heard of it. Those who
signal an obstacle leave no address; there is then nobody to tell.
"""

import datetime
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from essaimage import holding, mailing, moderated
from essaimage.asking import digest
from essaimage.models import MailRefusal, Party, Publication
from innovations.models import BulkAction

WAIT = datetime.timedelta(minutes=10)


def to_tell(row: Any) -> list[int]:
    """The keys of the sides that wrote it and can be reached."""
    return reachable(moderated.of(row).tellers(row))


def reachable(sides: Any) -> list[int]:
    """The keys of those (rows of ``Party``) whose addresses, confirmed, are still known, and that
    did not ask to be written to no more."""
    wrote = sides.exclude(email="").exclude(email_confirmed_at=None)
    known = {party.pk: digest(party.email) for party in wrote.order_by("pk")}
    refused = MailRefusal.objects.filter(digest__in=known.values())
    silent = set(refused.values_list("digest", flat=True)) if known else set()
    return [pk for pk, said in known.items() if said not in silent]


def later(action: int, parties: Sequence[int]) -> None:
    """Have each side be told of a decision once it may no longer be a slip of the hand."""
    from essaimage import tasks

    for party in parties:
        transaction.on_commit(
            lambda party=party: tasks.mail_set_aside.apply_async(  # type: ignore[misc]
                (action, party), countdown=WAIT.total_seconds()
            )
        )


@transaction.atomic
def tell(action_id: int, party_id: int) -> bool:
    """Mail one side that what it wrote is set aside, and why: once, and only while that stands.
    False when it is not to leave. Raises ``OSError`` when it cannot."""
    action = BulkAction.objects.filter(pk=action_id, undone_at=None).first()
    party = next(iter(holding.sides(pk=party_id)), None)
    if action is None or party is None:
        return False
    kind = moderated.BY_CODE[action.kind]
    row = kind.row_of(action)
    row = row and kind.rows.select_for_update().get(pk=row.pk)
    if row is None or row.publication != Publication.SET_ASIDE or party.pk not in to_tell(row):
        return False
    is_told = row.aside_told_at is not None and row.aside_told_at >= action.made_at
    if is_told or kind.last_decision(row) != action:
        return False
    now = timezone.now()
    row.aside_told_at = now
    row.save(update_fields=["aside_told_at"])
    Party.objects.filter(pk=party.pk).update(served_at=now)
    mailing.tell(
        "set_aside", party, kind=kind, reason=row.publication_reason.strip().removesuffix(".")
    )
    return True
