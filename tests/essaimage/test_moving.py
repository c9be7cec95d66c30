"""A replication goes one step at a time, each with its author, its date and its reason."""

import datetime

import pytest
from django.db import connection
from django.utils import timezone

from essaimage import moving
from essaimage.models import Replication, ReplicationStep
from essaimage.moving import Author, CannotMove, Move, Passed
from tests.factories import ObstacleFactory, ReplicationFactory, UserFactory

pytestmark = pytest.mark.django_db
BY = Author("Association du bourg")


def steps(replication: Replication) -> list[tuple[str, str]]:
    rows = replication.steps.filter(annulled_at=None).order_by("pk")
    return list(rows.values_list("state", "date"))


def go(row: Replication, to: str, date: str = "", reason: str = "Constaté.") -> Replication:
    return moving.move(row, Move(to, row.state, reason, date), BY)


def refused(act: object, *args: object) -> CannotMove:
    with pytest.raises(CannotMove) as error:
        act(*args)  # type: ignore[operator]
    return error.value


def test_a_replication_told_when_it_runs_has_each_state_before_it() -> None:
    row = ReplicationFactory(state="en-cours")
    moving.open_journal(row, BY, reason="Ouvert en mars.", passed=[Passed("en-cours", "2021-03")])
    told = list(row.steps.order_by("pk").values_list("state", "date", "reason", "is_retold"))
    assert told == [
        ("envisagee", "", "", True),
        ("en-preparation", "", "", True),
        ("en-cours", "2021-03", "Ouvert en mars.", False),
    ]


def test_one_that_stopped_after_it_had_begun_counts_as_spread() -> None:
    row = ReplicationFactory(state="abandonnee")
    known = [Passed("en-cours", "2019"), Passed("abandonnee", "2021")]
    moving.open_journal(row, BY, reason="Plus de local.", passed=known)
    assert steps(row) == [
        ("envisagee", ""), ("en-preparation", ""), ("en-cours", "2019"), ("abandonnee", "2021"),
    ]  # fmt: skip
    assert row in Replication.objects.spread()
    assert row.has_begun
    assert (row.began_on, row.stopped_on) == ("2019", "2021")


def test_one_that_stopped_before_it_began_does_not() -> None:
    row = ReplicationFactory(state="abandonnee")
    moving.open_journal(row, BY, passed=[Passed("en-preparation", "2019")])
    assert [state for state, _ in steps(row)] == ["envisagee", "en-preparation", "abandonnee"]
    assert row not in Replication.objects.spread()


def test_a_state_beyond_its_own_is_refused_rather_than_forgotten() -> None:
    row = ReplicationFactory(state="en-cours")
    error = refused(lambda: moving.open_journal(row, BY, passed=[Passed("perennisee", "2020")]))
    assert error.message == "« Pérennisée » ne vient pas avant « en cours »."
    assert not row.steps.exists()


@pytest.mark.parametrize(
    ("dates", "field"),
    [
        (("2020", "2019", ""), "date"),
        (("2019-06", "2019", "2019-03"), "date"),
        (("2019", "", "2018-12-31"), "date"),
        (("pas une date", "", ""), "date"),
        (("2999", "", ""), "date"),
    ],
)
def test_dates_that_cannot_be_are_refused(dates: tuple[str, str, str], field: str) -> None:
    row = ReplicationFactory(state="en-cours")
    states = ("envisagee", "en-preparation", "en-cours")
    passed = [Passed(state, date) for state, date in zip(states, dates, strict=True)]
    assert refused(lambda: moving.open_journal(row, BY, passed=passed)).field == field
    assert not row.steps.exists()


def test_dates_that_may_be_are_kept_as_they_are_known() -> None:
    row = ReplicationFactory(state="en-cours")
    today = timezone.localdate()
    known = {"envisagee": "2019-06", "en-preparation": "2019", "en-cours": today.isoformat()}
    moving.open_journal(row, BY, passed=[Passed(s, d) for s, d in known.items()])
    assert dict(steps(row)) == known


def test_the_future_is_refused_as_precisely_as_it_is_told() -> None:
    today = timezone.localdate()
    row = ReplicationFactory(journal=True)
    tomorrow = (today + datetime.timedelta(days=1)).isoformat()
    assert refused(go, row, "en-preparation", tomorrow).field == "date"
    assert refused(go, row, "en-preparation", str(today.year + 1)).field == "date"
    assert go(row, "en-preparation", str(today.year)).state == "en-preparation"


def test_a_move_is_dated_signed_and_in_the_history() -> None:
    row, user = ReplicationFactory(journal=True), UserFactory()
    moved = moving.move(
        row, Move("en-preparation", "envisagee", " Un comité. ", "2020"), Author("Équipe", user)
    )
    step = moved.steps.last()
    assert (step.state, step.date, step.reason, step.author, step.user) == (
        "en-preparation", "2020", "Un comité.", "Équipe", user,
    )  # fmt: skip
    event = row.events.order_by("pgh_id").last()
    assert (event.state, event.pgh_context.metadata["user"]) == ("en-preparation", user.pk)
    assert event.pgh_context.metadata["motif"] == "Changement d’état"


