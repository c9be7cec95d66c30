"""Mails that decisions of form ask for: once, only while the decision stands, and not at once."""

import datetime
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from celery.signals import before_task_publish
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from essaimage import announcing, asking, moderated, moderating, tasks
from essaimage.backoffice.deciding import PLACES
from essaimage.models import Facts, MailRefusal, Obstacle, Publication, Replication, SetAside
from essaimage.moderating import Choice
from innovations import bulk
from innovations.models import Innovation
from tests.backoffice.conftest import BACKEND
from tests.essaimage.conftest import Postman
from tests.essaimage.test_decisions import ASIDE, PUBLISH, decide, now, text
from tests.factories import (
    ExperimentFactory,
    FactsFactory,
    FollowUpFactory,
    ObstacleFactory,
    PartyFactory,
    ReplicationFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(roles: SimpleNamespace, client: Client) -> Client:
    client.force_login(roles.essaimage_officer, BACKEND)
    return client


def declared() -> tuple[Any, Any]:
    row = ReplicationFactory(waiting=True, origin="repreneur", journal=True)
    party = PartyFactory(replication=row, confirms=True, is_declarer=True)
    return row, party


def answered() -> tuple[Any, Any]:
    party = PartyFactory(confirms=True)
    facts = FactsFactory(replication=party.replication, told_by="repreneur", publication="a-relire")
    FollowUpFactory(party=party, facts=facts, answered_at=timezone.now())
    return facts, party


@pytest.mark.parametrize("told", [declared, answered])
def test_who_wrote_what_is_set_aside_is_told_why_once(
    told: Callable[[], tuple[Any, Any]], postman: Postman, officer: Client
) -> None:
    row, party = told()
    assert "le motif part par courriel à qui l’a écrit" in text(
        officer.get(PLACES[type(row)].page(row))
    )
    done = decide(row, Choice(Publication.SET_ASIDE, SetAside.ADVERTISING, "Un tarif y figure."),
                  UserFactory())  # fmt: skip
    assert tasks.mail_set_aside(done.pk, party.pk)
    (_, subject, body) = postman.mails[-1]
    assert postman.to(party.email) == 1
    assert subject == "Ce que vous avez écrit n’est pas publié"
    assert "Publicité : Un tarif y figure." in body
    assert "Ce n’est pas un jugement" in body
    assert now(row).aside_told_at is not None
    assert not tasks.mail_set_aside(done.pk, party.pk)
    assert postman.to(party.email) == 1


@pytest.mark.parametrize("told", [declared, answered])
def test_nobody_hears_of_a_decision_undone_or_taken_again(
    told: Callable[[], tuple[Any, Any]], postman: Postman
) -> None:
    row, party = told()
    author = UserFactory()
    slip = decide(row, ASIDE, author)
    moderating.undo(slip, author=author)
    assert not tasks.mail_set_aside(slip.pk, party.pk)
    first = decide(row, ASIDE, author)
    decide(row, PUBLISH, author)
    assert not tasks.mail_set_aside(first.pk, party.pk)
    last = decide(row, ASIDE, author)
    assert not tasks.mail_set_aside(first.pk, party.pk)
    assert tasks.mail_set_aside(last.pk, party.pk)
    assert postman.to(party.email) == 1


def test_the_mail_leaves_with_the_decision_and_only_where_an_address_is_known(
    postman: Postman, django_capture_on_commit_callbacks: Any
) -> None:
    author = UserFactory()
    row, party = declared()
    unknown, forgotten = declared()
    type(forgotten).objects.filter(pk=forgotten.pk).update(email="")
    silent, tired = declared()
    MailRefusal.objects.create(digest=asking.digest(tired.email))
    never, unheard = declared()
    type(unheard).objects.filter(pk=unheard.pk).update(email_confirmed_at=None)
    with django_capture_on_commit_callbacks(execute=True):
        for one in (row, unknown, silent, never, ObstacleFactory(waiting=True)):
            decide(one, ASIDE, author)
    assert [to for to, *_ in postman.mails] == [[party.email]]


def test_the_page_says_that_nobody_can_be_told(officer: Client) -> None:
    page = text(officer.get(PLACES[Obstacle].page(ObstacleFactory(waiting=True))))
    assert "Écarter n’envoie aucun courriel" in page
    assert announcing.to_tell(ObstacleFactory()) == []


def test_a_set_aside_that_stands_again_is_told_though_its_ten_minutes_are_over(
    postman: Postman, django_capture_on_commit_callbacks: Any
) -> None:
    for undo in (moderating.undo, bulk.undo):
        row, party = declared()
        author = UserFactory()
        first, second = decide(row, ASIDE, author), decide(row, PUBLISH, author)
        assert not tasks.mail_set_aside(first.pk, party.pk)
        with django_capture_on_commit_callbacks(execute=True):
            undo(second, author=author)
        assert now(row).publication == "ecartee"
        assert postman.to(party.email) == 1
        # What it was to tell is told once, though both mails were to leave.
        assert not tasks.mail_set_aside(first.pk, party.pk)


def test_a_publication_that_stands_again_is_told_and_asks_who_was_not_heard(
    postman: Postman, django_capture_on_commit_callbacks: Any
) -> None:
    row, party = declared()
    other = PartyFactory(replication=row, porteur=True)
    first, second = decide(row, PUBLISH, UserFactory()), decide(row, ASIDE, UserFactory())
    assert not tasks.mail_published(first.pk, party.pk)
    assert not tasks.mail_verdict(other.pk, first.pk)
    with django_capture_on_commit_callbacks(execute=True):
        moderating.undo(second, author=UserFactory())
    assert (postman.to(party.email), postman.to(other.email)) == (1, 1)


def test_nobody_hears_of_what_is_published_by_a_slip(
    postman: Postman, django_capture_on_commit_callbacks: Any
) -> None:
    row, _ = declared()
    other, author = PartyFactory(replication=row, porteur=True), UserFactory()
    with django_capture_on_commit_callbacks() as mails:
        slip = decide(row, PUBLISH, author)
    assert len(mails) == 2
    moderating.undo(slip, author=author)
    # Nor when another slip, undone later, is what the row says as the first mails leave.
    with django_capture_on_commit_callbacks():
        decide(row, PUBLISH, author)
    for leave in mails:
        leave()
    assert postman.mails == []
    assert now(other).asked_at is None


@pytest.mark.parametrize(
    ("choice", "names"),
    [
        (PUBLISH, ["essaimage.mail_published", "essaimage.mail_verdict"]),
        (ASIDE, ["essaimage.mail_set_aside"]),
    ],
)
def test_mails_leave_ten_minutes_after_the_decision(
    choice: Choice, names: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    row, _ = declared()
    PartyFactory(replication=row, porteur=True)
    leaving: dict[str, datetime.timedelta] = {}

    def note(sender: str, headers: Any, **_rest: Any) -> None:
        eta = datetime.datetime.fromisoformat(headers["eta"])
        leaving[sender] = eta - timezone.now()

    before_task_publish.connect(note)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            decide(row, choice, UserFactory())
    finally:
        before_task_publish.disconnect(note)
    assert sorted(leaving) == names
    for wait in leaving.values():
        assert abs(wait - datetime.timedelta(minutes=10)) < datetime.timedelta(minutes=1)


def test_who_declared_it_is_told_once_that_it_is_published(postman: Postman) -> None:
    row, party = declared()
    done = decide(row, PUBLISH, UserFactory())
    assert tasks.mail_published(done.pk, party.pk)
    (to, subject, body) = postman.mails[-1]
    assert (to, subject) == ([party.email], "La reprise déclarée est publiée")
    assert row.get_absolute_url() in body
    assert not tasks.mail_published(done.pk, party.pk)
    decide(row, Choice(Publication.WAITING), UserFactory())
    again = decide(row, PUBLISH, UserFactory())
    assert not tasks.mail_published(again.pk, party.pk)
    # Told since that it is not, it is told that it is.
    aside = decide(row, ASIDE, UserFactory())
    assert tasks.mail_set_aside(aside.pk, party.pk)
    assert "ne la publie plus" in postman.mails[-1][2]
    back = decide(row, PUBLISH, UserFactory())
    assert tasks.mail_published(back.pk, party.pk)
    assert postman.to(party.email) == 3


def test_only_who_declared_it_is_told_and_only_of_a_page_that_there_is(postman: Postman) -> None:
    row, party = declared()
    other = PartyFactory(replication=row, porteur=True, email_confirmed_at=timezone.now())
    done = decide(row, PUBLISH, UserFactory())
    assert not tasks.mail_published(done.pk, other.pk)
    Innovation.objects.filter(pk=row.innovation_id).update(status="brouillon")
    assert not tasks.mail_published(done.pk, party.pk)
    facts, teller = answered()
    done = decide(facts, PUBLISH, UserFactory())
    assert not tasks.mail_published(done.pk, teller.pk)
    assert postman.mails == []


def test_the_mail_says_which_answer_is_set_aside(postman: Postman) -> None:
    row, party = answered()
    type(row).objects.filter(pk=row.pk).update(months=12)
    done = decide(row, ASIDE, UserFactory())
    assert tasks.mail_set_aside(done.pk, party.pk)
    body = postman.mails[-1][2]
    said = date_format(timezone.localtime(row.reported_at), "j F Y")
    assert f"Le {said}, vous avez dit les résultats à 12 mois" in body
    assert "ne les publie pas" in body


def test_that_a_mail_left_changes_nothing_of_what_is_read(
    postman: Postman, officer: Client
) -> None:
    row, party = answered()
    done = decide(row, ASIDE, UserFactory())
    seen = moderated.of(row).mark(now(row))
    assert "est prévenu" not in text(officer.get(PLACES[Facts].page(row)))
    assert tasks.mail_set_aside(done.pk, party.pk)
    page = text(officer.get(PLACES[Facts].page(row)))
    assert "Qui l’a écrit en est prévenu par courriel depuis le" in page
    answer = officer.post(PLACES[Facts].decide(row), {"action": "publiee", "vu": seen})
    assert answer.status_code == 302


def test_the_page_says_who_hears_of_the_decision(officer: Client) -> None:
    row, _ = declared()
    PartyFactory(replication=row, porteur=True)
    page = text(officer.get(PLACES[Replication].page(row)))
    assert "Publiée : un courriel l’apprend à qui l’a déclarée, un courriel interroge le" in page
    assert "Écartée : le motif part par courriel à qui l’a écrit." in page
    assert "dix minutes plus tard" in page


def test_an_address_is_only_missed_where_someone_outside_the_team_wrote(officer: Client) -> None:
    ours = (ExperimentFactory(publication="a-relire"), FactsFactory(told_by="equipe"))
    for row in (*ours, ObstacleFactory(told_by="equipe"), ReplicationFactory(origin="equipe")):
        page = text(officer.get(PLACES[type(row)].page(row)))
        assert "Écarter n’envoie aucun courriel." in page, type(row)
        assert "aucune adresse" not in page
