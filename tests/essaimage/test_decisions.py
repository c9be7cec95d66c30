"""Decisions of form on all that is told here: one way, each undone in one gesture, said to who
wrote what is set aside."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import ProgrammingError, transaction
from django.test import Client
from django.urls import reverse

from essaimage import moderated, moderating
from essaimage.backoffice.deciding import PLACES
from essaimage.models import (
    Experiment,
    Facts,
    Interpretation,
    Obstacle,
    Publication,
    Replication,
    SetAside,
)
from essaimage.moderating import CannotDecide, CannotUndo, Choice
from innovations import bulk
from innovations.models import BulkAction
from tests.backoffice.conftest import BACKEND
from tests.factories import (
    ExperimentFactory,
    FactsFactory,
    InterpretationFactory,
    ObstacleFactory,
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
    assert f"<strong>{first.title}</strong><br>Obstacle : publié." in page
    # What was read is the heading of what is read next.
    assert 'tabindex="-1" autofocus' in page
    for key in "pez?":
        assert f'data-key="{key}"' in page
    answer = officer.post(
        PLACES[Obstacle].decide(second),
        {"action": "publiee", "vu": moderated.of(second).mark(second)},
        follow=True,
    )
    assert "rien d’autre à relire" in text(answer)
    assert text(answer).count("Annuler cette décision") == 1


def test_the_queue_of_obstacles_goes_on_with_interpretations(officer: Client) -> None:
    obstacle, told = ObstacleFactory(waiting=True), InterpretationFactory(publication="a-relire")
    answer = sent(officer, obstacle, "publiee")
    assert answer.headers["Location"].startswith(PLACES[Interpretation].page(told) + "?fait=")
    passed = ObstacleFactory(waiting=True)
    assert PLACES[Obstacle].page(passed) in text(officer.get(PLACES[Interpretation].page(told)))
    answer = sent(officer, told, "publiee")
    assert answer.headers["Location"].startswith(PLACES[Obstacle].page(passed) + "?fait=")
    done = text(officer.get(answer.headers["Location"]))
    assert f"{told.authority}, à propos de «" in done


@KINDS
def test_a_page_offers_the_keys_that_do_something_there_and_says_what_it_is(
    kind: moderated.Moderated, officer: Client
) -> None:
    row = made(kind)
    page = officer.get(PLACES[kind.model].page(row))
    assert [key.key for key in page.context["deciding"].keys] == ["p", "1 à 6", "e", "?"]
    assert "autofocus" not in text(page) or kind.model in (Replication, Interpretation)
    page = officer.get(sent(officer, row, "publiee").headers["Location"])
    assert "autofocus" in text(page)
    if PLACES[kind.model].queue:
        page = officer.get(f"{PLACES[kind.model].page(row)}?fait={BulkAction.objects.get().pk}")
    assert [key.key for key in page.context["deciding"].keys] == ["1 à 6", "e", "z", "?"]
    assert f">Publié{kind.ending}</p>" in text(page)


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


@KINDS
def test_what_is_erased_while_it_is_read_is_no_error(
    kind: moderated.Moderated, officer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = made(kind)
    seen, real = kind.mark(row), moderating.decide

    def erased_first(*args: Any, **kwargs: Any) -> BulkAction:
        kind.rows.filter(pk=row.pk).delete()
        return real(*args, **kwargs)

    monkeypatch.setattr(moderating, "decide", erased_first)
    answer = officer.post(PLACES[kind.model].decide(row), {"action": "publiee", "vu": seen})
    assert answer.status_code == 404
    assert "effacé entre-temps" in text(officer.get(reverse("gestion_essaimage:dashboard")))
    assert not BulkAction.objects.exists()


@KINDS
def test_the_precision_is_kept_whole_or_refused(kind: moderated.Moderated, officer: Client) -> None:
    row, longest = made(kind), "x" * moderating.LONGEST
    for motive, _ in kind.motives:
        done = decide(row, Choice(Publication.SET_ASIDE, motive, longest), UserFactory())
        assert BulkAction.objects.get(pk=done.pk).reason.endswith(longest)
        moderating.undo(done, author=UserFactory())
    answer = sent(officer, row, "ecartee", motive="doublon", text=f"{longest}x")
    assert str(moderating.LONGEST) in answer.context["deciding"].trouble
    with pytest.raises(CannotDecide, match="caractères"):
        decide(row, Choice(Publication.SET_ASIDE, "doublon", f"{longest}x"), UserFactory())
    assert now(row).publication == "a-relire"