@pytest.mark.parametrize(
    ("state", "to"),
    [
        ("envisagee", "en-cours"), ("envisagee", "perennisee"), ("envisagee", "envisagee"),
        ("en-preparation", "perennisee"), ("en-preparation", "envisagee"),
        ("en-cours", "en-preparation"), ("perennisee", "en-cours"), ("abandonnee", "en-cours"),
        ("en-cours", "n’importe quoi"),
    ],
)  # fmt: skip
def test_no_state_is_skipped(state: str, to: str) -> None:
    row = ReplicationFactory(state=state, journal=True)
    before = steps(row)
    assert refused(go, row, to).field == "to"
    assert steps(row) == before


def test_a_move_without_a_reason_is_refused() -> None:
    assert refused(go, ReplicationFactory(), "en-preparation", "", "  ").field == "reason"


def test_a_move_before_the_last_known_date_is_refused() -> None:
    row = ReplicationFactory(journal={"envisagee": "2020-06"})
    row = go(row, "en-preparation", "2020")
    error = refused(go, row, "en-cours", "2020-03")
    assert error.field == "date"
    assert "juin 2020" in error.message
    assert go(row, "en-cours", "2020-07").state == "en-cours"


def test_who_decided_on_another_state_is_told_todays() -> None:
    row = ReplicationFactory(journal=True)
    go(Replication.objects.get(pk=row.pk), "abandonnee")
    assert "« abandonnée »" in refused(go, row, "en-preparation").message


def test_what_was_stopped_is_taken_up_again_from_its_preparation() -> None:
    row = ReplicationFactory(state="abandonnee", journal={"en-cours": "2019", "abandonnee": "2020"})
    row = go(row, "en-preparation", "2022")
    row = go(row, "en-cours", "2023")
    assert (row.began_on, row.stopped_on) == ("2019", "")


def test_the_last_step_is_taken_back_and_stays_in_the_journal() -> None:
    row = go(ReplicationFactory(journal=True), "en-preparation", "2020")
    step = row.steps.last()
    back = moving.annul(step, Author("Équipe", UserFactory()), reason="Erreur de saisie.")
    assert back.state == Replication.objects.get(pk=row.pk).state == "envisagee"
    step.refresh_from_db()
    assert (step.annulled_by, step.annulled_reason) == ("Équipe", "Erreur de saisie.")
    assert steps(row) == [("envisagee", "")]
    assert row.events.order_by("pgh_id").last().pgh_context.metadata["motif"] == "Étape annulée"
    # And it goes on from there.
    assert go(back, "abandonnee").state == "abandonnee"


def test_only_the_last_step_is_taken_back_and_never_the_first() -> None:
    row = go(ReplicationFactory(journal=True), "en-preparation")
    first, last = row.steps.order_by("pk")
    assert "dernière" in refused(lambda: moving.annul(first, BY, reason="x")).message
    assert refused(lambda: moving.annul(last, BY, reason=" ")).field == "reason"
    moving.annul(last, BY, reason="Erreur.")
    assert "dernière" in refused(lambda: moving.annul(last, BY, reason="Encore.")).message
    assert "première" in refused(lambda: moving.annul(first, BY, reason="x")).message


def test_taking_a_step_back_opens_the_way_for_nothing_else() -> None:
    """The trigger that annulling goes round refuses again as soon as it is done."""
    row = go(go(ReplicationFactory(journal=True), "en-preparation"), "en-cours")
    moving.annul(row.steps.last(), BY, reason="Erreur.")
    with pytest.raises(Exception, match="Invalid transition"), connection.cursor() as cursor:
        cursor.execute("UPDATE essaimage_replication SET state = 'perennisee'")


def test_an_obstacle_says_how_it_was_lifted() -> None:
    row = ObstacleFactory()
    asked = Move("leve", "signale", "", "2020")
    assert refused(lambda: moving.move_obstacle(row, asked, BY)).field == "resolution"
    told = Move("leve", "signale", "", "2020", "Un arrêté du préfet.")
    assert moving.move_obstacle(row, told, BY).resolution == "Un arrêté du préfet."
    again = Move("en-discussion", "leve", "")
    assert refused(lambda: moving.move_obstacle(row, again, BY)).field == "reason"
    stale = Move("maintenu", "signale", "Refus.")
    assert "« levé »" in refused(lambda: moving.move_obstacle(row, stale, BY)).message
    skipped = Move("maintenu", "leve", "Refus.")
    assert refused(lambda: moving.move_obstacle(row, skipped, BY)).field == "to"
    assert [s.state for s in row.steps.all()] == ["leve"]


def test_a_long_name_of_an_author_is_cut_not_refused() -> None:
    row = moving.move(
        ReplicationFactory(journal=True),
        Move("en-preparation", "envisagee", "Vu."),
        Author("a" * 300),
    )
    last = row.steps.last()
    moving.annul(last, Author("b" * 300), reason="Erreur.")
    assert len(ReplicationStep.objects.get(pk=last.pk).annulled_by) == 200
