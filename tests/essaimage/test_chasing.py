"""« Qui relancer, pour quoi »: the line, the button, the mail; and the dashboard around it."""

import datetime
import re
import threading
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from essaimage import chasing
from essaimage.models import Party, Replication
from essaimage.standing import Ask
from tests.essaimage.posted import Mailbox, mailbox
from tests.factories import (
    ExperimentFactory,
    FollowingFactory,
    FollowUpFactory,
    ObstacleFactory,
    PartyFactory,
    ReplicationFactory,
    TerritoryFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
__all__ = ["mailbox"]
BACKEND = "django.contrib.auth.backends.ModelBackend"
BOARD = "/gestion/essaimage/"


@pytest.fixture
def officer(roles: SimpleNamespace, client: Client) -> Client:
    client.force_login(roles.essaimage_officer, BACKEND)
    return client


def running(**fields: Any) -> Replication:
    return ReplicationFactory(state="en-cours", journal={"en-cours": "2020"}, **fields)


def text(client: Client, where: str = BOARD) -> str:
    answer = client.get(where)
    assert answer.status_code == 200
    return re.sub(r"[ \n]+", " ", answer.content.decode())


def press(client: Client, replication: Replication, ask: str) -> str:
    where = reverse("gestion_essaimage:dashboard_ask", args=[replication.code])
    answer = client.post(where, {"demande": ask}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def unheard() -> Party:
    """The porteur of a published replication, whose address is known and who said nothing."""
    replication = running()
    PartyFactory(replication=replication, confirms=True)
    return PartyFactory(replication=replication, porteur=True)


def test_the_button_asks_the_side_and_the_line_goes(officer: Client, mailbox: Mailbox) -> None:
    party = unheard()
    assert "Demander un avis" in text(officer)
    assert f"Courriel envoyé à {party.name}" in press(officer, party.replication, Ask.VERDICT)
    assert mailbox.senders == [party.email]
    assert "Demander un avis" not in text(officer)
    # Pressed again from a page left open: nothing more leaves.
    assert "Ce n’est plus ce qu’il y a à demander" in press(officer, party.replication, Ask.VERDICT)
    assert len(mailbox.letters) == 1


def test_news_are_asked_with_the_link_that_keeps_it_up_to_date(
    officer: Client, mailbox: Mailbox
) -> None:
    replication = ReplicationFactory(state="envisagee", journal={"envisagee": "2020"})
    party = PartyFactory(replication=replication, confirms=True)
    Party.objects.update(answered_at=timezone.now() - datetime.timedelta(900))
    press(officer, replication, Ask.NEWS)
    [letter] = mailbox.letters
    assert letter["To"] == party.email
    assert "n’a plus de nouvelles" in letter.get_content()
    assert Client().get(mailbox.link("suivi")).status_code == 200


def test_results_that_are_due_leave_at_once(officer: Client, mailbox: Mailbox) -> None:
    party = PartyFactory(replication=running(), confirms=True)
    FollowUpFactory(party=party, months=36)
    assert "Demander les résultats" in text(officer)
    press(officer, party.replication, Ask.RESULTS_DUE)
    assert Client().get(mailbox.link("resultats")).status_code == 200


@pytest.mark.parametrize("ask", ["", "contestation", "adresse", "n-importe"])
def test_what_has_no_button_sends_nothing(officer: Client, mailbox: Mailbox, ask: str) -> None:
    party = unheard()
    press(officer, party.replication, ask)
    assert mailbox.letters == []


def test_a_mail_server_that_is_down_is_told_and_nothing_changes(
    officer: Client, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    party = unheard()
    assert "n’a pas pu partir" in press(officer, party.replication, Ask.VERDICT)
    party.refresh_from_db()
    assert party.asked_at is None


def test_who_asked_is_in_the_history(
    officer: Client, mailbox: Mailbox, roles: SimpleNamespace
) -> None:
    party = unheard()
    press(officer, party.replication, Ask.VERDICT)
    event = party.events.order_by("pgh_id").last()
    assert event.pgh_context.metadata["user"] == roles.essaimage_officer.pk


@pytest.mark.django_db(transaction=True)
def test_two_who_press_at_once_send_one_letter(mailbox: Mailbox) -> None:
    code, author = unheard().replication.code, UserFactory()
    together, done = threading.Barrier(2), []

    def work() -> None:
        try:
            together.wait(10)
            chasing.send(code, Ask.VERDICT, author)
            done.append("sent")
        except chasing.CannotChase:
            done.append("refused")
        finally:
            connection.close()

    both = [threading.Thread(target=work) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(20)
    assert sorted(done) == ["refused", "sent"]
    assert len(mailbox.letters) == 1


def test_the_board_tells_states_stuck_ones_deadlines_and_obstacles(officer: Client) -> None:
    old = ReplicationFactory(state="envisagee", journal={"envisagee": "2019"})
    party = PartyFactory(replication=running(innovation=old.innovation), contests=True)
    FollowUpFactory(
        party=party,
        months=24,
        due_on=timezone.localdate() - datetime.timedelta(60),
        asked_at=timezone.now() - datetime.timedelta(60),
    )
    ObstacleFactory(replication=old, authority="Préfecture")
    ObstacleFactory(replication=old, authority="Préfecture", lifted=True)
    ObstacleFactory(replication=old, authority="Rectorat", waiting=True)
    ExperimentFactory(
        innovation=old.innovation,
        title="Ouvrir sans classement",
        ends_on=timezone.localdate() + datetime.timedelta(20),
    )
    page = text(officer)
    for words in (
        "Comprendre la contestation",
        "Envisagée",
        "dernière étape 2019",
        "Résultats à 24 mois : demandés le",
        "Dépassée",
        "Une expérimentation arrive à son terme",
        "Préfecture",
    ):
        assert words in page, words
    assert "Rectorat" not in page


def test_an_end_leads_to_its_experiment_and_what_is_set_aside_has_none(officer: Client) -> None:
    of = {"innovation": ReplicationFactory().innovation, "ends_on": timezone.localdate()}
    shown = ExperimentFactory(**of)
    ExperimentFactory(title="Dérogation écartée", publication="ecartee", **of)
    page = text(officer)
    assert reverse("gestion_essaimage:experiment", args=[shown.pk]) in page
    assert "Dérogation écartée" not in page


def test_the_filters_keep_what_they_say(officer: Client, roles: SimpleNamespace) -> None:
    region = TerritoryFactory(a_region=True)
    kept = running(territory=TerritoryFactory(region=region), network="Réseau des ateliers")
    other = running()
    FollowingFactory(user=roles.moderator, replication=kept, note="Secret.")
    words = kept.innovation.title.split()[0]
    for query in (
        f"territoire=region-{region.code}",
        "reseau=ateliers",
        f"suivie={roles.moderator.pk}",
        "demande=adresse&reseau=ateliers",
    ):
        page = text(officer, f"{BOARD}?{query}")
        assert f"/reprises/{kept.code}/" in page, query
        assert f"/reprises/{other.code}/" not in page, query
        assert "Secret." not in page
    assert f"/reprises/{kept.code}/" in text(officer, f"{BOARD}?q={words}")
    assert "Aucune reprise ne répond" in text(officer, f"{BOARD}?reseau=zzz")
    # What is unknown is as if not asked.
    for query in ("suivie=abc", "demande=x", "territoire=zzzz", "suite=xx", "q=%00"):
        assert officer.get(f"{BOARD}?{query}").status_code == 200, query


def test_the_statistician_reads_and_presses_nothing(
    roles: SimpleNamespace, client: Client, mailbox: Mailbox
) -> None:
    party = unheard()
    client.force_login(roles.statistician, BACKEND)
    assert '<button type="submit" class="fr-btn fr-btn--secondary fr-btn--sm">' not in text(client)
    where = reverse("gestion_essaimage:dashboard_ask", args=[party.replication.code])
    assert client.post(where, {"demande": Ask.VERDICT}).status_code == 403
    assert mailbox.letters == []


def test_no_address_is_ever_on_the_board(officer: Client) -> None:
    party = unheard()
    assert party.email not in text(officer)


def test_the_number_of_queries_does_not_grow(
    officer: Client, django_assert_num_queries: Any
) -> None:
    def fill() -> None:
        party = unheard()
        FollowUpFactory(party=party)
        ObstacleFactory(replication=party.replication)
        FollowingFactory(replication=party.replication)
        ExperimentFactory(
            innovation=party.replication.innovation,
            ends_on=timezone.localdate() + datetime.timedelta(20),
        )

    fill()
    officer.get(BOARD)
    with connection.execute_wrapper(counter := Counter()):
        officer.get(BOARD)
    for _ in range(4):
        fill()
    with django_assert_num_queries(counter.count):
        officer.get(BOARD)


class Counter:
    """How many queries pass."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute: Any, *args: Any) -> Any:
        self.count += 1
        return execute(*args)
