"""« Cela a-t-il marché de nouveau ? »: when it is asked, of whom, once, and how one stops it."""

import datetime
import re
import threading
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from essaimage import asking, dates, links, moving, reporting
from essaimage.models import (
    MONTHS,
    Facts,
    FollowUp,
    Link,
    MailRefusal,
    Party,
    Purpose,
    Replication,
)
from essaimage.moving import Author, Move
from essaimage.tasks import mail_question, mail_question_reminder, plan_follow_ups
from tests.conftest import wait_for
from tests.essaimage.posted import Mailbox, mailbox
from tests.factories import FactsFactory, PartyFactory, ReplicationFactory

pytestmark = pytest.mark.django_db
__all__ = ["mailbox"]
SAID = {"effect": "partiel", "strength": "moyenne", "reasons": ["suivi"], "cost": "10k-50k"}
DAY = datetime.timedelta(days=1)


def at(day: str) -> Any:
    return time_machine.travel(f"{day}T09:00:00+00:00", tick=False)


def run() -> None:
    """What beat asks for, and what the worker then does."""
    asking.plan()
    due, reminders = asking.to_send()
    for pk in due:
        mail_question(pk)
    for pk in reminders:
        mail_question_reminder(pk)


def begun(date: str = "2024-03-10", state: str = "en-cours") -> Party:
    """The side that declared a replication that began then, and confirmed its address."""
    replication = ReplicationFactory(state=state, journal={"en-cours": date})
    return PartyFactory(replication=replication)


def planned() -> dict[int | None, str]:
    asking.plan()
    return {row.months: row.due_on.isoformat() for row in FollowUp.objects.planned()}


# --- when -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("began", "due"),
    [
        ("2024-03-10", ["2024-06-10", "2025-03-10", "2026-03-10", "2027-03-10"]),
        ("2024-01-31", ["2024-04-30", "2025-01-31", "2026-01-31", "2027-01-31"]),
        # Only a month, a year: counted from its last day, so that nothing is asked too early.
        ("2024-02", ["2024-05-29", "2025-02-28", "2026-02-28", "2027-02-28"]),
        ("2023", ["2024-03-31", "2024-12-31", "2025-12-31", "2026-12-31"]),
        # Nothing is known: from the day on which it was written.
        ("", ["2024-06-15", "2025-03-15", "2026-03-15", "2027-03-15"]),
    ],
)
def test_the_four_terms_are_counted_from_the_last_day_it_may_have_begun(
    began: str, due: list[str]
) -> None:
    with at("2024-03-15"):
        begun(began)
        assert planned() == dict(zip(MONTHS, due, strict=True))


PARTIAL = st.dates(datetime.date(1990, 1, 1), datetime.date(2030, 12, 31)).flatmap(
    lambda day: st.sampled_from([f"{day:%Y}", f"{day:%Y-%m}", f"{day:%Y-%m-%d}"])
)


@given(date=PARTIAL, months=st.sampled_from(MONTHS))
def test_a_term_is_never_before_the_time_has_surely_passed(date: str, months: int) -> None:
    first, last = dates.first_day(date), dates.last_day(date)
    assert first
    assert last
    assert first <= last
    assert dates.validate(last.isoformat()) is None
    assert last.isoformat().startswith(date)
    assert first.isoformat().startswith(date)
    term = dates.months_after(last, months)
    assert (term.year - last.year) * 12 + term.month - last.month == months
    assert term.day == last.day or (term + DAY).day == 1
    assert not dates.is_before(term.isoformat(), date)


@given(day=st.dates(datetime.date(1900, 1, 1), datetime.date(2100, 1, 1)), n=st.integers(-40, 40))
def test_months_go_back_as_they_came(day: datetime.date, n: int) -> None:
    there = dates.months_after(day, n)
    back = dates.months_after(there, -n)
    assert back == day or ((there + DAY).day == 1 and back < day)


def test_a_term_passed_long_ago_is_left_out() -> None:
    with at("2026-05-01"):
        begun("2024-03-10")
        assert planned() == {24: "2026-03-10", 36: "2027-03-10"}
        begun("2001")
        assert FollowUp.objects.count() == 2


def test_planning_again_changes_nothing_and_follows_what_changes() -> None:
    with at("2024-03-15"):
        party = begun()
        assert asking.plan() == 4
        assert asking.plan() == 0
        party.replication.steps.filter(state="en-cours").update(date="2024-02-01")
        assert planned()[3] == "2024-05-01"
        assert FollowUp.objects.count() == 4


