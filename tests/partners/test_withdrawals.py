"""What is no longer at its source: kept, then withdrawn, and back when it comes back."""

import datetime

import pytest
import time_machine
from django.utils import timezone

from innovations.models import Innovation, SearchRow, Status
from partners.harvest import harvest
from partners.models import RecordState, Run, Source, SourceRecord
from partners.withdrawals import confirm_loss, dismiss_loss, lost_records
from tests.factories import SourceFactory, UserFactory
from tests.partners.conftest import MAPPING, Site, row

pytestmark = pytest.mark.django_db


def later(days: int) -> datetime.datetime:
    return timezone.now() + datetime.timedelta(days=days)


@pytest.fixture
def harvested(source: Source, site: Site) -> Source:
    site.rows = [row(n) for n in range(5)]
    harvest(source)
    site.rows = site.rows[1:]
    return source


def test_a_record_is_withdrawn_after_the_grace_period(harvested: Source) -> None:
    assert harvest(harvested).counts["withdrawn"] == 0
    record = SourceRecord.objects.get(external_id="p0")
    assert record.missing_since is not None
    assert record.innovation.status == Status.PUBLISHED
    with time_machine.travel(later(8), tick=True):
        assert harvest(harvested).counts["withdrawn"] == 1
    record.refresh_from_db()
    assert record.state == RecordState.WITHDRAWN
    assert Innovation.objects.get(pk=record.innovation_id).status == Status.WITHDRAWN
    assert SearchRow.objects.count() == 4


def test_a_record_that_comes_back_is_public_again(harvested: Source, site: Site) -> None:
    harvest(harvested)
    with time_machine.travel(later(8), tick=True):
        harvest(harvested)
        slug = SourceRecord.objects.get(external_id="p0").innovation.slug
        site.rows = [row(0), *site.rows]
        report = harvest(harvested)
    assert (report.counts["updated"], report.counts["created"]) == (1, 0)
    record = SourceRecord.objects.get(external_id="p0")
    assert (record.state, record.missing_since) == (RecordState.COMPLETE, None)
    assert (record.innovation.slug, record.innovation.status) == (slug, Status.PUBLISHED)
    assert SearchRow.objects.count() == 5


def test_a_short_absence_is_forgotten(harvested: Source, site: Site) -> None:
    harvest(harvested)
    site.rows = [row(0), *site.rows]
    harvest(harvested)
    assert SourceRecord.objects.get(external_id="p0").missing_since is None


def test_an_innovation_that_another_partner_holds_stays(harvested: Source, site: Site) -> None:
    record = SourceRecord.objects.get(external_id="p0")
    other = SourceFactory(mapping=MAPPING)
    SourceRecord.objects.create(
        source=other,
        external_id="autre",
        record_type="innovation",
        state=RecordState.COMPLETE,
        raw=[],
        fingerprint="0" * 64,
        values={"title": "Le même atelier", "description": "<p>Ailleurs.</p>"},
        sites=record.sites,
        licence="odbl-1.0",
        innovation=record.innovation,
        changed_at=timezone.now(),
        seen_at=timezone.now(),
    )
    harvested.withdraw_after_days = 0
    harvested.save()
    assert harvest(harvested).counts["withdrawn"] == 1
    innovation = Innovation.objects.get(pk=record.innovation_id)
    assert (innovation.status, innovation.title) == (Status.PUBLISHED, "Le même atelier")
    assert [c.source_slug for c in innovation.citations.all()] == [other.slug]


def test_too_many_absences_are_an_accident(source: Source, site: Site) -> None:
    source.withdraw_after_days = 0
    source.save()
    site.rows = [row(n) for n in range(40)]
    harvest(source)
    site.rows = site.rows[:20]
    report = harvest(source)
    assert report.counts["withdrawn"] == 0
    assert any("20 fiches sur 40 manquent" in w for w in report.warnings)
    assert not SourceRecord.objects.filter(missing_since__isnull=False).exists()
    site.rows = [row(n) for n in range(30)]
    assert harvest(source).counts["withdrawn"] == 10


def test_most_of_a_small_source_gone_is_an_accident_too(source: Source, site: Site) -> None:
    source.withdraw_after_days = 0
    source.save()
    site.rows = [row(n) for n in range(11)]
    harvest(source)
    site.rows = site.rows[:1]
    report = harvest(source)
    assert report.counts["withdrawn"] == 0
    assert any("10 fiches sur 11 manquent" in w for w in report.warnings)


@pytest.fixture
def held(source: Source, site: Site) -> Source:
    """A source that lost half of its records at once."""
    source.withdraw_after_days = 0
    source.save()
    site.rows = [row(n) for n in range(40)]
    harvest(source)
    site.rows = site.rows[:20]
    harvest(source)
    source.refresh_from_db()
    return source


def test_a_loss_held_back_waits_for_a_decision(held: Source, site: Site) -> None:
    assert (held.held_back["missing"], held.held_back["total"]) == (20, 40)
    assert lost_records(held).count() == 20
    run = Run.objects.first()
    assert run is not None
    assert held.held_back["run"] == run.pk
    harvest(held)
    assert lost_records(held).count() == 20
    site.rows = [row(n) for n in range(40)]
    harvest(held)
    held.refresh_from_db()
    assert held.held_back == {}
    assert not lost_records(held).exists()


def test_a_confirmed_loss_is_withdrawn_at_once(held: Source) -> None:
    assert confirm_loss(held, UserFactory()) == 20
    held.refresh_from_db()
    assert held.held_back == {}
    assert SourceRecord.objects.filter(state=RecordState.WITHDRAWN).count() == 20
    assert Innovation.objects.published().count() == 20
    assert confirm_loss(held, UserFactory()) == 0
    assert harvest(held).warnings == []


def test_a_confirmed_loss_is_missing_since_the_reading_that_told_it(held: Source) -> None:
    reading = Run.objects.latest("created_at").reading_since
    confirm_loss(held, UserFactory())
    withdrawn = SourceRecord.objects.filter(state=RecordState.WITHDRAWN)
    assert set(withdrawn.values_list("missing_since", flat=True)) == {reading}


def test_a_dismissed_loss_is_asked_again_by_the_next_reading(held: Source, site: Site) -> None:
    assert dismiss_loss(held, UserFactory()) == 20
    held.refresh_from_db()
    assert held.held_back == {}
    assert Innovation.objects.published().count() == 40
    assert harvest(held).warnings == []
    site.rows[0] = row(0, texte="Autrement dit.")
    assert any("20 fiches sur 40" in w for w in harvest(held).warnings)


def test_the_share_that_may_be_lost_is_the_source_s_own(source: Source, site: Site) -> None:
    source.withdraw_after_days, source.largest_loss = 0, 60
    source.save()
    site.rows = [row(n) for n in range(40)]
    harvest(source)
    site.rows = site.rows[:20]
    assert harvest(source).counts["withdrawn"] == 20
    site.rows = site.rows[:6]
    assert harvest(source).counts["withdrawn"] == 0
