"""A partner's life: the collective admits, facts lead on, a pause suspends, a departure is told."""

import datetime
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from innovations.models import Innovation, Status
from partners import charter, life, withdrawals
from partners.life import ALLOWED, CannotMove, Told
from partners.models import Frequency, Partner, PartnerMove, PartnerStep, Source, SourceRecord
from partners.publishing import publish_records
from partners.requesting import Suspended, request_due, request_harvest
from partners.tasks import resume_staff_acts
from tests.factories import (
    PartnerFactory,
    RunFactory,
    SourceFactory,
    SourceRecordFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
Step = PartnerStep
FULL = Told(reference="Réunion du 12 mars 2026", note="Motif.", records="gardees")


@pytest.mark.parametrize("before", list(Step), ids=str)
def test_a_step_leads_only_where_it_may(before: PartnerStep) -> None:
    for after in Step:
        partner = PartnerFactory(step=before)
        if after in ALLOWED[before]:
            life.move(partner, after, FULL, author=None)
            assert partner.step == after
            assert partner.moves.first().before == before
        else:
            with pytest.raises(CannotMove):
                life.move(partner, after, FULL, author=None)
            assert not partner.moves.exists()


def test_an_admission_names_the_collectives_decision_and_who_recorded_it() -> None:
    partner, person = PartnerFactory(step=Step.CONTACT), UserFactory()
    with pytest.raises(CannotMove, match="celle du collectif"):
        life.move(partner, Step.ADMITTED, Told(note="Je le décide."), author=person)
    made = life.move(partner, Step.ADMITTED, Told(reference="Réunion n° 4"), author=person)
    assert (made.reference, made.author) == ("Réunion n° 4", person)


def test_the_database_itself_refuses_an_admission_without_a_decision() -> None:
    partner = PartnerFactory(step=Step.CONTACT)
    with pytest.raises(IntegrityError), transaction.atomic():
        PartnerMove.objects.create(
            partner=partner, after=Step.ADMITTED, happened_on=timezone.localdate()
        )


@pytest.mark.parametrize(
    ("before", "after", "told", "said"),
    [
        (Step.CONTACT, Step.REFUSED, Told(reference="Réunion"), "Dites pourquoi"),
        (Step.LIVE, Step.PAUSED, Told(), "Dites pourquoi"),
        (Step.LIVE, Step.LEFT, Told(), "pour ses fiches"),
        (Step.PAUSED, Step.LIVE, Told(on=datetime.date(2999, 1, 1)), "à venir"),
    ],
)
def test_what_must_be_said_is_asked_in_french(
    before: PartnerStep, after: PartnerStep, told: Told, said: str
) -> None:
    partner = PartnerFactory(step=before)
    with pytest.raises(CannotMove, match=said):
        life.move(partner, after, told, author=None)
    partner.refresh_from_db()
    assert partner.step == before


def test_facts_lead_an_admitted_partner_on(roles: SimpleNamespace) -> None:
    partner = PartnerFactory(step=Step.ADMITTED)
    charter.accept(partner, roles.partner_member)
    assert partner.step == Step.CHARTER
    SourceFactory(partner=partner)
    life.catch_up(partner, author=None)
    assert partner.step == Step.LIVE
    assert list(partner.moves.values_list("after", flat=True)) == ["en-ligne", "source", "charte"]


def test_a_charter_signed_before_the_admission_waits_for_the_collective() -> None:
    partner = PartnerFactory(step=Step.CONTACT)
    charter.accept(partner, UserFactory())
    assert partner.step == Step.CONTACT
    life.move(partner, Step.ADMITTED, Told(reference="Réunion"), author=None)
    assert partner.step == Step.CHARTER


@pytest.mark.parametrize("step", [Step.CONTACT, Step.REFUSED, Step.LEFT])
def test_a_source_of_a_partner_not_admitted_is_neither_scheduled_nor_direct(
    step: PartnerStep,
) -> None:
    source = SourceFactory(
        partner=PartnerFactory(step=step), next_run_at=timezone.now(), frequency=Frequency.DAILY
    )
    with pytest.raises(ValidationError) as caught:
        source.full_clean()
    assert set(caught.value.message_dict) >= {"publishes_directly", "frequency"}
    assert "Le collectif" in caught.value.message_dict["frequency"][0]
    assert not Source.objects.due().exists()
    source.schedule_next()
    assert source.next_run_at is None
    values = {"title": "Atelier", "summary": "Réparer."}
    (made,) = publish_records([SourceRecordFactory(source=source, values=values)])
    assert made.status == Status.IN_REVIEW


def test_a_pause_suspends_harvests_and_keeps_records_public() -> None:
    source = SourceFactory(next_run_at=timezone.now())
    record = SourceRecordFactory(source=source, values={"title": "Atelier", "summary": "Réparer."})
    publish_records([record])
    life.move(source.partner, Step.PAUSED, Told(note="Refonte du site."), author=None)
    assert request_due() == 0
    source.refresh_from_db()
    with pytest.raises(Suspended, match="en pause"):
        request_harvest(source)
    assert Innovation.objects.published().count() == 1
    life.move(source.partner, Step.LIVE, Told(), author=None)
    assert Source.objects.due().count() == 1


@pytest.mark.parametrize(("choice", "left"), [("gardees", 1), ("retirees", 0)])
def test_a_partner_that_leaves_chooses_what_becomes_of_its_records(
    choice: str, left: int, django_capture_on_commit_callbacks: object
) -> None:
    source = SourceFactory(next_run_at=timezone.now())
    record = SourceRecordFactory(source=source, values={"title": "Atelier", "summary": "Réparer."})
    publish_records([record])
    with django_capture_on_commit_callbacks() as asked:
        made = life.move(source.partner, Step.LEFT, Told(records=choice), author=None)
    source.refresh_from_db()
    assert (made.records_choice, source.is_active, source.next_run_at) == (choice, False, None)
    assert len(asked) == (1 if choice == "retirees" else 0)
    if asked:
        assert withdrawals.withdraw_all(source) == 1
    assert Innovation.objects.published().count() == left


def test_a_departure_whose_task_was_lost_is_carried_out_later() -> None:
    source, kept = SourceFactory(), SourceFactory()
    for each, choice in ((source, "retirees"), (kept, "gardees")):
        publish_records(
            [SourceRecordFactory(source=each, values={"title": "Atelier", "summary": "Réparer."})]
        )
        life.move(each.partner, Step.LEFT, Told(records=choice), author=None)
    resume_staff_acts()
    assert [r.source for r in SourceRecord.objects.present()] == [kept]


def test_existing_partners_start_at_the_step_that_their_data_prove() -> None:
    signed = {"charter_signed_on": timezone.localdate()}
    nothing, charter_only = PartnerFactory(), PartnerFactory(**signed)
    drafting = SourceFactory(partner=PartnerFactory(**signed), is_active=False).partner
    live = SourceFactory().partner
    harvested = RunFactory(source=SourceFactory(is_active=False)).source.partner
    paused = SourceFactory(partner=PartnerFactory(is_active=False)).partner
    Partner.objects.update(step=Step.CONTACT)
    import_module("partners.migrations.0012_partner_steps").prove(apps, None)
    cast = [nothing, charter_only, drafting, live, harvested, paused]
    steps = dict(Partner.objects.values_list("pk", "step"))
    assert [steps[p.pk] for p in cast] == [
        "contact", "charte", "source", "en-ligne", "en-ligne", "en-pause",
    ]  # fmt: skip
    assert PartnerMove.objects.count() == len(cast)
