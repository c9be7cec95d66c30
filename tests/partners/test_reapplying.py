"""What a backup brings back after someone had it removed goes again, by the list alone."""

import pytest
from django.utils import timezone

from innovations.models import Innovation
from partners import reapplying
from partners.models import (
    Objection,
    ObjectionState,
    SourceRecord,
    SuppressedDatum,
    SuppressedRecord,
)
from partners.models.objection import ObjectionScope
from partners.objections import apply
from partners.publishing import publish_records
from tests.factories import SourceRecordFactory, UserFactory

pytestmark = pytest.mark.django_db
DATUM = "Verger des Trois Chemins"


def told() -> SourceRecord:
    summary = f"Réparer ensemble, renseignements au {DATUM}."
    record = SourceRecordFactory(
        external_id="p1",
        raw=[{"id": "p1", "texte": summary}],
        values={"title": "Atelier de réparation partagé", "summary": summary},
    )
    publish_records([record])
    record.refresh_from_db()
    return record


def objected(scope: ObjectionScope, **said: object) -> Objection:
    objection = Objection.objects.create(
        scope=scope,
        email="quelquun@example.org",
        state=ObjectionState.CONFIRMED,
        confirmed_at=timezone.now(),
        **said,
    )
    return apply(objection, UserFactory())


def forgotten() -> None:
    """As in a database restored from before the request, which numbers requests anew."""
    SuppressedRecord.objects.all().delete()
    SuppressedDatum.objects.all().delete()
    Objection.objects.all().delete()


def test_a_record_removed_since_the_backup_is_removed_again() -> None:
    record = told()
    objected(ObjectionScope.RECORD, innovation=record.innovation)
    kept = reapplying.kept()
    forgotten()
    back = told()
    slug = back.innovation.slug

    assert dict(reapplying.reapply(kept))["fiches sources"] == 1
    assert not SourceRecord.objects.exists()
    assert not Innovation.objects.filter(slug=slug).exists()
    assert SuppressedRecord.objects.exists()


def test_a_datum_removed_since_the_backup_is_removed_again_everywhere() -> None:
    told()
    objected(ObjectionScope.DATUM, datum=DATUM)
    kept = reapplying.kept()
    SourceRecord.objects.all().delete()
    forgotten()
    back = told()
    assert DATUM in Innovation.objects.get(pk=back.innovation_id).summary

    reapplying.reapply(kept)

    back.refresh_from_db()
    assert DATUM not in Innovation.objects.get(pk=back.innovation_id).summary
    assert DATUM not in str((back.raw, back.values))


def test_what_is_saved_of_the_list_names_nobody() -> None:
    record = told()
    objected(ObjectionScope.RECORD, innovation=record.innovation)

    kept = reapplying.kept()

    assert "quelquun" not in kept
    assert "Atelier" not in kept


def test_applied_twice_nothing_more_is_written() -> None:
    record = told()
    objected(ObjectionScope.RECORD, innovation=record.innovation)
    kept, before = reapplying.kept(), SuppressedRecord.objects.count()

    assert reapplying.reapply(kept) == []
    assert SuppressedRecord.objects.count() == before
