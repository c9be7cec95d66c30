"""A record that someone objects to leaves with all that the essaimage tells of it."""

import pytest
from django.apps import apps

from essaimage import tellings
from essaimage.models import Experiment, Facts, HarvestedSite, Obstacle, Party, Replication, Telling
from partners import erasure
from tests.factories import (
    ExperimentFactory,
    FactsFactory,
    FollowingFactory,
    InnovationFactory,
    InterpretationFactory,
    ObstacleFactory,
    PartyFactory,
    PublicActorFactory,
    ReplicationFactory,
)

pytestmark = pytest.mark.django_db
WORD = "Motretiré"


def test_all_that_is_told_of_it_leaves_history_included() -> None:
    innovation = InnovationFactory(published=True, title=WORD)
    parent = ReplicationFactory(innovation=innovation, summary=WORD, journal=True)
    child = ReplicationFactory(innovation=innovation, parent=parent, journal=True)
    party = PartyFactory(replication=parent, organisation=WORD, confirms=True)
    tellings.write(party, {"results": WORD})
    PublicActorFactory(replication=child, name=WORD)
    FollowingFactory(replication=child, note=WORD)
    obstacle = ObstacleFactory(replication=child, title=WORD)
    InterpretationFactory(obstacle=obstacle, text=WORD)
    experiment = ExperimentFactory(innovation=innovation, title=WORD)
    experiment.obstacles.add(obstacle)
    FactsFactory(innovation=innovation, effect_text=WORD)
    FactsFactory(replication=child, effect_text=WORD)
    HarvestedSite.objects.create(
        innovation=innovation, territory=child.territory, choice="reprise", replication=child
    )
    kept = ReplicationFactory(summary="Autre projet")

    erasure.erase(erasure.target_of(innovation))

    assert list(Replication.objects.all()) == [kept]
    for model in (Party, Telling, Obstacle, Experiment, Facts, HarvestedSite):
        assert not model.objects.exists(), model
    holding = [
        model.__name__
        for model in apps.get_app_config("essaimage").get_models()
        if WORD in str(list(model._base_manager.values()))
    ]
    assert holding == []
