"""A visitor's correction: proposed without an account, confirmed, decided, credited, forgotten."""

import re
import socket
from email import message_from_bytes
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from aiosmtpd.controller import Controller
from django.core import mail
from django.test import Client, override_settings
from django.urls import reverse

from innovations.models import FieldEdit, Innovation
from partners import editing, suggestions
from partners.consolidation.regrouping import merge
from partners.models import Objection, ObjectionState, SourceRecord, Suggestion, SuggestionState
from partners.objections import apply
from partners.publishing import publish_records
from partners.suggestion_views import PER_HOUR
from partners.suggestions import SuggestionError
from partners.tasks import purge_contributions
from tests.factories import SourceFactory, SourceRecordFactory, SuggestionFactory

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
BETTER = "Des habitants réparent, chaque samedi."


@pytest.fixture
def record(roles: SimpleNamespace) -> SourceRecord:
    values = {"title": "Ressourcerie", "summary": "Des habitants réparent."}
    made = SourceRecordFactory(source=SourceFactory(partner=roles.partner), values=values)
    publish_records([made])
    made.refresh_from_db()
    return made


@pytest.fixture
def innovation(record: SourceRecord) -> Innovation:
    return record.innovation


def form(innovation: Innovation, field: str = "summary") -> str:
    return f"{reverse('partners:suggest', args=[innovation.slug])}?champ={field}"


def propose(client: Client, innovation: Innovation, **changed: str) -> Any:
    return client.post(form(innovation), {"summary": BETTER, **changed})


def text(response: Any) -> str:
    return response.content.decode()


