"""Reading records over, deciding words, settling objections."""

from types import SimpleNamespace

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from innovations.models import Innovation, SearchRow, Status
from partners import moderation
from partners.models import Objection, ObjectionState, Source, VocabularyEntry
from partners.publishing import publish_records
from tests.factories import InnovationFactory, SourceRecordFactory, TermFactory

pytestmark = pytest.mark.django_db


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]


def decide(client: Client, action: str, *records: Innovation, sure: bool = True) -> object:
    data = {"action": action, "fiche": [r.pk for r in records]} | (
        {"confirme": "oui"} if sure else {}
    )
    data["vu"] = [f"{r.pk}:{moderation.mark(r)}" for r in records]
    return client.post(reverse("backoffice:review_decide"), data)


def test_publishing_is_confirmed_then_done(moderator: Client) -> None:
    waiting, other = InnovationFactory.create_batch(2, status=Status.IN_REVIEW)
    page = text(decide(moderator, "publier", waiting, sure=False))
    assert waiting.title in page
    assert Innovation.objects.published().count() == 0
    decide(moderator, "publier", waiting)
    assert list(Innovation.objects.published()) == [waiting]
    assert SearchRow.objects.filter(pk=waiting.pk).exists()
    assert moderator.get(waiting.get_absolute_url()).status_code == 200
    other.refresh_from_db()
    assert other.status == Status.IN_REVIEW


def test_what_is_not_complete_is_not_published(moderator: Client) -> None:
    incomplete = InnovationFactory(status=Status.TO_COMPLETE)
    decide(moderator, "publier", incomplete)
    incomplete.refresh_from_db()
    assert incomplete.status == Status.TO_COMPLETE


def test_unpublishing_takes_the_record_off_the_search(moderator: Client) -> None:
    shown = InnovationFactory(published=True)
    decide(moderator, "depublier", shown)
    assert not SearchRow.objects.filter(pk=shown.pk).exists()
    assert moderator.get(shown.get_absolute_url()).status_code == 410


def test_nothing_chosen_is_told(moderator: Client) -> None:
    page = moderator.post(reverse("backoffice:review_decide"), {"action": "publier"}, follow=True)
    assert "Choisissez au moins une fiche" in text(page)


def test_one_is_not_led_away_after_a_decision(moderator: Client) -> None:
    waiting = InnovationFactory(status=Status.IN_REVIEW)
    data = {"action": "publier", "fiche": waiting.pk, "confirme": "oui"}
    data["vu"] = f"{waiting.pk}:{moderation.mark(waiting)}"
    away = moderator.post(
        reverse("backoffice:review_decide"), {**data, "retour": "https://ailleurs.invalid/"}
    )
    assert away.url.startswith(reverse("backoffice:review"))


def test_a_word_decided_reaches_the_public_record(moderator: Client, source: Source) -> None:
    record = SourceRecordFactory(
        source=source,
        values={
            "title": "Jardin partagé",
            "summary": "Un jardin cultivé par ses voisins.",
            "words": {"theme": ["Binettes", "Râteaux"]},
        },
    )
    publish_records([record])
    term = TermFactory(code="jardinage", label="Jardinage")
    known, ignored = VocabularyEntry.objects.order_by("key")
    where = reverse("backoffice:vocabulary")
    page = text(moderator.get(where))
    assert "Binettes" in page
    data = {f"mot-{known.pk}": term.pk, f"mot-{ignored.pk}": "ignorer", "mot-x": "1"}
    page = text(moderator.post(where, data, follow=True))
    assert "Mots décidés : 2. Fiches mises à jour : 2." in page
    innovation = Innovation.objects.get(title="Jardin partagé")
    assert list(innovation.terms.all()) == [term]
    assert list(SearchRow.objects.get(pk=innovation.pk).term_ids) == [term.pk]
    assert not VocabularyEntry.objects.waiting().exists()


def test_an_undecided_or_unknown_choice_changes_nothing(moderator: Client, source: Source) -> None:
    entry = VocabularyEntry.objects.create(
        source=source, vocabulary="theme", value="Binettes", key="binettes"
    )
    where = reverse("backoffice:vocabulary")
    for value in ("", "999999", "n’importe quoi"):
        moderator.post(where, {f"mot-{entry.pk}": value})
    entry.refresh_from_db()
    assert not entry.is_decided