@pytest.mark.parametrize("publication", ["a-relire", "ecartee", "a-confirmer"])
def test_nothing_is_asked_of_what_is_not_published(publication: str) -> None:
    with at("2024-03-15"):
        party = begun()
        asking.plan()
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            Replication.objects.filter(pk=party.replication_id).update(publication=publication)
            cursor.execute("SET LOCAL session_replication_role = DEFAULT")
        assert planned() == {}


@pytest.mark.parametrize(
    "fields",
    [{"email": ""}, {"email_confirmed_at": None}, {"verdict": "contestee", "note": "Non."}],
)
def test_nothing_is_asked_of_who_did_not_confirm_or_contests(fields: dict[str, Any]) -> None:
    with at("2024-03-15"):
        party = begun()
        Party.objects.filter(pk=party.pk).update(**fields)
        assert planned() == {}


def test_nobody_is_asked_when_the_other_side_contests() -> None:
    with at("2024-03-15"):
        party = begun()
        asking.plan()
        PartyFactory(replication=party.replication, porteur=True, contests=True)
        assert planned() == {}


def test_the_side_that_declared_is_asked_or_else_the_other() -> None:
    with at("2024-03-15") as clock:
        party = begun()
        other = PartyFactory(
            replication=party.replication,
            porteur=True,
            confirms=True,
            email_confirmed_at=party.email_confirmed_at,
        )
        asking.plan()
        assert set(FollowUp.objects.values_list("party", flat=True)) == {party.pk}
        # Asked at three months, then its address is erased: the other takes over, from there on.
        clock.move_to("2024-06-11T09:00:00+00:00")
        run()
        Party.objects.filter(pk=party.pk).update(email="")
        asking.plan()
        left = FollowUp.objects.planned()
        assert set(left.values_list("party", "months")) == {(other.pk, m) for m in (12, 24, 36)}


# --- the mails ------------------------------------------------------------------------------------


def test_it_is_asked_at_each_term_with_one_reminder_and_never_more(mailbox: Mailbox) -> None:
    with at("2024-03-15") as clock:
        party = begun()
        told = []
        day = datetime.date(2024, 3, 15)
        while day < datetime.date(2028, 1, 1):
            clock.move_to(f"{day}T09:10:00+00:00")
            run()
            told += [(day.isoformat(), str(m["Subject"])) for m in mailbox.letters]
            assert set(mailbox.senders) <= {party.email}
            mailbox.letters.clear()
            day += datetime.timedelta(days=3)
        asked = [day for day, subject in told if not subject.startswith("Rappel")]
        reminded = [day for day, subject in told if subject.startswith("Rappel")]
        assert [day[:7] for day in asked] == ["2024-06", "2025-03", "2026-03", "2027-03"]
        assert len(reminded) == 4
        days = datetime.date.fromisoformat
        assert all(20 < (days(r) - days(a)).days < 25 for a, r in zip(asked, reminded, strict=True))


def test_an_answer_ends_it_no_reminder(mailbox: Mailbox, client: Client) -> None:
    with at("2024-06-10") as clock:
        begun()
        run()
        where = mailbox.link("resultats")
        assert client.post(where, SAID).status_code == 200
        mailbox.letters.clear()
        clock.move_to("2024-07-05T09:00:00+00:00")
        run()
        assert mailbox.letters == []


def test_the_letter_says_what_why_and_how_to_stop(mailbox: Mailbox) -> None:
    with at("2024-06-10"):
        party = begun()
        run()
        [letter] = mailbox.letters
        body = letter.get_content()
        assert "a commencé il y a au moins 3 mois" in body
        assert "pendant 30 jours" in body
        assert party.replication.get_absolute_url() in body
        assert "Arrêter ces courriels" in body
        assert "/arreter/" in letter["List-Unsubscribe"]
        assert not re.search("&#|&quot;", body)
        assert Link.objects.get().purpose == Purpose.EVIDENCE


