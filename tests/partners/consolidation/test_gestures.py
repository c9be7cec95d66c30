"""Staff's gestures on whole records: what they decide of pairs, and what taking them back opens."""

import pytest
from django.utils import timezone

from innovations.models import Innovation, Status
from partners import moderation
from partners.consolidation import deciding, gestures
from partners.consolidation.regrouping import CannotRegroup, Why, merge, split, undo
from partners.models import (
    Decision,
    Motive,
    Pair,
    PairState,
    RecordType,
    Regrouping,
    SourceRecord,
    Verdict,
)
from partners.publishing import republish
from tests.factories import UserFactory
from tests.partners.consolidation.alike import record

pytestmark = pytest.mark.django_db


@pytest.fixture
def trio() -> list[SourceRecord]:
    """Three records in one innovation."""
    found = [record(title, "Lormes") for title in ("Atelier", "Café bricole", "Ressourcerie")]
    for one in found[1:]:
        merge(one.innovation, found[0].innovation)
    return [SourceRecord.objects.get(pk=one.pk) for one in found]


def status(one: SourceRecord) -> str:
    return Innovation.objects.get(source_records=one.pk).status


def parted(trio: list[SourceRecord], *moved: int, reason: str = "Autre porteur.") -> Regrouping:
    """The records of these ranks, taken out together: a split, not the undoing of a merge."""
    innovation = Innovation.objects.get(source_records=trio[0].pk)
    return gestures.separate(innovation, [trio[n].pk for n in moved], why=Why(reason=reason))


def test_a_decision_taken_before_keeps_its_reason_and_stays_when_the_split_is_taken_back(
    trio: list[SourceRecord],
) -> None:
    first, second, third = trio
    before = Pair.objects.create(
        first=first, second=second, proposed=Verdict.SAME, state=PairState.DECIDED,
        verdict=Verdict.DISTINCT, reason="Vu sur place.", decided_by=UserFactory(),
        decided_at=timezone.now(),
    )  # fmt: skip
    step = parted(trio, 1, 2)
    before.refresh_from_db()
    assert before.reason == "Vu sur place."
    assert Pair.objects.get(first=first, second=third).reason == "Autre porteur."
    with pytest.raises(CannotRegroup, match="rouvrez d’abord"):
        gestures.take_back(step, why=Why())
    before.refresh_from_db()
    assert (before.state, before.verdict) == (PairState.DECIDED, Verdict.DISTINCT)

    deciding.reopen(before, author=None)
    gestures.take_back(step, why=Why())
    assert set(Pair.objects.values_list("state", flat=True)) == {PairState.WAITING}
    assert SourceRecord.objects.values("innovation").distinct().count() == 1


def test_the_decision_that_split_is_opened_with_it(trio: list[SourceRecord]) -> None:
    first, second, _ = trio
    pair = Pair.objects.create(first=first, second=second, proposed=Verdict.SAME)
    merged = Regrouping.objects.standing().get(records=[second.pk])
    Regrouping.objects.filter(pk=merged.pk).update(records=[second.pk, 0])
    deciding.decide(pair, Verdict.DISTINCT, author=None)
    gestures.take_back(Regrouping.objects.get(kind="separation"), why=Why())
    pair.refresh_from_db()
    assert pair.state == PairState.WAITING


def test_records_split_off_are_shown_by_the_first_that_tells_of_an_innovation(
    trio: list[SourceRecord],
) -> None:
    _, second, third = trio
    SourceRecord.objects.filter(pk=second.pk).update(record_type=RecordType.ACTOR)
    step = parted(trio, 1, 2)
    assert step.target.source_records.count() == 2
    assert Innovation.objects.get(pk=step.target_id).title == str(third)


def test_records_of_no_innovation_get_no_page_of_their_own(trio: list[SourceRecord]) -> None:
    SourceRecord.objects.exclude(pk=trio[0].pk).update(record_type=RecordType.ACTOR)
    with pytest.raises(CannotRegroup, match="ne décrit une innovation"):
        parted(trio, 1, 2)
    assert SourceRecord.objects.values("innovation").distinct().count() == 1


@pytest.mark.parametrize("by_undoing", [False, True])
def test_what_was_sent_back_stays_so_on_both_sides_whatever_is_composed_next(
    trio: list[SourceRecord], *, by_undoing: bool
) -> None:
    first, second, third = trio
    moderation.decide(
        [first.innovation_id or 0], Decision.SEND_BACK, author=None, motive=Motive.FORM
    )
    if by_undoing:
        undo(Regrouping.objects.standing().get(records=[third.pk]))
    else:
        split(Innovation.objects.get(source_records=first.pk), [second.pk, third.pk])
    republish(Innovation.objects.values_list("pk", flat=True))
    assert status(third) == status(first) == Status.SENT_BACK

    SourceRecord.objects.filter(pk=third.pk).update(changed_at="2100-01-01T00:00:00Z")
    republish([SourceRecord.objects.get(pk=third.pk).innovation_id or 0])
    assert status(third) == Status.IN_REVIEW
