"""Alerts: a mail only when there is something to do, never twice for the same thing."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.conf import settings
from django.core import mail
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_httpserver import HTTPServer

from carrefour.accounts.roles import Role
from partners import alerts
from partners.models import Alert, RejectedRow, Run, RunState, Source, VocabularyEntry
from partners.requesting import request_harvest
from partners.tasks import tell_run_end
from tests.backoffice.conftest import MAPPING
from tests.conftest import wait_for
from tests.factories import RunFactory, SourceFactory, UserFactory

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def asked(source: Source, roles: SimpleNamespace) -> Source:
    """The moderator asked to be warned of the partner's source."""
    alerts.ask(source, roles.moderator)
    return source


def run(source: Source, **fields: Any) -> list[mail.EmailMessage]:
    """A run of the source ends as said; the mails that it sends."""
    failed = fields.get("state") == RunState.FAILED
    failures = source.failures + 1 if failed else 0
    Source.objects.filter(pk=source.pk).update(failures=failures)
    source.refresh_from_db()
    given = {"state": RunState.DONE, "present": 100} | fields
    ended = RunFactory(source=source, finished_at=timezone.now(), **given)
    mail.outbox.clear()
    tell_run_end(ended.pk)
    return list(mail.outbox)


def fail(source: Source) -> list[mail.EmailMessage]:
    return run(source, state=RunState.FAILED, message="Le site ne répond pas.")


def test_nothing_to_do_sends_nothing(asked: Source) -> None:
    assert run(asked) == []


def test_who_did_not_ask_is_not_written_to(source: Source) -> None:
    assert fail(source) == []


def test_a_failure_says_what_happened_what_to_do_and_where(
    asked: Source, roles: SimpleNamespace
) -> None:
    [sent] = fail(asked)
    assert sent.to == [roles.moderator.email]
    assert sent.subject == f"{asked.partner.name} – {asked.name} : moissonnage en échec"
    assert "Le dernier moissonnage a échoué : Le site ne répond pas." in sent.body
    assert "→ Ouvrez le moissonnage" in sent.body
    assert settings.BASE_URL + reverse("backoffice:source", args=[asked.slug]) in sent.body
    assert "&#" not in sent.body


def test_a_failure_that_lasts_is_told_each_time_it_doubles(asked: Source) -> None:
    assert [len(fail(asked)) for _ in range(9)] == [1, 1, 0, 1, 0, 0, 0, 1, 0]


def test_all_is_well_again_is_told_once(asked: Source) -> None:
    fail(asked)
    [sent] = run(asked)
    assert sent.subject.endswith("tout va bien de nouveau")
    assert run(asked) == []
    assert len(fail(asked)) == 1


def test_refused_rows_are_told_when_their_reason_is_new_or_their_number_doubles(
    asked: Source, refuse: Callable[..., RejectedRow]
) -> None:
    refuse(asked)
    [sent] = run(asked)
    assert sent.subject.endswith("lignes refusées")
    assert reverse("backoffice:rejected", args=[asked.slug]) in sent.body
    assert run(asked) == []
    refuse(asked)
    assert len(run(asked)) == 1
    refuse(asked)
    assert run(asked) == []
    refuse(asked, [{"field": "year", "code": "annee", "message": "Année illisible : « vers »."}])
    assert len(run(asked)) == 1
    RejectedRow.objects.filter(errors__contains=[{"code": "annee"}]).delete()
    assert run(asked) == []
    RejectedRow.objects.all().delete()
    assert run(asked)[0].subject.endswith("tout va bien de nouveau")


def test_several_causes_make_one_mail_that_says_which_is_new(
    asked: Source, refuse: Callable[..., RejectedRow]
) -> None:
    refuse(asked)
    run(asked)
    Source.objects.filter(pk=asked.pk).update(held_back={"missing": 40, "total": 100})
    [sent] = run(asked)
    assert sent.subject.endswith("retraits à décider")
    assert "RETRAITS À DÉCIDER (nouveau)" in sent.body
    assert "LIGNES REFUSÉES (déjà signalé)" in sent.body
    assert reverse("backoffice:held_back", args=[asked.slug]) in sent.body


