"""Moderation and what happens meanwhile: nothing decided or changed since is written over."""

import pytest
from django.db import transaction

from innovations import bulk, publishing
from innovations.models import BulkAction, BulkChange, Status
from innovations.publishing import set_status
from partners import moderation
from partners.models import Decision, Motive, RecordState, SourceRecord
from partners.publishing import publish_records, republish
from tests.at_once import in_a_thread
from tests.factories import SourceFactory, SourceRecordFactory


def to_review() -> SourceRecord:
    values = {"title": "Repair café", "summary": "Réparer ensemble."}
    source = SourceFactory(publishes_directly=False)
    record = SourceRecordFactory(source=source, values=values)
    publish_records([record])
    record.refresh_from_db()
    return record


@pytest.mark.django_db(transaction=True)
def test_a_gesture_journals_the_state_that_it_found_once_its_turn_came() -> None:
    pk = to_review().innovation_id
    with transaction.atomic():
        publishing.lock()
        other = in_a_thread(lambda: moderation.decide([pk], Decision.UNPUBLISH, author=None))
        set_status([pk], Status.TO_COMPLETE)
    other.join(10)
    assert BulkChange.objects.get().before["status"] == Status.TO_COMPLETE


@pytest.mark.django_db(transaction=True)
def test_undoing_leaves_what_was_decided_while_it_waited_for_its_turn() -> None:
    record = to_review()
    done = moderation.decide([record.innovation_id], Decision.UNPUBLISH, author=None)
    with transaction.atomic():
        publishing.lock()
        other = in_a_thread(lambda: bulk.undo(done, author=None))
        set_status([record.innovation_id], Status.PUBLISHED)
    other.join(10)
    record.innovation.refresh_from_db()
    assert record.innovation.status == Status.PUBLISHED
    assert BulkAction.objects.get().undone_at


@pytest.mark.django_db
def test_what_its_partner_withdrew_since_is_not_public_again_by_undoing() -> None:
    record = to_review()
    ids = [record.innovation_id]
    moderation.decide(ids, Decision.PUBLISH, author=None)
    hidden = moderation.decide(ids, Decision.UNPUBLISH, author=None, motive=Motive.LEGALITY)
    SourceRecord.objects.filter(pk=record.pk).update(state=RecordState.WITHDRAWN)
    republish(ids)
    bulk.undo(hidden, author=None)
    record.innovation.refresh_from_db()
    assert record.innovation.status == Status.WITHDRAWN
