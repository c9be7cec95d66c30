"""Move, annul, publish, set aside, undo, edit, in any order, over the real database.

What the database holds is compared after each step with books kept apart, by hand; what no verb
allows is refused to raw SQL too.
"""

import itertools
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from essaimage import editing, moderating, moving
from essaimage.models import (
    Obstacle,
    ObstacleState,
    Publication,
    Replication,
    ReplicationState,
    SetAside,
)
from essaimage.models.machines import NEXT_PUBLICATION
from essaimage.models.obstacle import NEXT_OBSTACLE
from essaimage.models.replication import NEXT
from essaimage.moderating import CannotDecide, Choice
from essaimage.moving import Author, CannotMove, Move
from innovations import bulk
from innovations.models import BulkAction
from tests.factories import ObstacleFactory, ReplicationFactory, UserFactory

# The states of the domain, told once more by hand: what NEXT says must be this.
ALLOWED = {
    ("envisagee", "en-preparation"), ("envisagee", "abandonnee"),
    ("en-preparation", "en-cours"), ("en-preparation", "abandonnee"),
    ("en-cours", "perennisee"), ("en-cours", "abandonnee"),
    ("perennisee", "abandonnee"), ("abandonnee", "en-preparation"),
}  # fmt: skip
READ = {
    ("a-confirmer", "a-relire"), ("a-relire", "publiee"), ("a-relire", "ecartee"),
    ("publiee", "a-relire"), ("publiee", "ecartee"), ("ecartee", "a-relire"),
    ("ecartee", "publiee"),
}  # fmt: skip
# What nobody confirmed yet is passed on by its link only: staff decide nothing of it.
BY_STAFF = {pair for pair in READ if pair[0] != "a-confirmer"}
LIFTED = {
    ("signale", "en-discussion"), ("signale", "leve"), ("signale", "maintenu"),
    ("en-discussion", "leve"), ("en-discussion", "maintenu"), ("leve", "en-discussion"),
    ("maintenu", "en-discussion"),
}  # fmt: skip
DECIDED = [Publication.PUBLISHED, Publication.SET_ASIDE, Publication.WAITING]


