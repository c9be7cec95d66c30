"""Both sides of a replication: confirm, contest, keep it up to date, each by links of one use."""

import datetime
import threading
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pghistory.models import Context

from essaimage import (
    confirming,
    editing,
    forgetting,
    links,
    moderating,
    moving,
    sifting,
    tellings,
    updating,
)
from essaimage.confirming import CannotAsk
from essaimage.models import (
    FollowUp,
    Party,
    PublicActor,
    Publication,
    Purpose,
    Replication,
    ReplicationStep,
    Telling,
    Verdict,
)
from essaimage.moderating import Choice
from essaimage.moving import Author
from essaimage.side_views import ASKS_PER_HOUR
from essaimage.tellings import CannotTell
from partners.models import Objection, ObjectionState
from partners.objections import apply
from tests.essaimage.conftest import Postman
from tests.factories import (
    InnovationFactory,
    OrganisationFactory,
    ReplicationFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
WHO = "direction@atelier.example.org"
OTHER = "contact@origine.example.org"


def made(**fields: Any) -> Replication:
    """A replication declared and confirmed by its repreneur, published, its porteur not heard."""
    owner = OrganisationFactory(name=f"Association d’origine {Replication.objects.count()}")
    innovation = InnovationFactory(published=True, title="Ressourcerie", organisation=owner)
    said = {"state": "en-preparation", "origin": "repreneur", "repreneur_name": "Atelier des Ponts"}
    replication = ReplicationFactory(innovation=innovation, **said | fields)
    moving.open_journal(replication, Author("Atelier des Ponts"))
    now = "2026-01-01T12:00Z"
    Party.objects.create(
        replication=replication, side="repreneur", organisation="Atelier des Ponts", email=WHO,
        is_declarer=True, email_confirmed_at=now, answered_at=now, served_at=now,
        verdict=Verdict.CONFIRMED,
    )  # fmt: skip
    Party.objects.create(
        replication=replication, side="porteur", organisation=owner.name, email=OTHER
    )
    return replication


@pytest.fixture
def replication(db: None) -> Replication:
    return made()


@pytest.fixture
def porteur(replication: Replication) -> Party:
    return replication.parties.get(side="porteur")


@pytest.fixture
def repreneur(replication: Replication) -> Party:
    return replication.parties.get(side="repreneur")


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def page(client: Client, replication: Replication) -> str:
    return text(client.get(replication.get_absolute_url()))


def follow(party: Party) -> str:
    return reverse("essaimage:follow", args=[updating.hand(party)])


def state(to: str, **changed: str) -> dict[str, str]:
    asked = {
        "geste": "etat",
        "etat-to": to,
        "etat-seen": "en-preparation",
        "etat-reason": "Ouvert.",
    }
    return asked | changed


# --- confirming -----------------------------------------------------------------------------------


def test_the_porteur_confirms_by_mail_once(
    client: Client, replication: Replication, porteur: Party, postman: Postman
) -> None:
    said = "Déclarée par le repreneur, la structure porteuse ne s’est pas prononcée."
    assert said in page(client, replication)
    confirming.ask(porteur)
    link = postman.link(OTHER)
    shown = client.get(link)
    assert "Atelier des Ponts" in text(shown)
    assert shown["Referrer-Policy"] == "same-origin"
    porteur.refresh_from_db()
    assert porteur.verdict == Verdict.NONE

    with time_machine.travel("2026-05-03 12:00Z", tick=False):
        postman.mails.clear()
        confirming.ask(porteur)
        link = postman.link(OTHER)
        assert client.post(link, {"verdict": "confirmee"}).status_code == 200
    said = "Déclarée par le repreneur, confirmée par la structure porteuse le 3 mai 2026."
    assert said in page(client, replication)
    assert client.get(link).status_code == 410
    assert client.post(link, {"verdict": "contestee", "note": "Non."}).status_code == 410


def test_a_fresh_link_closes_the_older_one(
    client: Client, porteur: Party, postman: Postman
) -> None:
    confirming.ask(porteur)
    first = postman.link(OTHER)
    confirming.ask(porteur)
    assert client.get(first).status_code == 410
    assert client.get(postman.link(OTHER)).status_code == 200


def test_a_contest_says_why_and_its_reason_is_read_first(
    client: Client, replication: Replication, porteur: Party, postman: Postman
) -> None:
    confirming.ask(porteur)
    link = postman.link(OTHER)
    answer = client.post(link, {"verdict": "contestee", "note": " "})
    assert "Dites en quoi vous la contestez." in text(answer)
    assert client.post(link, {"verdict": ""}).status_code == 200
    assert client.post(link, {"verdict": "autre"}).status_code == 200
    answer = client.post(link, {"verdict": "contestee", "note": "Voir camille@exemple.org"})
    assert "une adresse électronique" in text(answer)
    answer = client.post(link, {"verdict": "contestee", "note": "Ce n’est pas notre projet."})
    assert "Tenir cette reprise à jour" not in text(answer)

    shown = page(client, replication)
    assert "contestée par la structure porteuse le" in shown
    assert "Le motif est en cours de relecture." in shown
    assert "Ce n’est pas notre projet." not in shown
    telling = Telling.objects.get()
    sifting.accept(telling, None, seen=tellings.mark(telling))
    assert "Ce n’est pas notre projet." in page(client, replication)


def test_who_contests_does_not_write_but_may_think_again(
    client: Client, porteur: Party, postman: Postman
) -> None:
    before = follow(porteur)
    confirming.ask(porteur)
    client.post(postman.link(OTHER), {"verdict": "contestee", "note": "Non."})
    assert client.get(before).status_code == 410
    assert updating.mail_link(porteur.pk)
    assert "/essaimage/avis/" in postman.link(OTHER)
    client.post(postman.link(OTHER), {"verdict": "confirmee"})
    porteur.refresh_from_db()
    assert (porteur.verdict, porteur.note) == (Verdict.CONFIRMED, "")
    assert not Telling.objects.exists()


def test_nobody_is_asked_without_an_address_or_before_it_is_confirmed(porteur: Party) -> None:
    Party.objects.filter(pk=porteur.pk).update(email="")
    with pytest.raises(CannotAsk, match="adresse"):
        confirming.ask(porteur)
    hidden = made(publication=Publication.UNCONFIRMED)
    with pytest.raises(CannotAsk, match="ni à relire ni publiée"):
        confirming.ask(hidden.parties.get(side="porteur"))


def test_publishing_asks_who_was_never_heard_once(
    replication: Replication, postman: Postman, django_capture_on_commit_callbacks: Any
) -> None:
    for publication in (Publication.WAITING, Publication.PUBLISHED) * 2:
        with django_capture_on_commit_callbacks(execute=True):
            moderating.decide(
                replication,
                Choice(publication),
                author=UserFactory(),
                seen=editing.mark(Replication.objects.get()),
            )
    # Who declared it is told that it is published, once too.
    assert (postman.to(OTHER), postman.to(WHO)) == (1, 1)


# --- asking for a link ----------------------------------------------------------------------------


def ask(client: Client, replication: Replication, email: str) -> Any:
    where = reverse("essaimage:follow_ask", args=[replication.code])
    return client.post(where, {"email": email})


def test_the_answer_is_the_same_whether_the_address_is_known_or_not(
    client: Client,
    replication: Replication,
    postman: Postman,
    django_capture_on_commit_callbacks: Any,
) -> None:
    answers = []
    for email in (WHO.upper(), "inconnu@exemple.org"):
        with django_capture_on_commit_callbacks(execute=True):
            answers.append(ask(client, replication, email))
    first, second = answers
    assert (first.status_code, first.url) == (second.status_code, second.url)
    assert client.get(first.url).content == client.get(second.url).content
    assert postman.to(WHO) == 1
    assert len(postman.mails) == 1
    assert client.get(postman.link(WHO)).status_code == 200

    with django_capture_on_commit_callbacks(execute=True):
        ask(client, replication, WHO)
    assert postman.to(WHO) == 1


def test_no_more_than_some_asks_in_an_hour(client: Client, replication: Replication) -> None:
    for _ in range(ASKS_PER_HOUR):
        assert ask(client, replication, "inconnu@exemple.org").status_code == 302
    assert "patienter une heure" in text(ask(client, replication, "inconnu@exemple.org"))


def test_an_unheard_side_is_first_asked_what_it_says(
    client: Client,
    replication: Replication,
    postman: Postman,
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        ask(client, replication, OTHER)
    assert "/essaimage/avis/" in postman.link(OTHER)


# --- keeping it up to date ------------------------------------------------------------------------


def test_a_state_is_moved_at_once_and_the_next_link_is_handed(
    client: Client, replication: Replication, repreneur: Party
) -> None:
    first = follow(repreneur)
    assert client.get(first).status_code == 200
    answer = client.post(first, state("en-cours", **{"etat-date": "5/2026"}))
    assert answer.status_code == 302
    shown = page(client, replication)
    assert 'En cours</strong> <span class="carrefour-mention">mai 2026' in shown
    assert "par Atelier des Ponts" in shown
    assert client.get(first).status_code == 410
    assert client.post(first, state("perennisee")).status_code == 410
    assert "Le nouvel état est inscrit" in text(client.get(answer.url))
    asked = state("perennisee", **{"etat-seen": "en-cours"})
    assert client.post(answer.url, asked).status_code == 302
    replication.refresh_from_db()
    assert replication.state == "perennisee"


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (state("perennisee"), "ne passe pas directement à « pérennisée »"),
        (state("envisagee"), "ne passe pas directement"),
        (state("ailleurs"), "Rien n’est enregistré"),
        (state("en-cours", **{"etat-seen": "envisagee"}), "a changé d’état entre-temps"),
        (state("en-cours", **{"etat-reason": " "}), "Rien n’est enregistré"),
        (state("en-cours", **{"etat-reason": "Au 06 12 34 56 78"}), "un numéro de téléphone"),
        (state("en-cours", **{"etat-date": "2999"}), "n’est pas encore venu"),
        (state("en-cours", **{"etat-date": "demain"}), "n’est pas une date"),
        ({"geste": "acteur", "acteur-name": "Ville"}, "Dites au moins un rôle"),
        ({"geste": "acteur", "acteur-name": "M. Exemple", "acteur-roles": "facilitateur"},
         "jamais celui d’une personne"),
        ({"geste": "acteur", "acteur-name": "Ville", "acteur-actions": "intrus"},
         "Rien n’est enregistré"),
        ({"geste": "recit", "recit-results": "x" * 4001}, "Rien n’est enregistré"),
        ({"geste": "recit", "recit-changed_by": "x" * 201}, "Rien n’est enregistré"),
    ],
)  # fmt: skip
def test_what_is_refused_gives_the_link_back(
    client: Client, repreneur: Party, sent: dict[str, str], said: str
) -> None:
    where = follow(repreneur)
    answer = client.post(where, sent)
    assert answer.status_code == 200
    assert said in text(answer)
    assert client.post(where, state("en-cours")).status_code == 302