def test_drift_is_told_once_whatever_its_figures(asked: Source) -> None:
    Source.objects.filter(pk=asked.pk).update(expected_at_least=120)
    assert run(asked)[0].subject.endswith("contenu inhabituel")
    assert run(asked, present=99) == []


def test_unknown_words_are_told_beyond_a_number_and_to_who_decides_them(
    asked: Source, roles: SimpleNamespace
) -> None:
    alerts.ask(asked, roles.partner_member)
    for n in range(20):
        VocabularyEntry.objects.create(source=asked, vocabulary="theme", value=f"{n}", key=f"{n}")
    [sent] = run(asked)
    assert sent.to == [roles.moderator.email]
    assert f"{reverse('backoffice:vocabulary')}?source={asked.slug}" in sent.body


def test_a_member_reads_what_it_can_do_itself(source: Source, roles: SimpleNamespace) -> None:
    alerts.ask(source, roles.partner_member)
    [sent] = fail(source)
    assert "Vérifiez que l’adresse moissonnée répond" in sent.body


def test_who_may_no_longer_see_the_source_is_not_told(
    source: Source, roles: SimpleNamespace
) -> None:
    alerts.ask(source, roles.partner_member)
    alerts.ask(source, roles.moderator)
    roles.partner_member.memberships.all().delete()
    roles.moderator.is_active = False
    roles.moderator.save()
    assert fail(source) == []


def test_a_role_that_does_not_read_raw_content_is_not_sent_to_it(
    source: Source, roles: SimpleNamespace, refuse: Callable[..., RejectedRow]
) -> None:
    alerts.ask(source, roles.statistician)
    refuse(source)
    [sent] = run(source)
    assert "/refus/" not in sent.body


