"""A record that someone objects to leaves with all that the essaimage tells of it, even what is
written while it leaves."""

from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse
from pghistory.models import Context

from essaimage import moderated, moderating, tellings
from essaimage.assessing import keeping
from essaimage.models import (
    Assessment,
    Experiment,
    Facts,
    HarvestedSite,
    Obstacle,
    Party,
    Publication,
    Replication,
    SetAside,
    Telling,
)
from essaimage.models.assessment import WITHOUT_NAME
from essaimage.moderating import Choice
from innovations.models import BulkAction, BulkChange, Innovation, Reproduction
from partners import erasure, moderation
from partners.models.moderation import Decision, Motive
from tests.at_once import in_a_thread
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
    UserFactory,
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


def test_a_title_that_the_record_no_longer_has_is_given_back() -> None:
    innovation = InnovationFactory(published=True, title=f"Le café {WORD}")
    keeping.begin(innovation.title, innovation)
    long = InnovationFactory(published=True, title=f"{WORD} " + "et bien d’autres mots " * 10)
    keeping.begin(long.title[:200], long)
    Innovation.objects.filter(pk=innovation.pk).update(title="Le café associatif")
    for pk in (innovation.pk, long.pk):
        erasure.erase(erasure.target_of(Innovation.objects.get(pk=pk)))
    assert [row.project for row in Assessment.objects.all()] == [WITHOUT_NAME] * 2


@pytest.mark.django_db(transaction=True)
def test_a_self_assessment_begun_while_the_record_leaves_takes_nothing_of_it(
    monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    innovation = InnovationFactory(published=True, title=WORD)
    Reproduction.objects.update_or_create(innovation=innovation, defaults={"core": WORD})
    address = reverse("essaimage:assessment_start") + f"?innovation={innovation.slug}"
    answers: list[Any] = []
    threads = []
    real = erasure._delete

    def delete(keys: Any) -> None:
        if not threads:
            posting = lambda: answers.append(client.post(address, {"projet": WORD}, follow=True))  # noqa: E731
            threads.append(in_a_thread(posting))
        real(keys)

    monkeypatch.setattr(erasure, "_delete", delete)
    erasure.erase(erasure.target_of(innovation))
    threads[0].join(10)
    (page,) = answers
    assert page.status_code == 200
    assert "vient d’être retirée de l’annuaire" in page.content.decode()
    assert WORD not in page.content.decode()
    assert not Assessment.objects.exists()


def test_the_reasons_typed_with_decisions_leave_with_the_record() -> None:
    innovation = InnovationFactory(published=True, title=f"{WORD} Zorglub")
    kept, officer = ObstacleFactory(waiting=True), UserFactory()
    rows = (
        ObstacleFactory(innovation=innovation, waiting=True, title=WORD),
        ReplicationFactory(innovation=innovation, waiting=True, origin="repreneur"),
        ExperimentFactory(innovation=innovation, publication="a-relire"),
    )
    for row in rows:
        choice = Choice(Publication.SET_ASIDE, SetAside.DUPLICATE, f"Voir {WORD}")
        moderating.decide(row, choice, author=officer, seen=moderated.of(row).mark(row))
    other = Choice(Publication.SET_ASIDE, SetAside.DUPLICATE, "Voir l’autre")
    moderating.decide(kept, other, author=officer, seen=moderated.of(kept).mark(kept))

    erasure.erase(erasure.target_of(innovation))

    for model in (BulkAction, BulkChange, Context):
        assert WORD not in str(list(model.objects.values())), model
    assert BulkAction.objects.get().changes.get().row == kept.pk
    assert "Voir l’autre" in str(list(Context.objects.values()))


def test_a_gesture_on_several_records_stays_without_the_name_of_the_one_that_left() -> None:
    gone, kept = (
        InnovationFactory(title=title) for title in (f"{WORD} Zorglub", "Le jardin partagé")
    )
    rows = [gone.pk, kept.pk]
    said = {"motive": Motive.FORM, "text": f"Voir {WORD} Zorglub"}
    moderation.decide(rows, Decision.SEND_BACK, author=UserFactory(), **said)

    erasure.erase(erasure.target_of(gone))

    action = BulkAction.objects.get()
    assert action.reason.endswith("Voir [donnée retirée]")
    assert [change.row for change in action.changes.all()] == [kept.pk]
    assert action.reason in [context.metadata.get("motif") for context in Context.objects.all()]
    assert WORD not in str(list(Context.objects.values()))