def test_a_gesture_that_is_none_changes_nothing(client: Client, repreneur: Party) -> None:
    where = follow(repreneur)
    assert client.post(where, {"geste": "effacer"}).status_code == 200
    assert client.post(where, {}).status_code == 200
    assert client.get(where).status_code == 200


def test_texts_wait_for_staff_and_the_page_keeps_the_former_ones(
    client: Client, replication: Replication, repreneur: Party
) -> None:
    Replication.objects.filter(pk=replication.pk).update(results="Vingt objets réparés.")
    where = client.post(
        follow(repreneur),
        {"geste": "recit", "recit-results": "Cent objets réparés.", "recit-kept": "Réparer."},
    ).url
    shown = page(client, replication)
    assert "Vingt objets réparés." in shown
    assert "Cent objets" not in shown
    telling = Telling.objects.get()
    assert telling.values == {"results": "Cent objets réparés.", "kept": "Réparer."}
    form = text(client.get(where))
    assert "Cent objets réparés." in form
    assert "Relecture en cours" in form

    sent = {"geste": "acteur", "acteur-name": "Ville de Lyon",
            "acteur-actions": ["facilitateur-preter"]}  # fmt: skip
    client.post(where, sent)
    telling.refresh_from_db()
    assert [actor["name"] for actor in telling.actors] == ["Ville de Lyon"]

    sifting.accept(telling, None, seen=tellings.mark(telling))
    shown = page(client, replication)
    assert "Cent objets réparés." in shown
    assert "Ville de Lyon" in shown
    assert "Facilitateur" in shown
    assert "Met à disposition des données et du matériel" in shown
    with pytest.raises(CannotTell, match="déjà traité"):
        sifting.accept(telling, None, seen=tellings.mark(telling))


