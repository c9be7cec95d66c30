"""« Votre projet est-il essaimable ? »: answered by parts, read as a profile, kept, compared."""

import datetime
import re
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse

from essaimage.assessing import keeping, profile, questions
from essaimage.models import Assessment, AssessmentRound
from essaimage.tasks import purge_assessments
from innovations.models import Reproduction
from tests.factories import InnovationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked() -> questions.Questionnaire:
    return questions.latest()


def begun(client: Client, **posted: str) -> str:
    """The token of a self-assessment that a visitor has just begun."""
    answer = client.post(reverse("essaimage:assessment_start"), {"projet": "Jardin", **posted})
    assert answer.status_code == 302, answer.content[:2000]
    return answer["Location"].split("/")[3]


def page(client: Client, token: str, **query: str) -> str:
    answer = client.get(reverse("essaimage:assessment", args=[token]), query)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("version", questions.versions())
def test_each_version_of_the_questions_holds_together(version: str) -> None:
    asked = questions.load(version)
    codes = [question.code for question in asked.questions()]
    assert len(codes) == len(set(codes)) >= 20
    assert len(asked.parts) == 4, "the four questions of the study"
    assert {code for mode in asked.modes for code in mode.rests_on} <= set(codes)
    texts = {field.name for field in Reproduction.text_fields()}
    assert {q.field for q in asked.questions() if q.field} <= texts
    assert list(asked.scale) == [
        questions.DONE,
        questions.UNDER_WAY,
        questions.TO_BUILD,
        questions.UNKNOWN,
    ]
    assert all(question.next for question in asked.questions())


def test_the_four_questions_are_answered_one_after_the_other(
    client: Client, asked: questions.Questionnaire
) -> None:
    token = begun(client)
    for number, part in enumerate(asked.parts, 1):
        address = reverse("essaimage:assessment_part", args=[token, part.code])
        assert f"Étape {number} sur 4" in client.get(address).content.decode()
        said = {question.code: questions.DONE for question in part.questions()}
        answer = client.post(address, said)
        assert answer.status_code == 302
    assert answer["Location"] == reverse("essaimage:assessment", args=[token])
    assert f"{len(list(asked.questions()))} réponses" in page(client, token)


def test_a_profile_counts_each_answer_once_and_gives_no_total(
    asked: questions.Questionnaire,
) -> None:
    answers = {"besoin-ailleurs": "acquis", "besoin-demande": "a-construire", "inconnue": "acquis"}
    found = profile.profile(asked, answers)
    need = found.parts[0].areas[0]
    assert {s.code: s.count for s in need.segments if s.count} == {
        "acquis": 1,
        "a-construire": 1,
        "": 1,
    }
    assert need.segments[-1].start + need.segments[-1].width == pytest.approx(100, abs=0.1)
    assert found.answered == 2
    assert [gap.question.code for gap in found.gaps] == ["besoin-demande"]
    assert [question.code for question in found.strengths] == ["besoin-ailleurs"]


def test_what_is_to_be_built_comes_before_what_is_under_way(
    asked: questions.Questionnaire,
) -> None:
    answers = {
        "besoin-ailleurs": "en-chemin",
        "besoin-demande": "inconnu",
        "regles-levables": "a-construire",
    }
    found = profile.profile(asked, answers).gaps
    assert [gap.answer for gap in found] == ["a-construire", "inconnu", "en-chemin"]


def test_a_part_left_half_answered_keeps_what_was_said(client: Client) -> None:
    token = begun(client)
    address = reverse("essaimage:assessment_part", args=[token, "volonte"])
    client.post(address, {"envie-discutee": "acquis"})
    client.post(reverse("essaimage:assessment_part", args=[token, "public"]), {})
    assert AssessmentRound.objects.get().answers == {"envie-discutee": "acquis"}


def test_an_answer_that_is_no_choice_is_told_and_loses_nothing(client: Client) -> None:
    token = begun(client)
    address = reverse("essaimage:assessment_part", args=[token, "volonte"])
    client.post(address, {"envie-discutee": "acquis"})
    answer = client.post(address, {"envie-discutee": "10/10", "envie-moment": "acquis"})
    assert answer.status_code == 200
    assert "Cette partie n’est pas enregistrée" in answer.content.decode()
    assert AssessmentRound.objects.get().answers == {"envie-discutee": "acquis"}


def test_a_record_lends_its_words_and_is_not_changed(client: Client) -> None:
    innovation = InnovationFactory(published=True, title="Ressourcerie")
    Reproduction.objects.filter(innovation=innovation).update(core="Réparer ensemble.")
    answer = client.post(
        reverse("essaimage:assessment_start") + f"?innovation={innovation.slug}",
        {"projet": "Ressourcerie"},
    )
    token = answer["Location"].split("/")[3]
    address = reverse("essaimage:assessment_part", args=[token, "essaimable"])
    assert "Réparer ensemble." in client.get(address).content.decode()
    client.post(address, {"texte-core": "Autre chose."})
    innovation.reproduction.refresh_from_db()
    assert innovation.reproduction.core == "Réparer ensemble."
    assert "Autre chose." in page(client, token)


