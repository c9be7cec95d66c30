"""Who is without news, and what is to be asked next: one rule, case by case."""

import datetime
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from essaimage.models import Facts, FollowUp, Party, Replication, ReplicationStep
from essaimage.standing import STUCK_MONTHS, WHY, Ask
from tests.factories import FactsFactory, FollowUpFactory, PartyFactory, ReplicationFactory

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2026, 6, 15)


@pytest.fixture(autouse=True)
def today() -> Any:
    with time_machine.travel("2026-06-15T10:00:00+00:00", tick=False):
        yield


def ago(days: int) -> datetime.datetime:
    return timezone.now() - datetime.timedelta(days)


def made(state: str, date: str = "", **fields: Any) -> Replication:
    return ReplicationFactory(state=state, journal={state: date}, **fields)


def stuck() -> set[Replication]:
    return set(Replication.objects.stuck(TODAY))


@pytest.mark.parametrize(
    ("state", "date", "is_stuck"),
    [
        ("envisagee", "2025-06-14", True),
        ("envisagee", "2025-06-15", False),
        # « 2025 » may be December: it is not surely before.
        ("envisagee", "2025", False),
        ("envisagee", "2025-05", True),
        ("envisagee", "2024", True),
        ("en-preparation", "2024-12-14", True),
        ("en-preparation", "2024-12-15", False),
        ("en-cours", "2023-03-14", True),
        ("en-cours", "2023-03-15", False),
        ("perennisee", "1999", False),
        ("abandonnee", "1999", False),
        # Just written, its date not known.
        ("envisagee", "", False),
    ],
)
def test_a_state_lasts_only_so_long_without_news(state: str, date: str, is_stuck: bool) -> None:
    made(state, date)
    assert bool(stuck()) is is_stuck


def test_an_undated_step_counts_from_when_it_was_written() -> None:
    replication = made("envisagee")
    ReplicationStep.objects.filter(replication=replication).update(created_at=ago(370))
    assert stuck() == {replication}
    bare = ReplicationFactory()
    Replication.objects.filter(pk=bare.pk).update(created_at=ago(370))
    assert stuck() == {replication, bare}


def test_a_word_is_news() -> None:
    replication = made("en-cours", "2019")
    assert stuck() == {replication}
    told = FactsFactory(replication=replication, publication="a-relire")
    assert stuck() == set()
    Facts.objects.filter(pk=told.pk).update(reported_at=ago(2000))
    assert stuck() == {replication}
    PartyFactory(replication=replication, answered_at=ago(30))
    assert stuck() == set()


def test_every_state_that_may_be_stuck_says_after_how_long() -> None:
    assert set(STUCK_MONTHS) == {"envisagee", "en-preparation", "en-cours"}
    assert set(WHY) == set(Ask)


def asked(replication: Replication) -> str:
    return Replication.objects.with_next_ask(TODAY).get(pk=replication.pk).ask


def test_the_most_pressing_thing_is_asked_and_only_it() -> None:
    replication = made("en-cours", "2022")
    party = PartyFactory(replication=replication, confirms=True)
    Party.objects.update(answered_at=ago(2000))
    assert asked(replication) == Ask.NEWS
    question = FollowUpFactory(party=party, months=24, asked_at=ago(60))
    assert asked(replication) == Ask.RESULTS_SILENT
    other = PartyFactory(replication=replication, porteur=True)
    assert asked(replication) == Ask.VERDICT
    FollowUpFactory(party=party, months=36, due_on=TODAY)
    assert asked(replication) == Ask.RESULTS_DUE
    Party.objects.filter(pk=other.pk).update(verdict="contestee", note="Non.")
    assert asked(replication) == Ask.CONTEST
    assert question.pk


def test_a_side_just_written_to_is_left_in_peace() -> None:
    replication = made("envisagee", "2020")
    party = PartyFactory(replication=replication, confirms=True, served_at=ago(5))
    Party.objects.update(answered_at=ago(2000))
    assert asked(replication) == ""
    Party.objects.filter(pk=party.pk).update(served_at=ago(25))
    assert asked(replication) == Ask.NEWS
    other = PartyFactory(replication=replication, porteur=True, asked_at=ago(5))
    assert asked(replication) == Ask.NEWS
    Party.objects.filter(pk=other.pk).update(asked_at=ago(25))
    assert asked(replication) == Ask.VERDICT


def test_a_question_is_not_silent_before_its_reminder_has_had_its_time() -> None:
    party = PartyFactory(replication=made("en-cours", "2026-01"), confirms=True)
    FollowUpFactory(party=party, asked_at=ago(40))
    assert asked(party.replication) == ""
    FollowUp.objects.update(answered_at=timezone.now())
    assert asked(party.replication) == ""


def test_who_has_no_address_is_to_be_found_unless_it_stopped() -> None:
    assert asked(made("en-cours", "2026")) == Ask.ADDRESS
    assert asked(made("abandonnee", "2026")) == ""
    unconfirmed = PartyFactory(
        replication=made("envisagee", "2026"), email_confirmed_at=None, asked_at=ago(1)
    )
    assert asked(unconfirmed.replication) == Ask.ADDRESS


def test_what_waits_is_read_first_and_what_was_set_aside_is_nobodys_work() -> None:
    waiting = made("en-cours", "2019", waiting=True)
    PartyFactory(replication=waiting)
    assert asked(waiting) == Ask.REVIEW
    assert asked(made("en-cours", "2019", set_aside=True)) == ""


def test_urgency_sorts_as_the_list_of_what_is_asked() -> None:
    made("abandonnee", "2026")
    made("en-cours", "2026")
    PartyFactory(replication=made("en-cours", "2026"), contests=True)
    rows = Replication.objects.with_next_ask(TODAY).order_by("urgency")
    assert [row.ask for row in rows] == [Ask.CONTEST, Ask.ADDRESS, ""]