def test_an_actor_told_again_is_the_same_one(replication: Replication, repreneur: Party) -> None:
    actor = {"name": "Ville de Lyon", "roles": ["utilisateur"], "actions": [], "detail": ""}
    for changed in ({}, {"name": "VILLE DE LYON", "roles": ["collaborateur"]}):
        tellings.write(repreneur, {tellings.ACTORS: [actor | changed]})
    telling = Telling.objects.get()
    assert len(telling.actors) == 1
    sifting.accept(telling, None, seen=tellings.mark(telling))
    tellings.write(repreneur, {tellings.ACTORS: [actor]})
    telling = Telling.objects.waiting().get()
    sifting.accept(telling, None, seen=tellings.mark(telling))
    assert PublicActor.objects.get().roles == ["utilisateur"]


def test_what_was_not_read_is_not_accepted(replication: Replication, repreneur: Party) -> None:
    tellings.write(repreneur, {"results": "Un."})
    telling = Telling.objects.get()
    seen = tellings.mark(telling)
    tellings.write(repreneur, {"results": "Deux."})
    with pytest.raises(CannotTell, match="relisez"):
        sifting.accept(telling, None, seen=seen)
    telling.refresh_from_db()
    seen = tellings.mark(telling)
    Replication.objects.filter(pk=replication.pk).update(results="Écrit par l’équipe.")
    with pytest.raises(CannotTell, match="relisez"):
        sifting.set_aside(telling, None, answer="Non.", seen=seen)
    with pytest.raises(CannotTell, match="pourquoi"):
        sifting.set_aside(telling, None, answer=" ", seen=seen)