def test_a_mail_server_that_is_down_leaves_the_question_to_be_asked(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with at("2024-06-10"):
        begun()
        asking.plan()
        question = FollowUp.objects.get(months=3)
        with pytest.raises(OSError, match="refused"), transaction.atomic():
            asking.ask(question.pk)
        question.refresh_from_db()
        assert question.asked_at is None
        assert not Link.objects.exists()


def test_what_changed_since_it_was_planned_is_not_asked(mailbox: Mailbox) -> None:
    with at("2024-06-10"):
        party = begun()
        asking.plan()
        question = FollowUp.objects.get(months=3)
        Party.objects.filter(pk=party.pk).update(verdict="contestee")
        assert mail_question(question.pk) is False
        assert mail_question(FollowUp.objects.get(months=12).pk) is False
        assert mail_question_reminder(question.pk) is False
        assert mail_question(0) is False
        assert mailbox.letters == []


def test_a_stopped_replication_is_asked_once_why_then_no_more(
    mailbox: Mailbox, client: Client
) -> None:
    with at("2024-06-11") as clock:
        party = begun()
        asking.plan()
        moving.move(
            party.replication,
            Move("abandonnee", seen="en-cours", reason="Le local a fermé."),
            Author("Association du bourg"),
        )
        run()
        [letter] = mailbox.letters
        assert "s’est arrêtée" in letter.get_content()
        where = mailbox.link("resultats")
        assert "Pourquoi s’est-elle arrêtée" in client.get(where).content.decode()
        told = {"stopped_because": "Le bail a pris fin.", "learnt": "Signer pour neuf ans."}
        assert client.post(where, told).status_code == 200
        facts = Facts.objects.get()
        assert (facts.learnt, facts.effect, facts.months) == ("Signer pour neuf ans.", "", 3)
        mailbox.letters.clear()
        for month in range(7, 13):
            clock.move_to(f"2025-{month:02d}-11T09:00:00+00:00")
            run()
        assert mailbox.letters == []
        assert list(FollowUp.objects.values_list("months", flat=True)) == [None]


@pytest.mark.django_db(transaction=True)
def test_the_worker_plans_and_sends_by_itself(worker: Any, worker_mailbox: Path) -> None:
    began = dates.months_after(datetime.date.today(), -3)
    party = begun((began - DAY).isoformat())
    plan_follow_ups.delay()
    wait_for(lambda: FollowUp.objects.filter(asked_at__isnull=False).exists(), 30)
    wait_for(lambda: [f for f in worker_mailbox.iterdir() if party.email in f.read_text()], 30)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_one_letter(mailbox: Mailbox) -> None:
    began = dates.months_after(datetime.date.today(), -3)
    begun((began - DAY).isoformat())
    asking.plan()
    pk = FollowUp.objects.get(months=3).pk
    together = threading.Barrier(2)
    sent: list[bool] = []

    def work() -> None:
        try:
            together.wait(10)
            sent.append(mail_question(pk))
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(20)
    assert sorted(sent) == [False, True]
    assert len(mailbox.letters) == 1
    assert Link.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_planners_at_once_plan_once() -> None:
    with at("2024-06-10"):
        begun()
    together = threading.Barrier(2)

    def work() -> None:
        try:
            together.wait(10)
            asking.plan(datetime.date(2024, 6, 10))
        finally:
            connection.close()

    planners = [threading.Thread(target=work) for _ in range(2)]
    for planner in planners:
        planner.start()
    for planner in planners:
        planner.join(20)
    assert sorted(FollowUp.objects.values_list("months", flat=True)) == list(MONTHS)


# --- the answer -----------------------------------------------------------------------------------


@pytest.fixture
def where(mailbox: Mailbox) -> str:
    """The address that the letter of today gives, three months after it began."""
    began = dates.months_after(datetime.date.today(), -3)
    begun((began - DAY).isoformat())
    run()
    return mailbox.link("resultats")


def test_reading_the_page_does_not_use_the_link_and_the_answer_does(
    where: str, client: Client
) -> None:
    for _ in range(2):
        page = client.get(where)
        assert page.status_code == 200
        assert page["Cache-Control"].startswith("max-age=0") or "no-store" in page["Cache-Control"]
        assert page["Referrer-Policy"] == "same-origin"
    answered = client.post(where, SAID)
    assert "C’est enregistré" in answered.content.decode()
    assert '<form method="post"' not in answered.content.decode()
    facts = Facts.objects.get()
    assert (facts.publication, facts.told_by, facts.months) == ("a-relire", "repreneur", 3)
    assert facts.teller == "Association du bourg"
    assert FollowUp.objects.get(months=3).facts == facts
    for again in (client.get(where), client.post(where, SAID)):
        assert again.status_code == 410
        assert "Ce lien a déjà servi" in again.content.decode()
    assert Facts.objects.count() == 1


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({}, "Ce champ est obligatoire"),
        (SAID | {"strength": "forte"}, "Une solidité forte repose"),
        (SAID | {"effect": "n-importe"}, "n-importe"),
        (SAID | {"effect_text": "Écrire à jeanne@example.org"}, "une adresse électronique"),
        (SAID | {"cost_text": "Appeler le 06 12 34 56 78"}, "un numéro de téléphone"),
        (SAID | {"effect_text": "x" * 5000}, "4000"),
        (SAID | {"cost_text": "\0"}, "caractère"),
    ],
)
def test_what_is_refused_gives_the_link_back(
    where: str, client: Client, said: dict[str, Any], words: str
) -> None:
    page = client.post(where, said)
    assert page.status_code == 200
    assert words in page.content.decode()
    assert not Facts.objects.exists()
    assert client.post(where, SAID).status_code == 200
    assert Facts.objects.count() == 1