class InAnyOrder(RuleBasedStateMachine):
    """One replication and one obstacle, and the books of what was done to them."""

    def __init__(self) -> None:
        super().__init__()
        self.undoing = transaction.atomic()
        self.undoing.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undoing.__exit__(None, None, None)

    @initialize(state=st.sampled_from(ReplicationState.values), waits=st.booleans())
    def begin(self, state: str, waits: bool) -> None:
        publication = Publication.WAITING if waits else Publication.UNCONFIRMED
        self.row = ReplicationFactory(state=state, publication=publication, journal=True)
        self.obstacle = ObstacleFactory()
        self.people = [UserFactory(), UserFactory()]
        # The journal: (state, author's number), and the annulled ones apart.
        self.journal = [s.state for s in self.row.steps.order_by("pk")]
        self.annulled = 0
        self.publication, self.obstacle_state = str(publication), "signale"
        self.summary = ""
        self.turn = 0
        self.signed: list[tuple[str, int]] = []

    def now(self) -> Replication:
        return Replication.objects.get(pk=self.row.pk)

    def someone(self) -> Any:
        self.turn += 1
        return self.people[self.turn % 2]

    @rule(to=st.sampled_from(ReplicationState.values), fresh=st.booleans())
    def move(self, to: str, fresh: bool) -> None:
        user, here = self.someone(), self.journal[-1]
        seen = here if fresh else next(s for s in ReplicationState.values if s != here)
        asked = Move(to, seen, "Constaté sur place.")
        try:
            moving.move(self.row, asked, Author("Équipe", user))
        except CannotMove:
            assert not fresh or (here, to) not in ALLOWED
        else:
            assert fresh
            assert (here, to) in ALLOWED
            self.journal.append(to)
            self.signed.append((to, user.pk))

    @rule(back=st.integers(0, 3))
    def annul(self, back: int) -> None:
        user = self.someone()
        steps = list(self.row.steps.order_by("-pk"))
        step = steps[min(back, len(steps) - 1)]
        standing = [s.pk for s in reversed(steps) if s.annulled_at is None]
        may = step.pk == standing[-1] and len(standing) > 1
        try:
            moving.annul(step, Author("Équipe", user), reason="Écrite par erreur.")
        except CannotMove:
            assert not may
        else:
            assert may
            self.journal.pop()
            self.annulled += 1
            self.signed.append((self.journal[-1], user.pk))

    @rule(wanted=st.sampled_from(DECIDED), motive=st.sampled_from(["", *SetAside.values]))
    def decide(self, wanted: Publication, motive: str) -> None:
        user, here = self.someone(), self.publication
        choice = Choice(wanted, motive if wanted == Publication.SET_ASIDE else "")
        try:
            moderating.decide(self.row, choice, author=user, seen=editing.mark(self.now()))
        except CannotDecide:
            bare = wanted == Publication.SET_ASIDE and not motive
            assert bare or (here, str(wanted)) not in BY_STAFF
        else:
            assert (here, str(wanted)) in BY_STAFF
            self.publication = str(wanted)
            last = self.row.events.order_by("pgh_id").last()
            assert last.pgh_context.metadata["user"] == user.pk
            assert last.pgh_context.metadata["motif"]

    @rule(wanted=st.sampled_from(DECIDED))
    def decide_on_what_is_no_more(self, wanted: Publication) -> None:
        seen = editing.mark(self.now())
        self.edit(f"Texte {self.turn}")
        with pytest.raises(CannotDecide):
            moderating.decide(
                self.row,
                Choice(wanted, SetAside.DUPLICATE),
                author=self.someone(),
                seen=seen,
            )

    @precondition(lambda self: BulkAction.objects.standing().exists())
    @rule()
    def undo(self) -> None:
        action = BulkAction.objects.standing().order_by("-pk")[0]
        change = action.changes.first()
        left = change is None or change.after["publication"] != self.publication
        undone = bulk.undo(action, author=self.someone())
        if undone.restored:
            assert not left
            self.publication = change.before["publication"]

    @rule(text=st.sampled_from(["", "Un café de réparation.", "Un atelier.", "Un repair café."]))
    def edit(self, text: str) -> None:
        row = self.now()
        seen = {"summary": editing.digest(row.summary)}
        editing.write(row, {"summary": text}, seen, author=self.someone(), reason="Relu.")
        self.summary = text

    @rule(text=st.sampled_from(["Un", "Deux"]))
    def edit_over_someone(self, text: str) -> None:
        row = self.now()
        seen = {"summary": editing.digest(row.summary)}
        self.edit(f"{text} {self.turn}")
        with pytest.raises(editing.ChangedMeanwhile):
            editing.write(row, {"summary": text}, seen, author=self.someone(), reason="Relu.")

    @rule(to=st.sampled_from(ObstacleState.values), how=st.sampled_from(["", "Un accord écrit."]))
    def move_obstacle(self, to: str, how: str) -> None:
        user, here = self.someone(), self.obstacle_state
        asked = Move(to, here, "Constaté.", "", how)
        try:
            moving.move_obstacle(self.obstacle, asked, Author("Équipe", user))
        except CannotMove:
            told = Obstacle.objects.get(pk=self.obstacle.pk).resolution
            assert (here, to) not in LIFTED or (to == "leve" and not how and not told)
        else:
            assert (here, to) in LIFTED
            self.obstacle_state = to
            step = self.obstacle.steps.order_by("pk").last()
            assert (step.state, step.user) == (to, user)

    @rule(to=st.sampled_from(ReplicationState.values))
    def raw_state(self, to: str) -> None:
        self.refused(Replication, "state", self.journal[-1], to, ALLOWED)

    @rule(to=st.sampled_from(Publication.values))
    def raw_publication(self, to: str) -> None:
        self.refused(Replication, "publication", self.publication, to, READ)

    @rule(to=st.sampled_from(["signale", "en-discussion", "maintenu"]))
    def raw_obstacle(self, to: str) -> None:
        self.refused(Obstacle, "state", self.obstacle_state, to, LIFTED)

    def refused(self, model: Any, column: str, here: str, to: str, allowed: set[Any]) -> None:
        """Raw SQL to a forbidden state is refused by the database itself; nothing is kept."""
        sql = f"UPDATE {model._meta.db_table} SET {column} = %s"
        done = transaction.atomic()
        try:
            with done, connection.cursor() as cursor:
                cursor.execute(sql, [to])
                transaction.set_rollback(True)
        except ProgrammingError:
            assert here != to
            assert (here, to) not in allowed
        else:
            assert here == to or (here, to) in allowed

    @invariant()
    def the_database_says_what_the_books_say(self) -> None:
        if not hasattr(self, "row"):
            return
        row = self.now()
        assert (row.state, row.publication, row.summary) == (
            self.journal[-1], self.publication, self.summary,
        )  # fmt: skip
        assert Obstacle.objects.get().state == self.obstacle_state
        steps = list(row.steps.order_by("pk"))
        assert [s.state for s in steps if s.annulled_at is None] == self.journal
        gone = [s for s in steps if s.annulled_at]
        assert len(gone) == self.annulled
        assert all(s.annulled_by and s.annulled_reason for s in gone)

    @invariant()
    def every_transition_is_in_the_history_with_its_author(self) -> None:
        if not hasattr(self, "row"):
            return
        events = list(self.row.events.select_related("pgh_context").order_by("pgh_id"))
        changes = [
            (after.state, after.pgh_context.metadata["user"])
            for before, after in itertools.pairwise(events)
            if after.state != before.state
        ]
        assert changes == self.signed


@pytest.mark.django_db(transaction=True)
def test_no_path_reaches_a_forbidden_state() -> None:
    run_state_machine_as_test(
        InAnyOrder,
        settings=settings(
            max_examples=40,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            phases=[Phase.explicit, Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_what_may_follow_is_what_the_domain_says() -> None:
    for said, allowed in ((NEXT, ALLOWED), (NEXT_PUBLICATION, READ), (NEXT_OBSTACLE, LIFTED)):
        pairs: Any = said
        assert {(str(a), str(b)) for a, them in pairs.items() for b in them} == allowed