def test_a_text_set_aside_says_why_to_its_side(
    client: Client, repreneur: Party, porteur: Party
) -> None:
    tellings.write(repreneur, {"results": "Un."})
    telling = Telling.objects.get()
    sifting.set_aside(telling, None, answer="Un nom y figure.", seen=tellings.mark(telling))
    assert "Un nom y figure." in text(client.get(follow(repreneur)))
    confirmed = Party.objects.filter(pk=porteur.pk)
    confirmed.update(verdict=Verdict.CONFIRMED, email_confirmed_at="2026-01-01T12:00Z")
    assert "Un nom y figure." not in text(client.get(follow(confirmed.get())))


def test_saying_what_is_already_said_leaves_nothing_to_read(repreneur: Party) -> None:
    tellings.write(repreneur, {"results": "Un."})
    tellings.write(repreneur, {"results": ""})
    assert not Telling.objects.exists()


def test_nobody_follows_what_is_set_aside_or_without_an_address(
    client: Client, replication: Replication, repreneur: Party
) -> None:
    where = follow(repreneur)
    Replication.objects.filter(pk=replication.pk).update(publication=Publication.SET_ASIDE)
    assert client.get(where).status_code == 410
    Replication.objects.filter(pk=replication.pk).update(publication=Publication.PUBLISHED)
    assert client.get(where).status_code == 200
    Party.objects.filter(pk=repreneur.pk).update(email="")
    assert client.get(where).status_code == 410
    assert client.post(where, state("en-cours")).status_code == 410


def test_a_handed_link_lasts_two_hours(client: Client, repreneur: Party) -> None:
    with time_machine.travel("2026-06-01 12:00Z", tick=False):
        where = follow(repreneur)
    with time_machine.travel("2026-06-01 13:59Z", tick=False):
        assert client.get(where).status_code == 200
    with time_machine.travel("2026-06-01 14:01Z", tick=False):
        assert client.get(where).status_code == 410


def test_a_side_may_think_again_from_its_page(client: Client, repreneur: Party) -> None:
    where = client.post(follow(repreneur), {"geste": "avis"}).url
    assert where.startswith("/essaimage/avis/")
    client.post(where, {"verdict": "contestee", "note": "Nous avons arrêté avant."})
    repreneur.refresh_from_db()
    assert repreneur.verdict == Verdict.CONTESTED


def test_the_history_keeps_no_link(client: Client, repreneur: Party) -> None:
    where = follow(repreneur)
    client.post(where, state("en-cours"))
    urls = [context.metadata.get("url", "") for context in Context.objects.all()]
    assert "/essaimage/suivi/…/" in urls
    assert where.rstrip("/").rpartition("/")[2] not in str(urls)


