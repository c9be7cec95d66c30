"""« Textes à relire »: who reads what the sides write, and what they decide."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from essaimage import moderated, moderating, tellings, updating
from essaimage.models import Party, Publication, Replication, SetAside, Telling
from essaimage.moderating import Choice
from essaimage.moving import Move
from innovations.models import BulkAction
from tests.factories import PartyFactory, ReplicationFactory

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
QUEUE = "/gestion/essaimage/textes/"


@pytest.fixture
def party() -> Party:
    return PartyFactory(replication=ReplicationFactory(results="Vingt objets réparés."))


@pytest.fixture
def telling(party: Party) -> Telling:
    actor = {"name": "Ville", "roles": ["utilisateur"], "actions": [], "detail": ""}
    found = tellings.write(party, {"results": "Cent objets réparés.", tellings.ACTORS: [actor]})
    assert found
    return found


def logged(user: Any) -> Client:
    client = Client()
    client.force_login(user, BACKEND)
    return client


def decide(client: Client, telling: Telling, action: str, **said: str) -> Any:
    where = reverse("gestion_essaimage:telling_decide", args=[telling.pk])
    return client.post(where, {"action": action, "vu": tellings.mark(telling), **said}, follow=True)


def text(response: Any) -> str:
    return response.content.decode()


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("administrator", True),
        ("moderator", True),
        ("essaimage_officer", True),
        ("statistician", False),
        ("partner_member", False),
        ("stranger", False),
    ],
)
def test_who_reads_and_decides(
    roles: SimpleNamespace, telling: Telling, role: str, *, may: bool
) -> None:
    client = logged(getattr(roles, role))
    assert client.get(QUEUE).status_code == (200 if may else 403)
    where = reverse("gestion_essaimage:telling_decide", args=[telling.pk])
    assert client.post(where, {}).status_code == (302 if may else 403)
    assert client.get(where).status_code in {403, 405}
    assert ("Textes des reprises" in text(client.get("/gestion/", follow=True))) is may


def test_visitors_are_sent_to_log_in(client: Client, telling: Telling) -> None:
    assert client.get(QUEUE).status_code == 302


def test_before_and_after_stand_together_then_are_decided(
    roles: SimpleNamespace, telling: Telling
) -> None:
    client = logged(roles.essaimage_officer)
    page = text(client.get(QUEUE))
    for said in ("Vingt objets réparés.", "Cent objets réparés.", "Ville", "Utilisateur"):
        assert said in page
    assert "texte de reprise à relire" in text(client.get("/gestion/"))
    assert "est visible" in text(decide(client, telling, "retenir"))
    telling.refresh_from_db()
    assert (telling.state, telling.decided_by) == ("retenu", roles.essaimage_officer)
    assert "déjà traité" in text(decide(client, telling, "ecarter", answer="Non."))


def test_what_is_set_aside_says_why_and_what_changed_is_read_again(
    roles: SimpleNamespace, party: Party, telling: Telling
) -> None:
    client = logged(roles.moderator)
    assert "Dites pourquoi" in text(decide(client, telling, "ecarter"))
    seen = tellings.mark(telling)
    tellings.write(party, {"results": "Mille."})
    where = reverse("gestion_essaimage:telling_decide", args=[telling.pk])
    page = text(client.post(where, {"action": "retenir", "vu": seen}, follow=True))
    assert "relisez avant de décider" in page
    telling.refresh_from_db()
    assert "est écarté" in text(decide(client, telling, "ecarter", answer="Un nom y figure."))


def test_the_queue_costs_as_much_whatever_its_length(
    roles: SimpleNamespace, django_assert_max_num_queries: Any
) -> None:
    client = logged(roles.moderator)
    for total in (4, 8):
        for _ in range(4):
            tellings.write(PartyFactory(), {"results": "Cent."})
        with django_assert_max_num_queries(9):
            page = client.get(QUEUE)
        assert text(page).count("bo-suggestion") == total


def test_the_first_text_is_decided_by_keys_and_passed(roles: SimpleNamespace) -> None:
    client = logged(roles.moderator)
    first, second = (tellings.write(PartyFactory(), {"results": f"Cent {n}."}) for n in (1, 2))
    assert first
    assert second
    page = text(client.get(QUEUE))
    assert "Décider au clavier" in page
    assert "js/keys.js" in page
    for key in ("r", "e", "s", "?"):
        assert page.count(f'data-key="{key}"') == 1
    assert f'href="?apres={first.pk}"' in page
    after = f"{QUEUE}?apres={first.pk}"
    assert [row.telling for row in client.get(after).context["rows"]] == [second]
    answer = client.post(
        reverse("gestion_essaimage:telling_decide", args=[second.pk]),
        {"action": "retenir", "vu": tellings.mark(second), "apres": str(first.pk)},
    )
    done = BulkAction.objects.get()
    assert answer.headers["Location"] == f"{after}&fait={done.pk}"
    # Nothing comes after the one passed any more: it is read again.
    assert [row.telling for row in client.get(after).context["rows"]] == [first]
    for wrong in ("x", "0", "99999999999999999999"):
        assert client.get(f"{QUEUE}?apres={wrong}").status_code == 200


def test_keys_that_are_switched_off_do_not_answer(roles: SimpleNamespace, telling: Telling) -> None:
    client = logged(roles.moderator)
    client.post(reverse("backoffice:keys"), {"touches": "non", "retour": QUEUE})
    page = text(client.get(QUEUE))
    assert "js/keys.js" not in page
    assert "Activer les touches" in page


def test_the_reasons_of_two_moves_are_read_each_with_its_state(
    roles: SimpleNamespace, party: Party
) -> None:
    replication = party.replication
    token = updating.hand(party)
    token = updating.move(token, Move("en-preparation", replication.state, "La salle est ouverte."))
    updating.move(
        token, Move("en-cours", "en-preparation", "La commune s’engage <b>trois</b> ans.")
    )
    client = logged(roles.moderator)
    assert list(replication.steps.values_list("reason", flat=True)).count("") >= 2

    shown = text(client.get(QUEUE))
    assert "Motif de l’état «\u00a0en préparation\u00a0»" in shown
    assert "Motif de l’état «\u00a0en cours\u00a0»" in shown
    assert "La commune s’engage &lt;b&gt;trois&lt;/b&gt; ans." in shown

    for telling in Telling.objects.all():
        decide(client, telling, "retenir")
    reasons = dict(replication.steps.values_list("state", "reason"))
    assert reasons["en-preparation"] == "La salle est ouverte."
    assert reasons["en-cours"] == "La commune s’engage <b>trois</b> ans."
    assert "La salle est ouverte." in text(Client().get(replication.get_absolute_url()))


def test_a_reason_set_aside_never_shows_and_the_state_stays(
    roles: SimpleNamespace, party: Party
) -> None:
    replication = party.replication
    asked = Move("en-preparation", replication.state, "Voir la voisine.")
    updating.move(updating.hand(party), asked)
    decide(logged(roles.moderator), Telling.objects.get(), "ecarter", answer="Sans nommer.")
    replication.refresh_from_db()
    assert replication.state == "en-preparation"
    assert "Voir la voisine." not in text(Client().get(replication.get_absolute_url()))


def test_what_looks_like_someones_own_data_is_pointed_out(
    roles: SimpleNamespace, party: Party
) -> None:
    said = "Appelez Mme Martin au 06 11 22 33 44."
    actor = {"name": "Ville", "roles": ["utilisateur"], "actions": [], "detail": said}
    tellings.write(party, {"results": said, tellings.ACTORS: [actor]})
    page = text(logged(roles.moderator).get(QUEUE))
    assert "Semble contenir des données personnelles" in page
    for where in ("Résultats", "Acteur public"):
        assert f"{where}\u00a0: nom d’une personne" in page
        assert f"{where}\u00a0: numéro de téléphone" in page


def test_what_is_accepted_of_a_replication_not_public_yet_says_so(
    roles: SimpleNamespace,
) -> None:
    replication = ReplicationFactory(waiting=True, journal=True)
    telling = tellings.write(PartyFactory(replication=replication), {"results": "Cent."})
    assert telling
    page = text(decide(logged(roles.moderator), telling, "retenir"))
    assert "est visible" not in page
    assert "il sera visible quand la reprise sera publiée" in page


def test_the_texts_of_a_replication_set_aside_leave_the_queue_until_it_comes_back(
    roles: SimpleNamespace, party: Party, telling: Telling
) -> None:
    client = logged(roles.moderator)
    seen = moderated.of(party.replication).mark(Replication.objects.get())
    assert "texte de reprise à relire" in text(client.get("/gestion/"))
    choice = Choice(Publication.SET_ASIDE, SetAside.DUPLICATE)
    done = moderating.decide(party.replication, choice, author=roles.moderator, seen=seen)
    assert "Cent objets réparés." not in text(client.get(QUEUE))
    assert "texte de reprise à relire" not in text(client.get("/gestion/"))
    assert "ses textes ne sont plus à relire" in text(decide(client, telling, "retenir"))
    moderating.undo(done, author=roles.moderator)
    assert "Cent objets réparés." in text(client.get(QUEUE))