def test_an_unpublished_record_lends_nothing(client: Client) -> None:
    innovation = InnovationFactory(title="Brouillon")
    address = reverse("essaimage:assessment_start")
    assert client.get(address, {"innovation": innovation.slug}).status_code == 404


def test_a_second_round_starts_from_the_first_and_shows_what_moved(client: Client) -> None:
    token = begun(client)
    address = reverse("essaimage:assessment_part", args=[token, "volonte"])
    client.post(address, {"envie-discutee": "a-construire", "partage-nom": "acquis"})
    client.post(reverse("essaimage:assessment_again", args=[token]))
    client.post(address, {"envie-discutee": "acquis", "partage-nom": "acquis"})
    shown = page(client, token)
    assert "Ce qui a bougé" in shown
    assert "Avancé" in shown
    (first, second) = AssessmentRound.objects.order_by("pk")
    assert first.answers["envie-discutee"] == "a-construire"
    assert first.completed_at is not None
    (change,) = profile.changes(questions.latest(), first.answers, second.answers)
    assert (change.before, change.after, change.is_ahead) == ("a-construire", "acquis", True)
    assert "Ce qui a bougé" not in page(client, token, tour="1")


@pytest.mark.parametrize("rank", ["0", "3", "x", "٢", "9" * 30])
def test_a_round_that_is_not_there_is_not_found(client: Client, rank: str) -> None:
    token = begun(client)
    answer = client.get(reverse("essaimage:assessment", args=[token]), {"tour": rank})
    assert answer.status_code == 404


def test_only_the_link_opens_it_and_the_database_cannot_give_it(client: Client) -> None:
    token = begun(client)
    kept = Assessment.objects.get()
    assert token not in kept.key
    assert client.get(reverse("essaimage:assessment", args=[kept.key])).status_code == 404
    answer = client.get(reverse("essaimage:assessment", args=[token]))
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "strict-origin-when-cross-origin", "no other site reads it"


def test_the_link_is_mailed_and_the_address_is_not_kept(client: Client) -> None:
    token = begun(client)
    address = reverse("essaimage:assessment_mail", args=[token])
    client.post(address, {"courriel": "quelqu-un@example.org"})
    (sent,) = mail.outbox
    assert sent.to == ["quelqu-un@example.org"]
    (link,) = re.findall(r"https?://\S+", sent.body)
    assert link.endswith(reverse("essaimage:assessment", args=[token]))
    assert "email" not in {field.name for field in Assessment._meta.get_fields()}


def test_a_wrong_address_is_told_where_it_is(client: Client) -> None:
    token = begun(client)
    answer = client.post(
        reverse("essaimage:assessment_mail", args=[token]), {"courriel": "pas une adresse"}
    )
    assert "Le courriel n’est pas parti" in answer.content.decode()
    assert mail.outbox == []


def test_what_is_erased_leaves_nothing(client: Client) -> None:
    token = begun(client)
    client.post(reverse("essaimage:assessment_erase", args=[token]))
    assert not Assessment.objects.exists()
    assert not AssessmentRound.objects.exists()
    assert client.get(reverse("essaimage:assessment", args=[token])).status_code == 404


def test_a_robot_begins_nothing(client: Client) -> None:
    client.post(
        reverse("essaimage:assessment_start"), {"projet": "Jardin", "site": "http://spam.example"}
    )
    assert not Assessment.objects.exists()


def test_what_nobody_opens_for_four_years_is_forgotten() -> None:
    _, _ = keeping.begin("Jardin")
    kept, token = keeping.begin("Ressourcerie")
    keeping.answer(keeping.current(kept), {"envie-discutee": "acquis"})
    with time_machine.travel(datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=40)):
        assert purge_assessments() > 0
        assert [a.project for a in Assessment.objects.all()] == ["Ressourcerie"]
        assert keeping.of_token(token) is not None
    later = datetime.datetime.now(datetime.UTC) + keeping.KEPT + datetime.timedelta(days=41)
    with time_machine.travel(later):
        purge_assessments()
        assert not Assessment.objects.exists()


def test_the_profile_takes_a_fixed_number_of_queries(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    token = begun(client)
    for _ in range(3):
        client.post(reverse("essaimage:assessment_again", args=[token]))
    with django_assert_max_num_queries(4):
        page(client, token)


def test_points_are_not_begun_without_end(client: Client) -> None:
    token = begun(client)
    address = reverse("essaimage:assessment_again", args=[token])
    answers = [client.post(address, follow=True).content.decode() for _ in range(11)]
    refusal = "Plusieurs points ont déjà été commencés."
    assert [refusal in answer for answer in answers] == [*[False] * 10, True]
    assert AssessmentRound.objects.count() == 11