def test_a_link_ends_after_thirty_days_and_opens_nothing_else(where: str, client: Client) -> None:
    token = where.strip("/").split("/")[-1]
    with pytest.raises(links.DeadLink):
        links.read(token, Purpose.VERDICT)
    with time_machine.travel(datetime.datetime.now(datetime.UTC) + 31 * DAY):
        assert client.get(where).status_code == 410
    assert client.get(reverse("essaimage:evidence", args=["x"])).status_code == 410


def test_the_reminder_opens_the_same_question_and_both_links_close(
    mailbox: Mailbox, where: str, client: Client
) -> None:
    with time_machine.travel(datetime.datetime.now(datetime.UTC) + 22 * DAY):
        run()
        second = mailbox.link("resultats")
        assert second != where
        assert client.post(where, SAID).status_code == 200
        assert client.get(second).status_code == 410


def test_a_replication_unpublished_meanwhile_says_so(where: str, client: Client) -> None:
    Replication.objects.update(publication="ecartee")
    page = client.get(where)
    assert page.status_code == 410
    assert "n’est plus publiée" in page.content.decode()


def test_no_token_is_kept_nor_written_in_the_history(where: str, client: Client) -> None:
    token = where.strip("/").split("/")[-1]
    client.post(where, SAID)
    kept = [str(vars(link)) for link in Link.objects.all()]
    kept += [str(event.pgh_context.metadata) for event in Facts.objects.get().events.all()]
    assert not [one for one in kept if token in one]


# --- stopping -------------------------------------------------------------------------------------


def test_who_stops_the_mails_gets_none_whatever_the_replication(
    mailbox: Mailbox, where: str, client: Client
) -> None:
    party = Party.objects.get()
    other = begun("2024-03-10")
    Party.objects.filter(pk=other.pk).update(email=party.email.upper())
    stop = mailbox.link("arreter")
    assert client.get(stop).status_code == 200
    assert not MailRefusal.objects.exists()
    # As mail programs do by themselves (RFC 8058).
    program = Client(enforce_csrf_checks=True)
    assert program.post(stop, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert client.get(where).status_code == 410
    asking.plan()
    assert not FollowUp.objects.planned().exists()
    assert "@" not in str(vars(MailRefusal.objects.get()))
    assert client.post(stop).status_code == 200
    assert MailRefusal.objects.count() == 1


def test_a_forged_stop_stops_nothing(where: str, client: Client) -> None:
    party = Party.objects.get()
    for token in (str(party.pk), "x", f"{party.pk}:a:b"):
        page = client.post(reverse("essaimage:evidence_stop", args=[token]))
        assert "Ce lien n’arrête rien" in page.content.decode()
    assert not MailRefusal.objects.exists()


def test_months_since_are_those_that_surely_passed() -> None:
    replication = begun("2020").replication
    day = datetime.date
    assert reporting.months_since(replication, day(2021, 12, 30)) == 11
    assert reporting.months_since(replication, day(2021, 12, 31)) == 12
    assert reporting.months_since(replication, day(2020, 6, 1)) is None
    assert reporting.months_since(ReplicationFactory(), day(2020, 6, 1)) is None


def test_the_number_of_queries_to_plan_does_not_grow(django_assert_max_num_queries: Any) -> None:
    with at("2024-03-15"):
        for _ in range(3):
            begun()
        asking.plan()
        for _ in range(3):
            FactsFactory(replication=begun().replication)
        asking.plan()
        with django_assert_max_num_queries(7):
            asking.plan()
