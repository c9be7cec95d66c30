"""A porteur with its answers, the staff, and a partner's member."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from partners.models import Proposal
from partners.proposals import drafting, offering, sources
from tests.factories import TermFactory, TerritoryFactory

BACKEND = "django.contrib.auth.backends.ModelBackend"
STEPS: dict[str, dict[str, Any]] = {
    "projet": {
        "titre": "Le potager des Trois-Ponts",
        "resume": "Des voisins cultivent ensemble.",
        "maturite": "inaboutie",
        "annee": "2019",
        "site": "https://potager.example.org/",
    },
    "reproduire": {
        "besoin": "Des voisins isolés.",
        "coeur": "Un terrain commun.",
        "enseignements": "Trouver l’eau d’abord.",
    },
    "lieu": {"lieu": "Saint-Brieuc", "themes": ["Alimentation"]},
    "structure": {"structure": "Les Jardiniers", "forme": "association", "licence": "etalab-2.0"},
}


@pytest.fixture
def place(db: None) -> Any:
    region = TerritoryFactory(a_region=True)
    departement = TerritoryFactory(a_departement=True, region=region)
    return TerritoryFactory(
        code="22278", name="Saint-Brieuc", departement=departement, region=region
    )


@pytest.fixture
def world(roles: SimpleNamespace, place: Any) -> SimpleNamespace:
    TermFactory(code="alimentation", label="Alimentation")
    sources.load()
    return roles


@pytest.fixture
def staff(world: SimpleNamespace) -> Client:
    return logged(world.moderator)


@pytest.fixture
def member(world: SimpleNamespace) -> Client:
    return logged(world.partner_member)


def logged(user: Any) -> Client:
    client = Client()
    client.force_login(user, BACKEND)
    return client


def link() -> str:
    """The address in the last mail."""
    found = re.search(r"http://testserver(/projets-proposes/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def text(response: Any) -> str:
    return response.content.decode()


def sent(**changed: Any) -> Proposal:
    """A proposal whose address is confirmed, sent; ``changed``: columns of its row."""
    proposal = drafting.begin("porteur@example.org")
    answers: dict[str, Any] = {
        "titre": "Le potager des Trois-Ponts",
        "resume": "Des voisins cultivent ensemble.",
        "besoin": "Des voisins isolés.",
        "coeur": "Un terrain commun.",
        "lieux": [{"text": "Saint-Brieuc", "kind": "commune", "code": "22278"}],
        "themes": ["Alimentation"],
        "structure": "Les Jardiniers",
        "licence": "etalab-2.0",
    }
    drafting.keep(proposal, answers | changed)
    drafting.confirm_address(proposal)
    drafting.send(proposal)
    proposal.refresh_from_db()
    return proposal


def vouched(partner: Any, user: Any = None) -> Proposal:
    proposal = sent()
    (offer,) = offering.offer(proposal, [partner], None)
    offering.vouch(offer, user)
    proposal.refresh_from_db()
    return proposal
