"""Writing a record: what is changed is written, two people lose nothing, all can be put back."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from innovations.models import FieldEdit, Innovation
from partners import editing
from partners.models import SourceRecord
from partners.publishing import publish_records
from tests.factories import SourceFactory, SourceRecordFactory, TermFactory

pytestmark = pytest.mark.django_db
NO_BREAK = "\u00a0"
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def record(roles: SimpleNamespace) -> SourceRecord:
    TermFactory(code="emploi", label="Emploi")
    values = {
        "title": "Ressourcerie",
        "summary": "Réparer ensemble.",
        "description": "<p>Un lieu.</p><p>Des outils.</p>",
        "porteur": {"name": "Association du bourg", "legal_form": "association"},
        "words": {"theme": ["Emploi"]},
        "reproduction": {"need": "Trop d’objets sont jetés."},
    }
    made = SourceRecordFactory(source=SourceFactory(partner=roles.partner), values=values)
    publish_records([made])
    made.refresh_from_db()
    return made


@pytest.fixture
def innovation(record: SourceRecord) -> Innovation:
    return record.innovation


def address(innovation: Innovation) -> str:
    return reverse("backoffice:enrich", args=[innovation.pk])


def opened(client: Client, innovation: Innovation) -> dict[str, Any]:
    """What a browser would send back from the form as it is shown."""
    response = client.get(address(innovation))
    page = response.context["page"]
    sent = {f"vu-{n}": d for n, d in page.seen().items()}
    for bound in page.form:
        value = bound.value()
        if value not in (None, False, "", []):
            sent[bound.html_name] = value
    return sent | {"note": "Entretien avec le porteur"}


def save(client: Client, innovation: Innovation, sent: dict[str, Any], **changed: Any) -> Any:
    return client.post(address(innovation), sent | changed | {"action": "enregistrer"})


def text(response: Any) -> str:
    return response.content.decode()


def test_only_what_was_changed_is_written(
    moderator: Client, innovation: Innovation, roles: SimpleNamespace
) -> None:
    sent = opened(moderator, innovation)
    answer = save(
        moderator,
        innovation,
        sent,
        **{"reproduction-lessons": "Commencer plus petit.", "economics-payers": "Les communes"},
    )
    assert answer.url == reverse("backoffice:innovation", args=[innovation.pk])
    edits = {e.field: e for e in FieldEdit.objects.all()}
    assert set(edits) == {"reproduction.lessons", "economics.payers"}
    lesson = edits["reproduction.lessons"]
    assert (lesson.value, lesson.author, lesson.note) == (
        "Commencer plus petit.", roles.moderator, "Entretien avec le porteur",
    )  # fmt: skip


def test_a_form_sent_as_it_was_opened_writes_nothing(
    moderator: Client, innovation: Innovation
) -> None:
    save(moderator, innovation, opened(moderator, innovation))
    assert not FieldEdit.objects.exists()


def test_what_each_partner_says_stands_beside(
    moderator: Client, innovation: Innovation, roles: SimpleNamespace
) -> None:
    page = text(moderator.get(address(innovation)))
    assert roles.partner.name in page
    assert "Trop d’objets sont jetés." in page
    assert "Licence Ouverte 2.0 (Etalab)" in page
    assert "Reprendre ce texte" in page
    assert "Un lieu.\n\nDes outils.</textarea>" in page


def test_a_partners_text_is_copied_and_what_was_typed_stays(
    moderator: Client, innovation: Innovation, record: SourceRecord
) -> None:
    sent = opened(moderator, innovation) | {
        "summary": "Mon résumé en cours", "reproduction-need": "", "note": "",
        "action": f"reprendre:reproduction.need|{record.pk}",
    }  # fmt: skip
    page = text(moderator.post(address(innovation), sent))
    assert "Mon résumé en cours" in page
    assert "fr-alert--error" not in page
    assert "fr-error-text" not in page
    assert re.search(r"name=\"reproduction-need\"[^>]*>\s*Trop d’objets sont jetés\.", page)
    assert not FieldEdit.objects.exists()


def test_a_reason_is_asked_and_nothing_typed_is_lost(
    moderator: Client, innovation: Innovation
) -> None:
    sent = opened(moderator, innovation) | {"note": "", "summary": "Un autre résumé"}
    page = text(save(moderator, innovation, sent))
    assert "Rien n’est encore enregistré" in page
    assert "Un autre résumé" in page
    assert not FieldEdit.objects.exists()


def test_an_error_is_told_on_its_field(moderator: Client, innovation: Innovation) -> None:
    sent = opened(moderator, innovation)
    page = text(
        save(moderator, innovation, sent, website="pas une adresse", started_year="1500",
             title="", **{"economics-resources-ventes-share": "300"})
    )  # fmt: skip
    for told in ("Site web", "Année de démarrage", "Rien n’est encore enregistré"):
        assert told in page
    assert "pas une adresse" in page
    assert not FieldEdit.objects.exists()
    sent = opened(moderator, innovation)
    page = text(save(moderator, innovation, sent, website="pas une adresse"))
    assert "Une adresse http ou https est attendue." in page


def test_what_may_not_be_emptied_is_marked_and_the_rest_is_said_once(
    moderator: Client, innovation: Innovation
) -> None:
    page = text(moderator.get(address(innovation)))
    assert page.count("(obligatoire)") == 2
    assert "(Optionnel)" not in page
    assert f"obligatoires{NO_BREAK}; tout autre champ peut rester vide" in page
    sent = opened(moderator, innovation) | {"title": ""}
    assert "Ce champ est obligatoire" in text(save(moderator, innovation, sent))


def test_of_two_people_the_second_is_told_and_sees_both(
    moderator: Client, innovation: Innovation, roles: SimpleNamespace
) -> None:
    first, second = opened(moderator, innovation), opened(moderator, innovation)
    other = Client()
    other.force_login(roles.administrator, BACKEND)
    save(other, innovation, first, summary="Celui de l’administrateur")

    page = text(save(moderator, innovation, second, summary="Celui du modérateur"))
    assert "modifié entre-temps par Administrateur" in page
    assert "Celui de l’administrateur" in page
    assert "Celui du modérateur" in page
    assert FieldEdit.objects.get().value == "Celui de l’administrateur"

    seen = re.search(r'name="vu-summary" value="(\w+)"', page)
    assert seen
    save(moderator, innovation, second | {"vu-summary": seen[1]}, summary="Celui du modérateur")
    assert FieldEdit.objects.get().value == "Celui du modérateur"
    where = reverse("backoffice:field_history", args=[innovation.pk, "summary"])
    kept = [v.value for v in moderator.get(where).context["versions"]]
    assert kept == ["Celui du modérateur", "Celui de l’administrateur"]


def test_two_people_on_two_fields_do_not_disturb_each_other(
    moderator: Client, innovation: Innovation, roles: SimpleNamespace
) -> None:
    first, second = opened(moderator, innovation), opened(moderator, innovation)
    save(moderator, innovation, first, summary="Un résumé")
    save(moderator, innovation, second, **{"reproduction-lessons": "Une leçon"})
    assert set(FieldEdit.objects.values_list("field", flat=True)) == {
        "summary", "reproduction.lessons",
    }  # fmt: skip


def newer(record: SourceRecord, summary: str) -> None:
    record.values = record.values | {"summary": summary}
    record.save()
    publish_records([record])


def test_a_newer_word_of_the_partner_waits_and_is_taken_or_left(
    moderator: Client, innovation: Innovation, record: SourceRecord
) -> None:
    editing.write(innovation, {"summary": "Le nôtre"}, author=None)
    newer(record, "Nouveau chez le partenaire.")
    assert "Depuis, les partenaires disent autre chose" in text(moderator.get(address(innovation)))

    sent = opened(moderator, innovation) | {"reproduction-lessons": "En cours"}
    page = text(moderator.post(address(innovation), sent | {"action": "garder:summary"}))
    assert "Depuis, les partenaires disent autre chose" not in page
    assert "En cours" in page

    newer(record, "Encore plus nouveau.")
    page = text(moderator.post(address(innovation), sent | {"action": "rendre:summary"}))
    assert "En cours" in page
    innovation.refresh_from_db()
    assert innovation.summary == "Encore plus nouveau."
    assert not FieldEdit.objects.exists()


def test_a_former_text_is_put_back_once_confirmed(
    moderator: Client, innovation: Innovation, roles: SimpleNamespace
) -> None:
    for value in ("Premier texte", "Second texte"):
        editing.write(innovation, {"summary": value}, author=roles.moderator, note="essai")
    editing.take_partners_value(FieldEdit.objects.get(), author=roles.administrator, note="fini")

    where = reverse("backoffice:field_history", args=[innovation.pk, "summary"])
    page = text(moderator.get(where))
    assert page.index("fini") < page.index("Second texte") < page.index("Premier texte")
    assert "par Administrateur" in page
    first = re.findall(r"retablir/(\d+)/", page)[-1]
    restore = reverse("backoffice:field_restore", args=[innovation.pk, "summary", first])
    assert "Premier texte" in text(moderator.get(restore))
    assert not FieldEdit.objects.exists()

    moderator.post(restore)
    edit = FieldEdit.objects.get()
    assert (edit.value, edit.author) == ("Premier texte", roles.moderator)
    assert edit.note.startswith("Retour au texte du")


def test_what_only_says_that_partners_changed_is_no_version(
    moderator: Client, innovation: Innovation, record: SourceRecord
) -> None:
    editing.write(innovation, {"summary": "Le nôtre"}, author=None)
    newer(record, "Nouveau chez le partenaire.")
    where = reverse("backoffice:field_history", args=[innovation.pk, "summary"])
    assert text(moderator.get(where)).count(">Rétablir<") == 1


def test_the_number_of_queries_is_fixed(
    moderator: Client, innovation: Innovation, django_assert_max_num_queries: Any
) -> None:
    for number in range(8):
        values = {"title": "Ressourcerie", "summary": f"Dit autrement, {number}."}
        SourceRecordFactory(innovation=innovation, values=values)
    with django_assert_max_num_queries(30):
        moderator.get(address(innovation))


def test_a_merged_record_is_edited_where_it_went(moderator: Client, innovation: Innovation) -> None:
    gone = Innovation.objects.create(slug="reunie", title="X", merged_into=innovation)
    assert moderator.get(address(gone)).url == address(innovation)


def test_a_colleagues_words_are_not_given_up_unread_and_what_is_typed_stays(
    moderator: Client, innovation: Innovation, record: SourceRecord
) -> None:
    editing.write(innovation, {"summary": "Le nôtre"}, author=None)
    newer(record, "Nouveau chez le partenaire.")
    edit = FieldEdit.objects.get()
    sent = opened(moderator, innovation) | {"reproduction-lessons": "En cours"}
    editing.write(innovation, {"summary": "Celui d’une collègue"}, author=None)
    for verb in ("garder", "rendre"):
        action = {"action": f"{verb}:summary|{edit.mark}"}
        page = text(moderator.post(address(innovation), sent | action))
        assert "changé entre-temps, relisez" in page
        assert "En cours" in page
        assert FieldEdit.objects.get().value == "Celui d’une collègue"

    editing.take_partners_value(FieldEdit.objects.get(), author=None)
    page = text(moderator.post(address(innovation), sent | action))
    assert "En cours" in page


def test_personal_data_that_staff_write_are_told_and_nothing_is_blocked(
    moderator: Client, innovation: Innovation
) -> None:
    sent = opened(moderator, innovation) | {
        "summary": "Appelez Jeanne au 06 39 98 41 27.",
        "organisation-name": "Chez jeanne.martin@example.org",
        "note": "Vu avec elle",
    }
    page = text(moderator.post(address(innovation), sent, follow=True))
    assert "06 •• •• •• ••" in page
    assert "j…@example.org" in page
    assert "semble contenir une donnée personnelle" in page
    innovation.refresh_from_db()
    assert innovation.summary == "Appelez Jeanne au 06 39 98 41 27."