@pytest.fixture
def objection(roles: SimpleNamespace) -> Objection:
    innovation = InnovationFactory(published=True, description="<p>Par Camille Exemple.</p>")
    return Objection.objects.create(
        innovation=innovation,
        scope="donnee",
        datum="Camille Exemple",
        email="camille@example.org",
        state=ObjectionState.CONFIRMED,
    )


def test_what_would_be_removed_is_shown_before(moderator: Client, objection: Objection) -> None:
    where = reverse("backoffice:objection", args=[objection.pk])
    response = moderator.get(where)
    assert [f.pk for f in response.context["findings"]] == [objection.innovation_id]
    assert response.context["history_count"] > 0
    moderator.post(where, {"scope": "fiche", "datum": ""})
    response = moderator.get(where)
    assert ("innovations", 1) in response.context["counts"]
    assert Innovation.objects.filter(pk=objection.innovation_id).exists()


def test_a_single_word_is_warned_about(moderator: Client, objection: Objection) -> None:
    where = reverse("backoffice:objection", args=[objection.pk])
    moderator.post(where, {"scope": "donnee", "datum": "Camille"})
    assert "un mot seul peut désigner" in text(moderator.get(where))


def test_applying_asks_for_a_tick(
    moderator: Client, objection: Objection, roles: SimpleNamespace
) -> None:
    where = reverse("backoffice:objection_apply", args=[objection.pk])
    moderator.post(where)
    objection.refresh_from_db()
    assert objection.state == ObjectionState.CONFIRMED
    page = text(moderator.post(where, {"confirme": "oui"}, follow=True))
    assert "Demande appliquée." in page
    assert "Camille" not in page
    objection.refresh_from_db()
    assert objection.settled_by == roles.moderator
    assert "Camille" not in text(moderator.get(objection.innovation.get_absolute_url()))


def test_refusing_asks_for_a_reason(moderator: Client, objection: Objection) -> None:
    where = reverse("backoffice:objection_refuse", args=[objection.pk])
    moderator.post(where, {"answer": " "})
    objection.refresh_from_db()
    assert objection.state == ObjectionState.CONFIRMED
    moderator.post(where, {"answer": "Ce n’est pas vous."})
    objection.refresh_from_db()
    assert objection.state == ObjectionState.REFUSED


def test_a_request_by_letter_is_written_down(moderator: Client) -> None:
    innovation = InnovationFactory(published=True)
    data = {
        "scope": "fiche",
        "record_url": f"{settings.BASE_URL}{innovation.get_absolute_url()}",
        "reason": "Lettre du 3 mars.",
    }
    response = moderator.post(reverse("backoffice:objection_add"), data)
    objection = Objection.objects.get()
    assert response.url == reverse("backoffice:objection", args=[objection.pk])
    assert (objection.state, objection.innovation) == (ObjectionState.CONFIRMED, innovation)


def test_a_removed_record_answers_410(moderator: Client, objection: Objection) -> None:
    where = objection.innovation.get_absolute_url()
    title = objection.innovation.title
    Objection.objects.filter(pk=objection.pk).update(scope="fiche")
    moderator.post(reverse("backoffice:objection_apply", args=[objection.pk]), {"confirme": "oui"})
    response = moderator.get(where)
    assert response.status_code == 410
    assert "Cette page a été retirée" in text(response)
    assert title not in text(response)
    assert moderator.get("/innovations/jamais-vue/").status_code == 404


@pytest.mark.parametrize("number", ["²", "99999999999999999999", "-1", ""])
def test_a_number_that_is_no_row_is_ignored(moderator: Client, number: str) -> None:
    review = {"action": "publier", "fiche": [number], "confirme": "oui"}
    assert moderator.post(reverse("backoffice:review_decide"), review).status_code == 302
    where = reverse("backoffice:vocabulary")
    assert moderator.post(where, {f"mot-{number}": "1", "mot-1": number}).status_code == 302
