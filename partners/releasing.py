"""Publishing all that waits of a source at once, and taking it back."""

import datetime
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from innovations import bulk
from innovations.models import BulkAction, Innovation, Status
from innovations.publishing import set_status
from partners.models import Source, SourceRecord
from partners.moderation import titles
from partners.suppression import take_turn

# As many as a page can publish while someone waits; a larger source takes several times.
MOST = 5000


def waiting(source: Source) -> QuerySet[Innovation]:
    """The source's records that wait to be read, but those marked « à vérifier »."""
    return _in_review(source).exclude(_held())


def held(source: Source) -> QuerySet[Innovation]:
    """Those that a rule of the mapping wants read one by one."""
    return _in_review(source).filter(_held())


@transaction.atomic
def release(source: Source, seen_at: datetime.datetime, user: Any) -> BulkAction | None:
    """Publish what waited when the list was shown (``seen_at``), at most ``MOST`` records.

    What came or changed since waits for another look. None when nothing is left to publish.
    """
    take_turn()
    found = waiting(source).filter(updated_at__lte=seen_at).order_by("title_key", "pk")
    ids = list(found.values_list("pk", flat=True)[:MOST])
    if not ids:
        return None
    label = f"Publication de la source {source.name}"
    with bulk.recorded(RELEASE, ids, label, author=user, subject=source.slug) as action:
        set_status(ids, Status.PUBLISHED)
    return action


def lately(source: str = "") -> QuerySet[BulkAction]:
    """What was released within the month and may be taken back, of this source or of all."""
    found = BulkAction.objects.lately(RELEASE.code).with_number().select_related("author")
    return found.filter(subject=source) if source else found


def _in_review(source: Source) -> QuerySet[Innovation]:
    ours = SourceRecord.objects.present().filter(innovation=OuterRef("pk"), source=source)
    return Innovation.objects.filter(Exists(ours), status=Status.IN_REVIEW)


def _held() -> Exists:
    marked = SourceRecord.objects.present().filter(values__hold=True)
    return Exists(marked.filter(innovation=OuterRef("pk")))


def _read(ids: Sequence[int]) -> dict[int, Any]:
    found = Innovation.objects.filter(pk__in=ids).values_list("pk", "status", "published_at")
    return {pk: {"status": status, "was_public": bool(at)} for pk, status, at in found}


def _restore(states: bulk.States, author: Any) -> set[int]:
    """Back to the queue; a record that had never been public loses that date too."""
    set_status(states, Status.IN_REVIEW)
    never = [pk for pk, before in states.items() if not before["was_public"]]
    Innovation.objects.filter(pk__in=never).update(published_at=None)
    return set(states)


RELEASE = bulk.register(
    bulk.Kind("publication", "innovations.change_innovation", _read, _restore, titles, take_turn)
)