# --- two at once ----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("gesture", ["etat", "recit", "avis"])
def test_of_two_posts_of_the_same_link_one_wins(gesture: str) -> None:
    party = made().parties.get(side="repreneur")
    sent = {
        "etat": state("en-cours"),
        "recit": {"geste": "recit", "recit-results": "Un."},
        "avis": {"geste": "avis"},
    }[gesture]
    where, both, codes = follow(party), threading.Barrier(2, timeout=20), []

    def post() -> None:
        try:
            both.wait()
            codes.append(Client().post(where, sent).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=post) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [302, 410]
    assert ReplicationStep.objects.filter(state="en-cours").count() == (gesture == "etat")
    assert Telling.objects.count() == (gesture != "avis")


@pytest.mark.django_db(transaction=True)
def test_two_sides_that_move_at_once_never_both_win() -> None:
    replication = made()
    Party.objects.filter(side="porteur").update(
        verdict=Verdict.CONFIRMED, email_confirmed_at="2026-01-01T12:00Z"
    )
    pages = [follow(party) for party in replication.parties.all()]
    both, answers = threading.Barrier(2, timeout=20), []

    def post(where: str, to: str) -> None:
        try:
            both.wait()
            answers.append(Client().post(where, state(to)).status_code)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=post, args=pair)
        for pair in zip(pages, ("en-cours", "abandonnee"), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 302]
    assert ReplicationStep.objects.count() == 3


# --- what no longer serves ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("side", "day", "is_kept"),
    [
        ("porteur", "2026-03-20 12:00Z", True),
        ("porteur", "2026-04-10 12:00Z", False),
        ("repreneur", "2027-01-20 12:00Z", True),
        ("repreneur", "2027-02-15 12:00Z", False),
    ],
)
def test_addresses_go_when_they_no_longer_serve(
    replication: Replication, side: str, day: str, *, is_kept: bool
) -> None:
    Party.objects.filter(side="porteur").update(asked_at="2026-01-01T12:00Z")
    with time_machine.travel(day, tick=False):
        forgetting.addresses()
    assert bool(Party.objects.get(side=side).email) is is_kept


def test_an_address_stays_while_a_question_is_still_to_come(repreneur: Party) -> None:
    FollowUp.objects.create(party=repreneur, months=36, due_on="2028-01-01")
    with time_machine.travel("2027-06-01 12:00Z", tick=False):
        forgetting.addresses()
    repreneur.refresh_from_db()
    assert repreneur.email == WHO


def test_an_address_goes_a_while_after_what_it_was_given_for_is_set_aside() -> None:
    replication = made()
    Replication.objects.filter(pk=replication.pk).update(publication=Publication.SET_ASIDE)
    party = replication.parties.get(side="repreneur")
    # The database dates the history: it knows nothing of our travels.
    Party.objects.update(served_at=timezone.now())
    for days, is_kept in ((80, True), (100, False)):
        with time_machine.travel(timezone.now() + datetime.timedelta(days=days), tick=False):
            forgetting.addresses()
        party.refresh_from_db()
        assert bool(party.email) is is_kept, days


# --- the right to object --------------------------------------------------------------------------


def oppose(datum: str) -> None:
    apply(
        Objection.objects.create(state=ObjectionState.CONFIRMED, scope="donnee", datum=datum), None
    )


def everything() -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_name LIKE 'essaimage_%'"
        )
        tables = [name for (name,) in cursor.fetchall()]
        rows = ""
        for table in tables:
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            rows += str(cursor.fetchall())
    return rows


def test_the_right_to_object_reaches_addresses_and_names_in_every_text(
    client: Client, replication: Replication, repreneur: Party
) -> None:
    name = "Camille Exemple-Durand"
    actor = {"name": name, "roles": ["utilisateur"], "actions": [], "detail": f"Chez {name}"}
    tellings.write(repreneur, {"results": f"Dit par {name}.", tellings.ACTORS: [actor]})
    PublicActor.objects.create(replication=replication, name=name, detail=name)
    Party.objects.filter(pk=repreneur.pk).update(organisation=name, note=name)
    ReplicationStep.objects.update(author=name, reason=f"Vu par {name}")
    Replication.objects.filter(pk=replication.pk).update(
        repreneur_name=name, lessons=name, code="ressourcerie-camille-exemple-durand"
    )
    where = follow(repreneur)
    oppose(name)
    oppose(WHO)
    left = everything().lower()
    assert "camille" not in left
    assert WHO not in left
    replication.refresh_from_db()
    assert replication.code == f"reprise-{replication.pk}"
    assert "[donnée retirée]" in page(client, replication)
    assert client.get(where).status_code == 410


