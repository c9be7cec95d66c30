"""The factories give rows that the forms and the database accept."""

import pytest

from tests import factories

MADE = (
    ("ReplicationFactory", {}),
    ("ReplicationFactory", {"waiting": True}),
    ("ReplicationFactory", {"set_aside": True}),
    ("PartyFactory", {}),
    ("PartyFactory", {"porteur": True, "contests": True}),
    ("PublicActorFactory", {}),
    ("ObstacleFactory", {}),
    ("ObstacleFactory", {"lifted": True}),
    ("InterpretationFactory", {}),
    ("ExperimentFactory", {}),
    ("FactsFactory", {}),
    ("FollowUpFactory", {}),
    ("FollowingFactory", {}),
    ("AssessmentFactory", {}),
    ("AssessmentRoundFactory", {}),
)


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "traits"), MADE)
def test_each_factory_makes_a_row_that_stands(name: str, traits: dict[str, bool]) -> None:
    getattr(factories, name)(**traits).full_clean()


@pytest.mark.django_db
def test_a_replication_is_made_with_its_journal() -> None:
    made = factories.ReplicationFactory(state="en-cours", journal={"en-cours": "2019"})
    assert list(made.steps.values_list("state", "date", "is_retold")) == [
        ("envisagee", "", True),
        ("en-preparation", "", True),
        ("en-cours", "2019", False),
    ]
    assert made in type(made).objects.spread()
