"""A record that someone objects to leaves with all that the essaimage tells of it."""

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from essaimage import tellings
from essaimage.assessing import keeping
from essaimage.models import (
    Assessment,
    Experiment,
    Facts,
    HarvestedSite,
    Obstacle,
    Party,
    Replication,
    Telling,
)
from innovations.models import Innovation, Reproduction
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
    Reproduction.objects.update_or_create(innovation=innovation, defaults={"core": WORD})
    assessment, _ = keeping.begin(f"Notre {WORD.upper()}", Innovation.objects.get(pk=innovation.pk))
    keeping.take_again(assessment)

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
    assert Assessment.objects.get().rounds.count() == 2


def test_a_self_assessment_gives_back_the_texts_of_the_record_and_keeps_the_answers(
    client: Client,
) -> None:
    innovation = InnovationFactory(published=True, title=WORD)
    Reproduction.objects.update_or_create(innovation=innovation, defaults={"core": WORD})
    assessment, token = keeping.begin(WORD, Innovation.objects.get())
    said = {"concept-coeur": "acquis", "texte-core": f"{WORD}, repris", "texte-means": "Ma ville"}
    keeping.answer(keeping.current(assessment), said)
    _, other_token = keeping.begin("Un tout autre projet")
    target = erasure.target_of(innovation)
    assert ("auto-évaluations sans ce qui vient de la fiche", 1) in erasure.counted(target)

    erasure.erase(target)

    turn = keeping.current(assessment)
    turn.refresh_from_db()
    assert turn.answers == {"concept-coeur": "acquis", "texte-means": "Ma ville"}
    # A page opened before sends the texts again: they stay away, what is new is kept.
    keeping.answer(turn, said)
    keeping.answer(turn, {"texte-core": WORD, "texte-duplication_conditions": "Du temps"})
    turn.refresh_from_db()
    assert turn.answers == {
        "concept-coeur": "acquis",
        "texte-means": "Ma ville",
        "texte-duplication_conditions": "Du temps",
    }
    told = "a été retirée de l’annuaire"
    page = client.get(reverse("essaimage:assessment", args=[token])).content.decode()
    assert told in page
    assert WORD not in page
    other = client.get(reverse("essaimage:assessment", args=[other_token])).content.decode()
    assert told not in other
    assert "Un tout autre projet" in other