def test_a_record_removed_takes_its_replications_along(
    client: Client, replication: Replication, repreneur: Party
) -> None:
    where = follow(repreneur)
    tellings.write(repreneur, {"results": "Un."})
    apply(
        Objection.objects.create(
            state=ObjectionState.CONFIRMED, scope="fiche", innovation=replication.innovation
        ),
        None,
    )
    assert not Replication.objects.exists()
    assert not Telling.objects.exists()
    assert client.get(where).status_code == 410


# --- the page -------------------------------------------------------------------------------------


def test_an_unpublished_one_is_nowhere(client: Client) -> None:
    for publication in ("a-confirmer", "a-relire", "ecartee"):
        hidden = made(publication=publication)
        assert client.get(hidden.get_absolute_url()).status_code == 404
        where = reverse("essaimage:follow_ask", args=[hidden.code])
        assert client.get(where).status_code == 404
    unpublished = ReplicationFactory(innovation=InnovationFactory())
    assert client.get(unpublished.get_absolute_url()).status_code == 404


def test_unknown_is_said_and_a_step_annulled_is_told(
    client: Client, replication: Replication
) -> None:
    shown = page(client, replication)
    assert "date non renseignée" in shown
    # One line for all that is not known, not one each.
    assert "portée, approche, formes de diffusion," in shown
    assert "ce qui a changé, par qui, dans quel atelier." in shown
    asked = moving.Move("en-cours", seen="en-preparation", reason="Ouverte trop tôt.")
    moving.move(replication, asked, Author("l’équipe du Carrefour"))
    step = replication.steps.last()
    moving.annul(step, Author("l’équipe du Carrefour"), reason="C’était une autre.")
    shown = page(client, replication)
    assert "<del>En cours</del>" in shown
    assert "C’était une autre." in shown


def test_it_leads_to_what_it_came_from_and_to_what_came_from_it(
    client: Client, replication: Replication
) -> None:
    child = ReplicationFactory(
        innovation=replication.innovation, parent=replication, repreneur_name="La suivante"
    )
    hidden = ReplicationFactory(
        innovation=replication.innovation, parent=replication, publication="a-relire",
        repreneur_name="La cachée",
    )  # fmt: skip
    shown = page(client, replication)
    assert f'href="{child.get_absolute_url()}">La suivante' in shown
    assert "La cachée" not in shown
    assert f'href="{replication.get_absolute_url()}">Atelier des Ponts' in page(client, child)
    Replication.objects.filter(pk=hidden.pk).update(publication="publiee")
    assert "La cachée" in page(client, replication)


def test_the_page_costs_as_much_whatever_it_tells(
    client: Client, replication: Replication, django_assert_num_queries: Any
) -> None:
    counts = []
    for n in range(2):
        for m in range(3):
            ReplicationFactory(innovation=replication.innovation, parent=replication)
            PublicActor.objects.create(replication=replication, name=f"Acteur {n} {m}")
            replication.partners.add(OrganisationFactory())
        with django_assert_num_queries(9) as queries:
            client.get(replication.get_absolute_url())
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_no_page_tells_an_address(
    client: Client, replication: Replication, repreneur: Party
) -> None:
    client.post(follow(repreneur), state("en-cours"))
    for shown in (page(client, replication), text(client.get(follow(repreneur)))):
        assert WHO not in shown
        assert OTHER not in shown


def test_links_of_another_purpose_open_nothing(
    client: Client, repreneur: Party, roles: SimpleNamespace
) -> None:
    token = links.make(Purpose.EVIDENCE, repreneur.pk)
    for view in ("declaration_confirm", "verdict", "follow"):
        where = reverse(f"essaimage:{view}", args=[token])
        assert client.get(where).status_code == 410
        assert client.post(where, state("en-cours")).status_code == 410


def test_a_refusal_does_not_stand_under_the_success_of_the_gesture_before(
    client: Client, repreneur: Party
) -> None:
    answer = client.post(follow(repreneur), state("en-cours"))
    assert "Le nouvel état est inscrit" in text(client.get(answer["Location"]))
    wrong = {"geste": "recit", "recit-results": "Au 06 12 34 56 78"}
    refused = text(client.post(answer["Location"], wrong))
    assert "Rien n’est enregistré" in refused
    assert "Le nouvel état est inscrit" not in refused