def test_a_mail_that_cannot_leave_is_tried_again(asked: Source, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    failed = RunFactory(source=asked, state=RunState.FAILED, message="Panne.")
    with pytest.raises(OSError, match="refused"):
        alerts.tell(asked)
    assert Alert.objects.get().told == {}
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert tell_run_end(failed.pk) == 1
    assert Alert.objects.get().told == {"echec:": 1}


def test_asking_and_stopping_from_the_source(
    client: Client, source: Source, roles: SimpleNamespace
) -> None:
    where, page = (
        reverse(f"backoffice:{name}", args=[source.slug]) for name in ("alert", "source")
    )
    client.force_login(roles.partner_member, BACKEND)
    assert "Me prévenir par courriel" in client.get(page).content.decode()
    client.post(where, {"action": "prevenir"})
    client.post(where, {"action": "prevenir"})
    assert Alert.objects.get().user == roles.partner_member
    assert "Ne plus me prévenir" in client.get(page).content.decode()
    client.post(where)
    assert not Alert.objects.exists()
    foreign = SourceFactory()
    assert client.post(reverse("backoffice:alert", args=[foreign.slug])).status_code == 404


def stop_link(sent: mail.EmailMessage) -> str:
    found = re.search(r"Ne plus l’être\s: (\S+)", sent.body)
    assert found
    return found[1].removeprefix(settings.BASE_URL)


def test_the_link_of_the_mail_stops_after_a_button(asked: Source, client: Client) -> None:
    where = stop_link(fail(asked)[0])
    assert "Ne plus être prévenu ?" in client.get(where).content.decode()
    assert Alert.objects.exists()
    assert "Vous n’êtes plus prévenu" in client.post(where).content.decode()
    assert not Alert.objects.exists()
    assert "elle est déjà arrêtée" in client.get(where).content.decode()
    assert fail(asked) == []


def test_a_mail_program_stops_by_itself_in_one_click(asked: Source) -> None:
    [sent] = fail(asked)
    headers = sent.message()
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    where = headers["List-Unsubscribe"].strip("<>").removeprefix(settings.BASE_URL)
    program = Client(enforce_csrf_checks=True)
    assert program.post(where, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not Alert.objects.exists()


def test_a_forged_link_stops_nothing(asked: Source, client: Client) -> None:
    alert = Alert.objects.get()
    for token in (str(alert.pk), f"{alert.pk}:abc:def", "x"):
        client.post(reverse("backoffice:alert_stop", args=[token]))
    assert Alert.objects.exists()


class Mailbox:
    """An SMTP server's handler that keeps what it receives."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        self.arrived = threading.Event()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.received.append(envelope)
        self.arrived.set()
        return "250 OK"


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    kept = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(kept, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    yield kept
    controller.stop()


def test_the_mail_travels_whole_by_smtp(asked: Source, mailbox: Mailbox) -> None:
    RunFactory(source=asked, state=RunState.FAILED, message="Le site a répondu « 503 ».")
    assert alerts.tell(asked) == 1
    assert mailbox.arrived.wait(5)
    [envelope] = mailbox.received
    assert envelope.rcpt_tos == ["moderateur@example.org"]
    assert b"List-Unsubscribe" in envelope.original_content


def out_of_time(source: Source, times: int) -> int:
    """A run whose time ran out, so many times in a row for this reading; the mails that leave."""
    RunFactory(
        source=source,
        state=RunState.CANCELLED,
        reading_since=timezone.now(),
        finished_at=timezone.now(),
        cursor={"resume": {"page": times}, "late": times},
    )
    return alerts.tell(source)


def test_a_reading_that_does_not_end_is_told_by_smtp_when_it_lasts_and_when_it_is_over(
    asked: Source, mailbox: Mailbox, roles: SimpleNamespace
) -> None:
    alerts.ask(asked, roles.partner_member)
    # Twice is told to both, then only when it doubled.
    assert [out_of_time(asked, times) for times in range(1, 9)] == [0, 2, 0, 2, 0, 0, 0, 2]
    RunFactory(source=asked, state=RunState.DONE, reading_since=timezone.now(), present=100)
    assert alerts.tell(asked) == 2
    received = [
        (envelope.rcpt_tos[0], message_from_bytes(envelope.original_content, policy=default))
        for envelope in mailbox.received
    ]
    assert len(received) == 8
    ours = [message for to, message in received if to == roles.moderator.email]
    theirs = [message for to, message in received if to == roles.partner_member.email]
    name = f"{asked.partner.name} – {asked.name}"
    assert [m["Subject"].strip() for m in ours] == [
        *[f"{name} : lecture inachevée"] * 3,
        f"{name} : tout va bien de nouveau",
    ]
    first, last = ours[0].get_content(), ours[2].get_content()
    assert "Le temps imparti n’a pas suffi, 2 fois de suite" in first
    assert "Le temps imparti n’a pas suffi, 8 fois de suite" in last
    assert "→ Rien à faire si la source est grande : la lecture continue d’elle-même." in first
    assert "→ Rien à faire si votre site est grand" in theirs[0].get_content()
    where = settings.BASE_URL + reverse("backoffice:source", args=[asked.slug])
    assert where in first


def test_the_end_of_a_run_sends_its_task_once_committed(
    asked: Source, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    sent: list[int] = []
    monkeypatch.setattr(tell_run_end, "delay", sent.append)
    ended: Run = RunFactory(source=asked, state=RunState.DONE)
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        alerts.after_run(ended)
        assert sent == []
    assert sent == [ended.pk]
    with django_capture_on_commit_callbacks(execute=True):
        alerts.after_run(RunFactory(state=RunState.DONE))
    assert sent == [ended.pk]


@pytest.mark.django_db(transaction=True)
def test_a_real_worker_writes_at_the_end_of_a_harvest_that_failed(
    worker: object, worker_mailbox: Path, httpserver: HTTPServer, roles: SimpleNamespace
) -> None:
    """The whole way: asked for, harvested, failed, told; the worker's mails are files."""
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request("/fiches.csv").respond_with_data("", status=410)
    address = "alerte@example.org"
    source = SourceFactory(url=httpserver.url_for("/fiches.csv"), mapping=MAPPING)
    alerts.ask(source, UserFactory(email=address, role=Role.MODERATOR))

    def written() -> list[str]:
        mails = [f.read_text(errors="replace") for f in worker_mailbox.glob("*.log")]
        return [text for text in mails if f"To: {address}" in text]

    request_harvest(source)
    wait_for(written, 60)
    [text] = written()
    assert Alert.objects.get().told == {"echec:": 1}
    assert "tout va bien" not in text
