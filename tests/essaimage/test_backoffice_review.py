"""« Reprises à relire » and the sites of the harvest, as staff see them."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from essaimage import editing
from essaimage.models import Replication
from innovations.models import BulkAction
from tests.backoffice.conftest import BACKEND
from tests.factories import InnovationFactory, LocationFactory, ReplicationFactory, TerritoryFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def moderator(roles: SimpleNamespace, client: Client) -> Client:
    client.force_login(roles.moderator, BACKEND)
    return client


@pytest.fixture
def officer(roles: SimpleNamespace, client: Client) -> Client:
    client.force_login(roles.essaimage_officer, BACKEND)
    return client


def at(name: str, *args: Any) -> str:
    return reverse(f"gestion_essaimage:{name}", args=args)


def text(answer: Any) -> str:
    return answer.content.decode()


def decision(row: Replication, action: str, **more: str) -> dict[str, str]:
    return {"action": action, "vu": editing.mark(Replication.objects.get(pk=row.pk)), **more}


def test_the_queue_holds_what_waits_the_oldest_first(moderator: Client) -> None:
    first, second = (ReplicationFactory(waiting=True) for _ in range(2))
    ReplicationFactory()
    ReplicationFactory(publication="a-confirmer")
    rows = moderator.get(at("review")).context["page"].rows
    assert [r.code for r in rows] == [first.code, second.code]


def test_the_queue_costs_the_same_whatever_its_length(
    moderator: Client, django_assert_max_num_queries: Any
) -> None:
    counts = []
    for number in (1, 6):
        for _ in range(number):
            ReplicationFactory(waiting=True, journal=True)
        with django_assert_max_num_queries(8) as seen:
            moderator.get(at("review"))
        counts.append(len(seen.captured_queries))
    assert counts[0] == counts[1]


def test_one_is_published_the_next_follows_and_the_decision_is_taken_back(
    moderator: Client,
) -> None:
    first, second = (ReplicationFactory(waiting=True) for _ in range(2))
    answer = moderator.post(at("review_decide", first.code), decision(first, "publiee"))
    done = BulkAction.objects.get()
    assert answer.headers["Location"] == f"{at('review_one', second.code)}?fait={done.pk}"
    page = text(moderator.get(answer.headers["Location"]))
    assert "Annuler cette décision" in page
    assert 'data-key="p"' in page
    assert 'data-key="z"' in page
    first.refresh_from_db()
    assert first.publication == "publiee"
    event = first.events.order_by("pgh_id").last()
    assert event.pgh_context.metadata["motif"] == "Reprise : publiée"
    back = moderator.post(at("review_undo", done.pk), follow=True)
    assert "Décision annulée" in text(back)
    first.refresh_from_db()
    assert first.publication == "a-relire"
    assert "déjà annulée" in text(moderator.post(at("review_undo", done.pk), follow=True))


def test_the_last_of_the_queue_leads_back_to_it(moderator: Client) -> None:
    row = ReplicationFactory(waiting=True)
    sent = decision(row, "publiee")
    answer = moderator.post(at("review_decide", row.code), sent, follow=True)
    assert "rien d’autre à relire" in text(answer)
    assert "Annuler cette décision" in text(answer)


def test_setting_aside_asks_for_a_reason_of_form(moderator: Client) -> None:
    row = ReplicationFactory(waiting=True)
    page = text(moderator.get(at("review_one", row.code)))
    for reason in ("Contraire à la loi", "données personnelles", "Déjà inscrite",
                   "Incompréhensible", "N’est pas la reprise d’une innovation"):  # fmt: skip
        assert reason in page
    where = at("review_decide", row.code)
    for motive in ({}, {"motive": "pas-assez-innovant"}):
        answer = moderator.post(where, decision(row, "ecartee", **motive))
        assert answer.status_code == 200
        row.refresh_from_db()
        assert row.publication == "a-relire"
    said = {"motive": "doublon", "text": "Voir l’autre."}
    moderator.post(where, decision(row, "ecartee", **said))
    row.refresh_from_db()
    assert (row.publication, row.publication_reason) == (
        "ecartee", "Déjà inscrite : Voir l’autre.",
    )  # fmt: skip
    shown = text(moderator.get(at("replication", row.code)))
    assert "Déjà inscrite : Voir l’autre." in shown


def test_who_decides_second_is_told(moderator: Client) -> None:
    row = ReplicationFactory(waiting=True)
    sent = decision(row, "publiee")
    moderator.post(at("review_decide", row.code), sent)
    late = moderator.post(
        at("review_decide", row.code), sent | {"action": "ecartee", "motive": "doublon"}
    )
    assert late.status_code == 409
    assert "« publiée »" in text(late)
    assert BulkAction.objects.count() == 1


@pytest.mark.parametrize("action", ["", "x", "a-confirmer", "a-relire"])
def test_what_is_no_decision_is_refused(moderator: Client, action: str) -> None:
    row = ReplicationFactory(waiting=True)
    answer = moderator.post(at("review_decide", row.code), decision(row, action))
    assert answer.status_code == 200
    assert answer.context["deciding"].trouble
    assert not BulkAction.objects.exists()


def test_what_nobody_confirmed_is_not_published(moderator: Client) -> None:
    row = ReplicationFactory(publication="a-confirmer")
    answer = moderator.post(at("review_decide", row.code), decision(row, "publiee"))
    assert answer.status_code == 404
    row.refresh_from_db()
    assert row.publication == "a-confirmer"


def test_a_decision_on_what_changed_since_is_left_alone(moderator: Client) -> None:
    row = ReplicationFactory(waiting=True)
    moderator.post(at("review_decide", row.code), decision(row, "publiee"))
    done = BulkAction.objects.get()
    again = {"motive": "legalite"}
    moderator.post(at("review_decide", row.code), decision(row, "ecartee", **again))
    answer = moderator.post(at("review_undo", done.pk), follow=True)
    assert "ne s’annule plus" in text(answer)
    assert "Reprise : écartée" in text(answer)
    done.refresh_from_db()
    assert done.undone_at is None
    row.refresh_from_db()
    assert row.publication == "ecartee"


def test_what_looks_like_personal_data_is_shown_before_deciding(moderator: Client) -> None:
    row = ReplicationFactory(waiting=True, summary="Écrire à jeanne@exemple.fr ou au 0612345678.")
    page = text(moderator.get(at("review_one", row.code)))
    assert "jeanne@exemple.fr" in page
    assert "adresse électronique" in page
    assert "numéro de téléphone" in page


def test_the_moderator_decides_of_the_form_and_writes_nothing(moderator: Client) -> None:
    row = ReplicationFactory(waiting=True, journal=True)
    page = text(moderator.get(at("replication", row.code)))
    assert "La relire" in page
    assert "Changer son état" not in page
    for name in ("replication_edit", "replication_move", "actor_add"):
        assert moderator.get(at(name, row.code)).status_code == 403


def sites(number: int = 3, **fields: Any) -> tuple[Any, list[int]]:
    innovation = InnovationFactory(published=True, title="Café associatif", **fields)
    places = [
        LocationFactory(innovation=innovation, territory=TerritoryFactory(name=f"Bourg {n}"))
        for n in range(number)
    ]
    return innovation, [place.territory_id for place in places]


def test_the_list_says_how_many_sites_were_found(officer: Client) -> None:
    sites()
    assert "3 sites trouvés dans la moisson, 3 à décider" in text(officer.get(at("sites")))


def test_staff_say_which_sites_are_replications_and_take_it_back(officer: Client) -> None:
    innovation, (first, second, third) = sites(maturity="deployee")
    where = at("sites_of", innovation.slug)
    page = text(officer.get(where))
    assert '<option value="en-cours" selected>' in page
    chosen = {f"site-{first}": "meme-projet", f"site-{second}": "reprise", f"site-{third}": ""}
    answer = officer.post(where, {**chosen, "state": "en-cours"}, follow=True)
    assert "2 sites décidés" in text(answer)
    assert Replication.objects.get().territory_id == second
    undo = at("sites_undo", BulkAction.objects.get().pk)
    assert "2 sites de nouveau à décider" in text(officer.post(undo, follow=True))
    assert "déjà annulé" in text(officer.post(undo, follow=True))
    assert Replication.objects.get().publication == "ecartee"


def test_all_of_them_may_be_one_project(officer: Client) -> None:
    innovation, places = sites()
    where = at("sites_of", innovation.slug)
    sent = {f"site-{pk}": "" for pk in places} | {"action": "tous"}
    officer.post(where, sent)
    assert not Replication.objects.exists()
    assert "Aucun site n’attend" in text(officer.get(at("sites")))


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "au moins d’un site"),
        ({"site-999": "reprise", "state": "en-cours"}, "n’est plus à décider"),
        ({"site-x": "reprise", "state": "en-cours"}, "au moins d’un site"),
        ({"site-1": "n’importe quoi", "state": "x"}, "choix"),
    ],
)
def test_what_says_nothing_is_refused(officer: Client, sent: dict[str, str], said: str) -> None:
    innovation, _ = sites()
    answer = officer.post(at("sites_of", innovation.slug), {"action": "choisir"} | sent)
    assert answer.status_code == 200
    assert said in text(answer)
    assert not Replication.objects.exists()


def test_what_is_typed_stays_when_it_is_refused(officer: Client) -> None:
    innovation, (first, *_) = sites()
    answer = officer.post(at("sites_of", innovation.slug), {f"site-{first}": "reprise"})
    assert "Choisissez où en sont ces reprises" in text(answer)
    assert answer.context["sites"][0][1] == "reprise"


def test_the_record_merged_into_another_leads_to_it(officer: Client) -> None:
    innovation, _ = sites()
    other = InnovationFactory(published=True)
    type(innovation).objects.filter(pk=innovation.pk).update(merged_into=other, status="fusionnee")
    answer = officer.get(at("sites_of", innovation.slug))
    assert answer.headers["Location"] == at("sites_of", other.slug)


def test_the_dashboard_tells_what_waits(officer: Client) -> None:
    ReplicationFactory(waiting=True)
    page = text(officer.get(reverse("backoffice:home")))
    assert "reprise à relire" in page
    assert at("review") in page
