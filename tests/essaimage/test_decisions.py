"""Decisions of form on all that is told here: one way, each undone in one gesture, said to who
wrote what is set aside."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import ProgrammingError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from essaimage import announcing, asking, moderated, moderating, tasks
from essaimage.backoffice.deciding import PLACES
from essaimage.models import (
    Experiment,
    Facts,
    Interpretation,
    MailRefusal,
    Obstacle,
    Publication,
    Replication,
    SetAside,
)
from essaimage.moderating import CannotDecide, CannotUndo, Choice
from innovations import bulk
from innovations.models import BulkAction
from tests.backoffice.conftest import BACKEND
from tests.essaimage.conftest import Postman
from tests.factories import (
    ExperimentFactory,
    FactsFactory,
    FollowUpFactory,
    InterpretationFactory,
    ObstacleFactory,
    PartyFactory,
    ReplicationFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
MAKERS: dict[type, Any] = {
    Replication: ReplicationFactory,
    Obstacle: ObstacleFactory,
    Interpretation: InterpretationFactory,
    Experiment: ExperimentFactory,
    Facts: FactsFactory,
}
KINDS = pytest.mark.parametrize("kind", moderated.ALL, ids=lambda kind: kind.code)
ASIDE = Choice(Publication.SET_ASIDE, SetAside.DUPLICATE)
PUBLISH = Choice(Publication.PUBLISHED)


def made(kind: moderated.Moderated, publication: str = "a-relire") -> Any:
    return MAKERS[kind.model](publication=publication)


def now(row: Any) -> Any:
    return type(row)._base_manager.get(pk=row.pk)


def decide(row: Any, choice: Choice, author: Any) -> BulkAction:
    seen = moderated.of(row).mark(now(row))
    return moderating.decide(row, choice, author=author, seen=seen)


def sent(client: Client, row: Any, action: str, **said: str) -> Any:
    seen = moderated.of(row).mark(now(row))
    return client.post(PLACES[type(row)].decide(row), {"action": action, "vu": seen, **said})


def text(answer: Any) -> str:
    return answer.content.decode()


@pytest.fixture
def officer(roles: SimpleNamespace, client: Client) -> Client:
    client.force_login(roles.essaimage_officer, BACKEND)
    return client


@KINDS
def test_a_decision_is_undone_in_one_gesture_and_both_are_in_the_history(
    kind: moderated.Moderated, officer: Client, roles: SimpleNamespace
) -> None:
    row = made(kind)
    shown = officer.get(sent(officer, row, "publiee").headers["Location"])
    done = BulkAction.objects.get()
    assert now(row).publication == "publiee"
    undo = reverse("gestion_essaimage:review_undo", args=[done.pk])
    assert undo in text(shown)
    assert "Annuler cette décision" in text(shown)
    back = officer.post(undo, follow=True)
    assert "Décision annulée." in text(back)
    assert now(row).publication == "a-relire"
    told = row.events.order_by("pgh_id").select_related("pgh_context")
    publications = [event.publication for event in told]
    assert publications[-3:] == ["a-relire", "publiee", "a-relire"]
    who = [event.pgh_context.metadata for event in told if event.pgh_context]
    assert [said["user"] for said in who[-2:]] == [roles.essaimage_officer.pk] * 2
    assert who[-2]["motif"] == f"{kind.title} : {kind.said('publiee')}"
    assert who[-1]["motif"] == f"Défait : {kind.title} : {kind.said('publiee')}"
    assert "déjà annulée" in text(officer.post(undo, follow=True))


@KINDS
def test_each_way_of_deciding_is_undone(kind: moderated.Moderated) -> None:
    author = UserFactory()
    for before, choice in (
        ("a-relire", PUBLISH),
        ("a-relire", ASIDE),
        ("publiee", ASIDE),
        ("publiee", Choice(Publication.WAITING)),
        ("ecartee", PUBLISH),
        ("ecartee", Choice(Publication.WAITING)),
    ):
        row = made(kind, before)
        done = decide(row, choice, author)
        assert now(row).publication == choice.publication
        moderating.undo(done, author=author)
        assert (now(row).publication, now(row).publication_reason) == (before, "")


@KINDS
def test_a_decision_is_not_undone_once_someone_decided_since(
    kind: moderated.Moderated, officer: Client, roles: SimpleNamespace
) -> None:
    row, other = made(kind), UserFactory(display_name="Relecture du soir")
    first = decide(row, PUBLISH, roles.essaimage_officer)
    second = decide(row, ASIDE, other)
    # It is as the first left it again, and yet others decided of it.
    decide(row, PUBLISH, other)
    where = reverse("gestion_essaimage:review_undo", args=[first.pk])
    page = text(officer.post(where, follow=True))
    assert "ne s’annule plus" in page
    assert "Relecture du soir" in page
    assert now(row).publication == "publiee"
    first.refresh_from_db()
    assert first.undone_at is None
    with pytest.raises(CannotUndo):
        moderating.undo(second, author=other)


def test_the_journal_of_gestures_does_not_undo_over_a_later_decision_either() -> None:
    row, author = ObstacleFactory(waiting=True), UserFactory()
    first = decide(row, PUBLISH, author)
    decide(row, ASIDE, author)
    last = decide(row, PUBLISH, author)
    assert (bulk.undoable(first), bulk.undoable(last)) == (0, 1)
    assert bulk.undo(first, author=author).restored == 0
    assert now(row).publication == "publiee"


def test_those_taken_since_are_undone_first_one_by_one() -> None:
    row, author = ObstacleFactory(waiting=True), UserFactory()
    first, second = decide(row, PUBLISH, author), decide(row, ASIDE, author)
    moderating.undo(second, author=author)
    moderating.undo(first, author=author)
    assert now(row).publication == "a-relire"


@KINDS
def test_what_is_set_aside_has_a_reason_of_form_said_as_it_is_of_it(
    kind: moderated.Moderated, officer: Client
) -> None:
    row = made(kind)
    page = text(officer.get(PLACES[kind.model].page(row)))
    for label in (kind.other_thing, f"Déjà inscrit{kind.ending}", "Publicité", "Incompréhensible"):
        assert label in page
    for wrong in ({}, {"motive": "pas-assez-innovant"}, {"text": "Sans motif de la liste."}):
        answer = sent(officer, row, "ecartee", **wrong)
        assert (answer.status_code, now(row).publication) == (200, "a-relire")
        assert answer.context["deciding"].trouble
    answer = sent(officer, row, "ecartee", motive="doublon", text="Voir l’autre.")
    assert answer.status_code == 302
    assert now(row).publication_reason == f"Déjà inscrit{kind.ending} : Voir l’autre."
    assert "Voir l’autre." in text(officer.get(PLACES[kind.model].page(row)))


@KINDS
def test_what_changed_since_it_was_read_is_not_decided(
    kind: moderated.Moderated, officer: Client
) -> None:
    row = made(kind)
    seen = kind.mark(row)
    decide(row, ASIDE, UserFactory())
    late = officer.post(PLACES[kind.model].decide(row), {"action": "publiee", "vu": seen})
    assert late.status_code == 409
    assert "entre-temps" in text(late)
    assert now(row).publication == "ecartee"


@KINDS
def test_what_nobody_confirmed_yet_is_no_matter_of_staff(kind: moderated.Moderated) -> None:
    row = made(kind, "a-confirmer")
    for choice in (PUBLISH, ASIDE, Choice(Publication.WAITING), Choice(Publication.UNCONFIRMED)):
        with pytest.raises(CannotDecide):
            decide(row, choice, UserFactory())
    assert now(row).publication == "a-confirmer"


@pytest.mark.parametrize("role", ["moderator", "statistician", "partner_member", "stranger"])
def test_who_may_decide_may_undo_and_nobody_else(
    roles: SimpleNamespace, client: Client, role: str
) -> None:
    user = getattr(roles, role)
    client.force_login(user, BACKEND)
    for kind in moderated.ALL:
        done = decide(made(kind), PUBLISH, roles.essaimage_officer)
        where = reverse("gestion_essaimage:review_undo", args=[done.pk])
        assert client.get(where).status_code == 405
        may = user.has_perm(kind.permission)
        assert client.post(where).status_code == (302 if may else 403)
        done.refresh_from_db()
        assert bool(done.undone_at) is may


def test_the_next_one_follows_and_the_queue_offers_to_undo_the_last(officer: Client) -> None:
    first, second = (ObstacleFactory(waiting=True) for _ in range(2))
    answer = sent(officer, first, "publiee")
    assert answer.headers["Location"].startswith(PLACES[Obstacle].page(second) + "?fait=")
    page = text(officer.get(answer.headers["Location"]))
    assert "Obstacle : publié." in page
    for key in "pez?":
        assert f'data-key="{key}"' in page
    answer = officer.post(
        PLACES[Obstacle].decide(second),
        {"action": "publiee", "vu": moderated.of(second).mark(second)},
        follow=True,
    )
    assert "rien d’autre à relire" in text(answer)
    assert text(answer).count("Annuler cette décision") == 1


def test_the_page_of_a_decision_costs_the_same_however_many_were_taken(
    officer: Client, django_assert_max_num_queries: Any
) -> None:
    row, author = ObstacleFactory(waiting=True), UserFactory()
    counts = []
    for turns in (1, 6):
        for _ in range(turns):
            decide(row, PUBLISH, author)
            decide(row, Choice(Publication.WAITING), author)
        ObstacleFactory.create_batch(turns, waiting=True)
        with django_assert_max_num_queries(20) as seen:
            officer.get(PLACES[Obstacle].page(row))
        counts.append(len(seen.captured_queries))
    assert counts[0] == counts[1]


# Who wrote it is told


def declared() -> tuple[Any, Any]:
    row = ReplicationFactory(waiting=True, origin="repreneur", journal=True)
    party = PartyFactory(replication=row, is_declarer=True, email_confirmed_at=timezone.now())
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
    assert "Écarté, le motif part par courriel" in text(officer.get(PLACES[type(row)].page(row)))
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


@KINDS
def test_what_no_decision_may_do_the_database_refuses_too(kind: moderated.Moderated) -> None:
    for before, after in (
        ("a-relire", "a-confirmer"),
        ("publiee", "a-confirmer"),
        ("ecartee", "a-confirmer"),
        ("a-confirmer", "publiee"),
        ("a-confirmer", "ecartee"),
    ):
        row = made(kind, before)
        with pytest.raises(ProgrammingError, match="Invalid transition"), transaction.atomic():
            kind.rows.filter(pk=row.pk).update(publication=after)
        assert now(row).publication == before
