"""The mails that a decision asks for: who wrote what staff set aside is told why, when its address
is still known; who declared a replication is told that it is published, and the side that said
nothing of it is asked.

Not at once: a decision taken by mistake is undone in one gesture, and nobody heard of it. Those who
signal an obstacle leave no address; there is then nobody to tell.
"""

import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from essaimage import confirming, holding, mailing, moderated
from essaimage.asking import digest
from essaimage.models import Facts, MailRefusal, Party, Publication
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


def to_announce(row: Any) -> list[int]:
    """The keys of the sides that wrote it and do not know that it is published: those that were
    never told, or were told since that it is set aside."""
    if not moderated.of(row).has_page(row):
        return []
    sides = Party.objects.filter(pk__in=to_tell(row)).order_by("pk")
    return [party.pk for party in sides if not _knows(party, row)]


def told_at(row: Any, action: BulkAction | None) -> datetime.datetime | None:
    """When who wrote it was told of this decision."""
    if action is None:
        return None
    told = None
    if row.publication == Publication.SET_ASIDE:
        told = getattr(row, "aside_told_at", None)
    elif row.publication == Publication.PUBLISHED and moderated.of(row).has_page(row):
        told = moderated.of(row).tellers(row).aggregate(at=Max("published_told_at"))["at"]
    return told if told is not None and told >= action.made_at else None


def later(row: Any, action: BulkAction) -> None:
    """Have the mails of a decision that stands leave once it may no longer be a slip of the hand.

    Asked again for the same decision, they leave once all the same.
    """
    from essaimage import tasks

    if row.publication == Publication.SET_ASIDE:
        for party in to_tell(row):
            _wait(tasks.mail_set_aside, action.pk, party)
    if row.publication == Publication.PUBLISHED:
        for party in to_announce(row):
            _wait(tasks.mail_published, action.pk, party)
        for party in moderated.of(row).unheard(row):
            _wait(tasks.mail_verdict, party, action.pk)


@transaction.atomic
def tell(action_id: int, party_id: int) -> bool:
    """Mail one side that what it wrote is set aside, and why: once, and only while that stands.
    False when it is not to leave. Raises ``OSError`` when it cannot."""
    party = next(iter(holding.sides(pk=party_id)), None)
    found = _standing(action_id, Publication.SET_ASIDE)
    if party is None or found is None:
        return False
    action, row = found
    if party.pk not in to_tell(row) or told_at(row, action):
        return False
    now = timezone.now()
    row.aside_told_at = now
    row.save(update_fields=["aside_told_at"])
    Party.objects.filter(pk=party.pk).update(served_at=now)
    told = {
        "reason": row.publication_reason.strip().removesuffix("."),
        "facts": row if isinstance(row, Facts) else None,
        "was_public": _was_public(action) or party.published_told_at is not None,
    }
    mailing.tell("set_aside", party, **told)
    return True


@transaction.atomic
def announce(action_id: int, party_id: int) -> bool:
    """Mail one side that what it declared is published; as ``tell``."""
    party = next(iter(holding.sides(pk=party_id)), None)
    found = _standing(action_id, Publication.PUBLISHED)
    if party is None or found is None or party.pk not in to_announce(found[1]):
        return False
    party.published_told_at = party.served_at = timezone.now()
    party.save(update_fields=["published_told_at", "served_at"])
    mailing.tell("published", party)
    return True


@transaction.atomic
def ask(action_id: int, party_id: int) -> bool:
    """Ask one side what it says of what a decision published; as ``tell``."""
    holding.sides(pk=party_id)
    is_so = _standing(action_id, Publication.PUBLISHED) is not None
    return is_so and confirming.ask_first(party_id)


def _knows(party: Party, row: Any) -> bool:
    told = party.published_told_at
    return told is not None and not (row.aside_told_at and row.aside_told_at > told)


def _was_public(action: BulkAction) -> bool:
    before = [change.before or {} for change in action.changes.all()]
    return any(state.get("publication") == Publication.PUBLISHED for state in before)


def _standing(action_id: int, publication: Publication) -> tuple[BulkAction, Any] | None:
    """A decision, and the row that it made this of, locked; None when it is not the last word any
    more."""
    action = BulkAction.objects.filter(pk=action_id, undone_at=None).first()
    if action is None:
        return None
    kind = moderated.BY_CODE[action.kind]
    row = kind.row_of(action)
    row = row and kind.held(row.pk)
    is_so = row is not None and row.publication == publication
    return (action, row) if is_so and kind.last_decision(row) == action else None


def _wait(task: Any, *identifiers: int) -> None:
    transaction.on_commit(lambda: task.apply_async(identifiers, countdown=WAIT.total_seconds()))