def link() -> str:
    found = re.search(r"http://testserver(/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


@pytest.fixture
def staff(roles: SimpleNamespace) -> Client:
    client = Client()
    client.force_login(roles.moderator, BACKEND)
    return client


def test_from_the_record_to_its_correction(
    client: Client, staff: Client, innovation: Innovation, roles: SimpleNamespace
) -> None:
    record = text(client.get(innovation.get_absolute_url()))
    assert reverse("partners:suggest", args=[innovation.slug]) in record
    assert "Des habitants réparent." in text(client.get(form(innovation)))

    answer = propose(client, innovation, credit="Le collectif du bourg", why="Vu sur place")
    assert "L’équipe la relit" in text(client.get(answer.url))
    suggestion = Suggestion.objects.get()
    assert (suggestion.state, suggestion.shown) == ("a-examiner", "Des habitants réparent.")
    assert mail.outbox == []

    page = text(staff.get(reverse("backoffice:suggestion", args=[suggestion.pk])))
    for told in (roles.partner.name, "Vu sur place", "Le collectif du bourg", "ajouté"):
        assert told in page
    staff.post(reverse("backoffice:suggestion_accept", args=[suggestion.pk]))

    edit = FieldEdit.objects.get()
    assert (edit.value, edit.author) == (BETTER, roles.moderator)
    record = text(client.get(innovation.get_absolute_url()))
    assert BETTER in record
    assert "Résumé : corrigé grâce à Le collectif du bourg." in record


def test_who_asks_for_no_name_is_not_named(client: Client, innovation: Innovation) -> None:
    propose(client, innovation, why="Camille Exemple le dit")
    suggestions.accept(Suggestion.objects.get(), None)
    page = text(client.get(innovation.get_absolute_url()))
    assert "corrigé grâce à" not in page
    assert "Camille" not in page


def test_an_address_is_confirmed_before_the_staff_reads(
    client: Client, staff: Client, innovation: Innovation
) -> None:
    answer = propose(client, innovation, email="visiteur@example.org")
    assert "Ouvrez son lien" in text(client.get(answer.url))
    suggestion = Suggestion.objects.get()
    assert suggestion.state == SuggestionState.RECEIVED
    assert staff.get(reverse("backoffice:suggestion", args=[suggestion.pk])).status_code == 404
    queue = reverse("backoffice:suggestions")
    assert innovation.title not in text(staff.get(f"{queue}?etat=recue"))

    where = link()
    assert "Confirmer ma proposition" in text(client.get(where))
    suggestion.refresh_from_db()
    assert suggestion.state == SuggestionState.RECEIVED
    client.post(where)
    suggestion.refresh_from_db()
    assert suggestion.state == SuggestionState.WAITING
    assert client.get(where).status_code == 410


@pytest.mark.parametrize("is_accepted", [True, False])
def test_the_answer_leaves_by_real_mail_and_the_address_is_forgotten(
    innovation: Innovation, roles: SimpleNamespace, django_capture_on_commit_callbacks: Any,
    is_accepted: bool,
) -> None:  # fmt: skip
    received: list[Any] = []

    class Handler:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
            received.append(envelope)
            return "250 OK"

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(Handler(), hostname="127.0.0.1", port=port)
    controller.start()
    suggestion = SuggestionFactory(
        innovation=innovation, email="visiteur@example.org", value=BETTER
    )
    try:
        with (
            override_settings(
                EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
                EMAIL_HOST="127.0.0.1",
                EMAIL_PORT=port,
            ),
            django_capture_on_commit_callbacks(execute=True),
        ):
            if is_accepted:
                suggestions.accept(suggestion, roles.moderator)
            else:
                suggestions.refuse(suggestion, roles.moderator, "La source dit le contraire.")
    finally:
        controller.stop()
    [envelope] = received
    assert envelope.rcpt_tos == ["visiteur@example.org"]
    assert "Ressourcerie" in _body(envelope.content)
    suggestion.refresh_from_db()
    assert suggestion.email == ""


def _body(content: bytes) -> str:
    payload = message_from_bytes(content).get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode()


def test_a_proposal_is_adapted_then_accepted(staff: Client, innovation: Innovation) -> None:
    suggestion = SuggestionFactory(innovation=innovation, value=BETTER, credit="Camille")
    staff.post(
        reverse("backoffice:suggestion_accept", args=[suggestion.pk]),
        {"adapter": "oui", "summary": "Des habitants réparent le samedi."},
    )
    edit = FieldEdit.objects.get()
    assert (edit.value, edit.credit) == ("Des habitants réparent le samedi.", "Camille")


def test_what_the_team_rewrites_loses_its_credit(innovation: Innovation) -> None:
    suggestions.accept(SuggestionFactory(innovation=innovation, credit="Camille"), None)
    editing.write(innovation, {"summary": "Tout autre chose."}, author=None)
    assert FieldEdit.objects.get().credit == ""


def test_a_refusal_asks_for_its_reason(staff: Client, innovation: Innovation) -> None:
    suggestion = SuggestionFactory(innovation=innovation)
    where = reverse("backoffice:suggestion_refuse", args=[suggestion.pk])
    staff.post(where, {"answer": "  "})
    suggestion.refresh_from_db()
    assert suggestion.state == SuggestionState.WAITING
    staff.post(where, {"answer": "La source dit le contraire."})
    suggestion.refresh_from_db()
    assert (suggestion.state, suggestion.answer) == ("refusee", "La source dit le contraire.")


def test_a_decision_is_taken_once(innovation: Innovation) -> None:
    suggestion = SuggestionFactory(innovation=innovation)
    suggestions.refuse(suggestion, None, "Non.")
    with pytest.raises(SuggestionError, match="déjà traitée"):
        suggestions.accept(suggestion, None)
    assert not FieldEdit.objects.exists()


def test_what_the_record_says_by_now_is_never_overwritten_unseen(
    staff: Client, innovation: Innovation
) -> None:
    suggestion = SuggestionFactory(innovation=innovation, value=BETTER)
    page = text(staff.get(reverse("backoffice:suggestions")))
    seen = re.search(r'name="vu" value="([\w-]+)"', page)
    assert seen
    editing.write(innovation, {"summary": "Écrit entre-temps."}, author=None)
    where = reverse("backoffice:suggestion_accept", args=[suggestion.pk])
    answer = staff.post(where, {"vu": seen[1]}, follow=True)
    assert "La fiche a changé depuis" in text(answer)
    assert FieldEdit.objects.get().value == "Écrit entre-temps."

    seen = re.search(r'name="vu" value="([\w-]+)"', text(answer))
    assert seen
    staff.post(where, {"vu": seen[1]})
    assert FieldEdit.objects.get().value == BETTER


def test_what_a_porteur_writes_after_it_was_read_is_not_accepted_unread(
    staff: Client, innovation: Innovation, roles: SimpleNamespace
) -> None:
    (suggestion,) = suggestions.propose(innovation, {"summary": BETTER}, roles.stranger)
    where = reverse("backoffice:suggestion_accept", args=[suggestion.pk])
    for page in ("backoffice:suggestions", "backoffice:suggestion"):
        args = [suggestion.pk] if page == "backoffice:suggestion" else []
        seen = re.search(r'name="vu" value="([\w-]+)"', text(staff.get(reverse(page, args=args))))
        assert seen
        unread = f"Achetez ici. {page}"
        suggestions.propose(innovation, {"summary": unread}, roles.stranger)
        answer = staff.post(where, {"vu": seen[1]}, follow=True)
        assert "Le porteur a changé sa proposition depuis" in text(answer)
        assert not FieldEdit.objects.exists()


@pytest.mark.parametrize("act", ["refuse", "send"])
def test_what_was_not_read_is_neither_refused_nor_forwarded(
    act: str, staff: Client, innovation: Innovation, roles: SimpleNamespace
) -> None:
    (suggestion,) = suggestions.propose(innovation, {"summary": BETTER}, roles.stranger)
    page = text(staff.get(reverse("backoffice:suggestion", args=[suggestion.pk])))
    seen = set(re.findall(r'name="vu" value="([\w-]+)"', page))
    assert len(seen) == 1
    suggestions.propose(innovation, {"summary": "Bien mieux dit."}, roles.stranger)
    where = reverse(f"backoffice:suggestion_{act}", args=[suggestion.pk])
    given = {"answer": "Trop vague, dites où.", "partner": roles.partner.slug}
    answer = staff.post(where, {**given, "vu": seen.pop()})
    assert answer.status_code == 409
    assert "Le porteur a changé sa proposition depuis" in text(answer)
    assert "Trop vague, dites où.</textarea>" in text(answer)
    suggestion.refresh_from_db()
    assert suggestion.state == SuggestionState.WAITING

    seen = set(re.findall(r'name="vu" value="([\w-]+)"', text(answer)))
    staff.post(where, {**given, "vu": seen.pop()})
    suggestion.refresh_from_db()
    assert suggestion.state != SuggestionState.WAITING


def test_the_partner_is_asked_and_the_decision_stays_the_staffs(
    staff: Client, innovation: Innovation, roles: SimpleNamespace,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    suggestion = SuggestionFactory(innovation=innovation, value=BETTER)
    send = reverse("backoffice:suggestion_send", args=[suggestion.pk])
    with django_capture_on_commit_callbacks(execute=True):
        staff.post(send, {"partner": roles.partner.slug})
    assert mail.outbox[-1].to == [roles.partner_member.email]

    member = Client()
    member.force_login(roles.partner_member, BACKEND)
    where = reverse("backoffice:partner_suggestions", args=[roles.partner.slug])
    assert "chaque" in text(member.get(where))
    member.post(where, {"suggestion": suggestion.pk, "answer": "C’est juste, corrigé chez nous."})
    suggestion.refresh_from_db()
    assert suggestion.state == SuggestionState.WAITING
    page = text(staff.get(reverse("backoffice:suggestion", args=[suggestion.pk])))
    assert "C’est juste, corrigé chez nous." in page


def test_it_goes_to_no_partner_that_does_not_speak_of_the_record(
    staff: Client, innovation: Innovation
) -> None:
    suggestion = SuggestionFactory(innovation=innovation)
    other = SourceFactory().partner
    staff.post(reverse("backoffice:suggestion_send", args=[suggestion.pk]), {"partner": other.slug})
    suggestion.refresh_from_db()
    assert suggestion.state == SuggestionState.WAITING


@pytest.mark.parametrize(
    ("field", "sent", "why"),
    [
        ("summary", {"summary": "Des habitants réparent."}, "C’est déjà ce que dit la fiche"),
        ("website", {"website": "javascript:alert(1)"}, "Une adresse http ou https"),
        ("started_year", {"started_year": "12"}, "1800"),
        ("title", {"title": ""}, "Ce champ est obligatoire"),
    ],
)
def test_what_cannot_be_proposed_is_told(
    client: Client, innovation: Innovation, field: str, sent: dict[str, str], why: str
) -> None:
    assert why in text(client.post(form(innovation, field), sent))
    assert not Suggestion.objects.exists()


def test_the_value_is_marked_neither_optional_nor_twice(
    client: Client, innovation: Innovation
) -> None:
    assert text(client.get(form(innovation, "summary"))).count("(Optionnel)") == 3
    assert "(obligatoire)" in text(client.get(form(innovation, "title")))


def test_a_robot_is_thanked_and_forgotten(client: Client, innovation: Innovation) -> None:
    assert propose(client, innovation, site="https://spam.invalid").status_code == 302
    assert not Suggestion.objects.exists()


def test_one_visitor_proposes_so_much_an_hour(client: Client, innovation: Innovation) -> None:
    for number in range(PER_HOUR):
        propose(client, innovation, summary=f"Texte {number}")
    assert "patienter" in text(propose(client, innovation))
    assert Suggestion.objects.count() == PER_HOUR


def test_a_record_is_not_buried_under_corrections(client: Client, innovation: Innovation) -> None:
    for _ in range(suggestions.WAITING_PER_RECORD):
        SuggestionFactory(innovation=innovation)
    assert "Beaucoup de corrections attendent" in text(propose(client, innovation))


def test_nobody_is_flooded_with_letters(innovation: Innovation) -> None:
    for number in range(5):
        suggestion = SuggestionFactory.build(
            innovation=innovation, email="v@example.org", value=f"Texte {number}", shown=""
        )
        if number < suggestions.UNCONFIRMED_PER_ADDRESS:
            suggestions.receive(suggestion)
        else:
            with pytest.raises(SuggestionError, match="attendent déjà"):
                suggestions.receive(suggestion)
    assert len(mail.outbox) == suggestions.UNCONFIRMED_PER_ADDRESS


def test_an_unpublished_record_takes_no_correction(client: Client, innovation: Innovation) -> None:
    Innovation.objects.update(status="depubliee")
    assert client.get(form(innovation)).status_code == 404


def test_a_correction_follows_a_merged_record(innovation: Innovation) -> None:
    suggestion = SuggestionFactory(innovation=innovation, value=BETTER)
    other = SourceRecordFactory(values={"title": "Autre", "summary": "Autre."})
    (target,) = publish_records([other])
    merge(innovation, target)
    suggestions.accept(suggestion, None)
    target.refresh_from_db()
    assert target.summary == BETTER


def test_what_no_longer_serves_is_forgotten(innovation: Innovation) -> None:
    with time_machine.travel("2026-01-01 12:00Z"):
        never = SuggestionFactory(innovation=innovation, state="recue", email="v@example.org")
        decided = suggestions.refuse(SuggestionFactory(innovation=innovation), None, "Non.")
    with time_machine.travel("2026-01-05 12:00Z"):
        purge_contributions()
        assert Suggestion.objects.filter(pk__in=[never.pk, decided.pk]).count() == 2
    with time_machine.travel("2026-01-09 12:00Z"):
        purge_contributions()
        assert list(Suggestion.objects.all()) == [decided]
    with time_machine.travel("2026-04-05 12:00Z"):
        purge_contributions()
    assert not Suggestion.objects.exists()


def test_the_right_to_object_reaches_corrections(innovation: Innovation) -> None:
    suggestion = SuggestionFactory(
        innovation=innovation,
        why="Appelez Camille Exemple-Durand",
        credit="Camille Exemple-Durand",
        value="Dit par Camille Exemple-Durand",
    )
    suggestions.accept(suggestion, None)
    objection = Objection.objects.create(
        state=ObjectionState.CONFIRMED, scope="donnee", datum="Camille Exemple-Durand"
    )
    apply(objection, None)
    suggestion.refresh_from_db()
    edit = FieldEdit.objects.get()
    said = f"{suggestion.why} {suggestion.credit} {suggestion.value} {edit.value} {edit.credit}"
    assert "Camille" not in said + str(list(edit.events.values()))
    page = text(Client().get(innovation.get_absolute_url()))
    assert "corrigé grâce à" not in page

    apply(
        Objection.objects.create(
            state=ObjectionState.CONFIRMED, scope="fiche", innovation=innovation
        ),
        None,
    )
    assert not Suggestion.objects.exists()


def test_the_queue_costs_as_much_whatever_its_length(
    staff: Client, innovation: Innovation, django_assert_max_num_queries: Any
) -> None:
    for total in (10, 20):
        for _ in range(10):
            SuggestionFactory(innovation=innovation)
        with django_assert_max_num_queries(12):
            page = staff.get(reverse("backoffice:suggestions"))
        assert text(page).count("bo-suggestion") == total
