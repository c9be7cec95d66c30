"""The porteur's side: short steps, one link, nothing lost, nothing kept that it takes back."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse

from innovations.models import Innovation
from partners.models import Objection, ObjectionState, Proposal, ProposalState, SourceRecord
from partners.objections import apply
from partners.proposals import drafting, offering
from partners.tasks import purge_contributions
from tests.factories import TerritoryFactory
from tests.partners.proposals.conftest import STEPS, link, sent, text, vouched

pytestmark = pytest.mark.django_db
START = {"email": "porteur@example.org", "consent": "on"}


def begin(client: Client) -> str:
    """Begin; the address of the first step."""
    return str(client.post(reverse("partners:propose"), START).url)


def fill(client: Client, where: str, **changed: Any) -> str:
    """Go through the steps; the address of the reading over."""
    for code, said in STEPS.items():
        assert f"/etape/{code}/" in where
        answer = client.post(where, said | changed.get(code, {}))
        assert answer.status_code == 302, text(answer)
        where = answer.url
    return where


def test_from_the_first_word_to_the_sending(client: Client, world: SimpleNamespace) -> None:
    where = fill(client, begin(client))
    assert mail.outbox[0].to == ["porteur@example.org"]
    page = text(client.get(where))
    for told in ("Le potager des Trois-Ponts", "Saint-Brieuc", "Expérience inaboutie", "2019",
                 "Trouver l’eau d’abord.", "Les Jardiniers", "Licence Ouverte 2.0"):  # fmt: skip
        assert told in page
    assert "Cochez la case" in text(client.post(where, {}))
    client.post(where, {"agreed": "on"})
    proposal = Proposal.objects.get()
    assert (proposal.state, proposal.record) == (ProposalState.DRAFT, None)

    mailed = link()
    page = text(client.get(mailed))
    assert "partira dès que vous" in page
    client.post(f"{mailed}confirmer/")
    proposal.refresh_from_db()
    assert proposal.state == ProposalState.WAITING
    record = proposal.record
    assert record is not None
    assert record.values["title"] == "Le potager des Trois-Ponts"
    assert record.values["maturity"] == "inaboutie"
    assert record.values["words"] == {"theme": ["Alimentation"]}
    assert record.values["reproduction"]["core"] == "Un terrain commun."
    assert [(s["kind"], s["code"]) for s in record.sites] == [("commune", "22278")]
    assert record.licence == "etalab-2.0"
    assert not Innovation.objects.exists()
    assert "En attente d’un répondant" in text(client.get(mailed))


def test_a_draft_is_taken_up_where_it_was(client: Client, world: SimpleNamespace) -> None:
    where = begin(client)
    client.post(where, STEPS["projet"])
    mailed = link()
    visitor = Client()
    assert "Brouillon" in text(visitor.get(mailed))
    assert "Le potager des Trois-Ponts" in text(visitor.get(f"{mailed}etape/projet/"))
    answer = visitor.get(f"{mailed}envoyer/")
    assert answer.url.endswith("/etape/reproduire/")


def test_a_step_tells_what_is_missing_and_keeps_what_was_typed(
    client: Client, world: SimpleNamespace
) -> None:
    where = begin(client)
    page = text(client.post(where, {"titre": "Le potager", "annee": "2999", "site": "x y"}))
    assert re.search(r"<title>\s*Erreur\s: ", page)
    assert "pas encore venue" in page
    assert 'value="Le potager"' in page
    assert 'href="#id_resume"' in page
    assert Proposal.objects.get().answers == {}


def test_a_name_that_several_places_bear_is_asked_about(
    client: Client, world: SimpleNamespace
) -> None:
    TerritoryFactory(code="93066", name="Saint-Denis")
    TerritoryFactory(code="97411", name="Saint-Denis")
    where = begin(client).replace("/projet/", "/lieu/")
    page = text(client.post(where, {"lieu": "Saint-Denis"}))
    assert "Choisissez le lieu dont il s’agit." in page
    assert 'value="commune-97411"' in page
    answer = client.post(where, {"lieu": "Saint-Denis", "territoire": "commune-97411"})
    assert answer.status_code == 302
    assert Proposal.objects.get().answers["lieux"][0]["code"] == "97411"


def test_a_place_that_does_not_exist_is_told(client: Client, world: SimpleNamespace) -> None:
    where = begin(client).replace("/projet/", "/lieu/")
    assert "Ce lieu n’est pas reconnu." in text(client.post(where, {"lieu": "Xyzzyville"}))


def test_only_the_mailbox_confirms_the_address(client: Client, world: SimpleNamespace) -> None:
    own = begin(client).replace("etape/projet/", "")
    assert client.post(f"{own}confirmer/").status_code == 404
    assert Proposal.objects.get().email_confirmed_at is None


def test_a_forged_link_opens_nothing(client: Client, world: SimpleNamespace) -> None:
    own = begin(client).replace("etape/projet/", "")
    forged = f"{own[:-3]}xy/"
    assert client.get(forged).status_code == 410
    assert client.post(f"{forged}retirer/").status_code == 410
    assert Proposal.objects.exists()


def test_a_robot_begins_nothing(client: Client, world: SimpleNamespace) -> None:
    client.post(reverse("partners:propose"), START | {"site": "https://spam.invalid"})
    assert not Proposal.objects.exists()


def test_one_visitor_begins_so_many_an_hour(client: Client, world: SimpleNamespace) -> None:
    for number in range(6):
        answer = client.post(
            reverse("partners:propose"), START | {"email": f"porteur{number}@example.org"}
        )
    assert "patienter une heure" in text(answer)
    assert Proposal.objects.count() == 5


def test_what_was_removed_on_request_does_not_come_back(
    client: Client, world: SimpleNamespace
) -> None:
    vouched(world.partner)
    innovation = Innovation.objects.get()
    apply(
        Objection.objects.create(
            state=ObjectionState.CONFIRMED, scope="fiche", innovation=innovation
        ),
        None,
    )
    assert not Proposal.objects.exists()
    assert not SourceRecord.objects.exists()

    where = fill(client, begin(client))
    drafting.confirm_address(Proposal.objects.get())
    assert "a été retirée du Carrefour" in text(client.post(where, {"agreed": "on"}))
    assert not SourceRecord.objects.exists()


def test_the_right_to_object_reaches_what_is_proposed(world: SimpleNamespace) -> None:
    proposal = sent(resume="Demandez Camille Exemple-Durand.")
    (offer,) = offering.offer(proposal, [world.partner], None)
    offering.decline(offer, None, "Camille Exemple-Durand n’est pas de chez nous.")
    apply(
        Objection.objects.create(
            state=ObjectionState.CONFIRMED, scope="donnee", datum="Camille Exemple-Durand"
        ),
        None,
    )
    proposal.refresh_from_db()
    offer.refresh_from_db()
    record = SourceRecord.objects.get()
    said = f"{proposal.answers} {offer.reason} {record.values} {record.raw}"
    assert "Camille" not in said + str(list(record.events.values()))


def test_a_project_withdrawn_before_publication_is_erased(
    client: Client, world: SimpleNamespace
) -> None:
    sent()
    mailed = link()
    assert "seront effacés" in text(client.get(f"{mailed}retirer/"))
    assert Proposal.objects.exists()
    client.post(f"{mailed}retirer/")
    assert not Proposal.objects.exists()
    assert not SourceRecord.objects.exists()
    assert client.get(mailed).status_code == 410


def test_a_project_withdrawn_after_publication_leaves_the_site(
    client: Client, world: SimpleNamespace
) -> None:
    proposal = vouched(world.partner)
    innovation = Innovation.objects.get()
    assert client.get(innovation.get_absolute_url()).status_code == 200
    drafting.withdraw(proposal)
    assert client.get(innovation.get_absolute_url()).status_code == 410
    assert not Proposal.objects.exists()


def test_what_no_longer_serves_is_forgotten(world: SimpleNamespace) -> None:
    with time_machine.travel("2026-01-01 12:00Z"):
        drafting.begin("brouillon@example.org")
        aside = offering.refuse(sent(titre="Écarté"), None, "Une adresse y figure.")
        published = vouched(world.partner)
    with time_machine.travel("2026-02-20 12:00Z"):
        purge_contributions()
        assert Proposal.objects.count() == 3
    with time_machine.travel("2026-04-20 12:00Z"):
        purge_contributions()
    published.refresh_from_db()
    assert published.email == ""
    assert not Proposal.objects.filter(pk=aside.pk).exists()
    assert Proposal.objects.count() == SourceRecord.objects.count() == 1
