"""Publishing all that waits of a source at once, and taking it back."""

import datetime
from typing import Any

import pghistory
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from innovations.models import Innovation, Status
from innovations.publishing import lock, set_status
from partners.models import Release, Source, SourceRecord

# As many as a page can publish while someone waits; a larger source takes several times.
MOST = 5000


def waiting(source: Source) -> QuerySet[Innovation]:
    """The source's records that wait to be read, but those marked « à vérifier »."""
    return _in_review(source).exclude(_held())


def held(source: Source) -> QuerySet[Innovation]:
    """Those that a rule of the mapping wants read one by one."""
    return _in_review(source).filter(_held())


def release(source: Source, seen_at: datetime.datetime, user: Any) -> Release | None:
    """Publish what waited when the list was shown (``seen_at``), at most ``MOST`` records.

    What came or changed since waits for another look. None when nothing is left to publish.
    """
    with transaction.atomic(), pghistory.context(user=user.pk):
        lock()
        found = waiting(source).filter(updated_at__lte=seen_at).order_by("title_key", "pk")
        published = dict(found.values_list("pk", "published_at")[:MOST])
        if not published:
            return None
        set_status(published, Status.PUBLISHED)
        return Release.objects.create(
            source=source,
            innovation_ids=list(published),
            first_ids=[pk for pk, at in published.items() if at is None],
            made_by=user,
        )


def undo(made: Release, user: Any) -> int:
    """Send back to the queue what this act published and is still public; returns how many.

    Records that it was the first to publish were never public: they lose that date too. A second
    call does nothing.
    """
    with transaction.atomic(), pghistory.context(user=user.pk):
        lock()
        locked = Release.objects.select_for_update().get(pk=made.pk)
        if locked.undone_at is not None:
            return 0
        ids = list(still_public(locked).values_list("pk", flat=True))
        count = set_status(ids, Status.IN_REVIEW)
        first = Innovation.objects.filter(pk__in=set(ids) & set(locked.first_ids))
        first.update(published_at=None)
        locked.undone_at, locked.undone_by = timezone.now(), user
        locked.save(update_fields=["undone_at", "undone_by"])
    return count


def still_public(made: Release) -> QuerySet[Innovation]:
    """What an undoing would take back: what staff unpublished since stays as they left it."""
    return Innovation.objects.published().filter(pk__in=made.innovation_ids)


def _in_review(source: Source) -> QuerySet[Innovation]:
    ours = SourceRecord.objects.present().filter(innovation=OuterRef("pk"), source=source)
    return Innovation.objects.filter(Exists(ours), status=Status.IN_REVIEW)


def _held() -> Exists:
    marked = SourceRecord.objects.present().filter(values__hold=True)
    return Exists(marked.filter(innovation=OuterRef("pk")))
