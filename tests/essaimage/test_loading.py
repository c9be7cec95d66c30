"""What the study says of diffusion is entered once, and only what it says."""

import json

import pytest
from django.test import Client

from essaimage.loading import FILE, load
from essaimage.models import DiffusionStatement, NationalTakeUp, Replication
from tests.factories import InnovationFactory, OrganisationFactory, TerritoryFactory

pytestmark = pytest.mark.django_db
DATA = json.loads(FILE.read_text())


@pytest.fixture
def known() -> None:
    """Every innovation and organisation that the file names."""
    entries = [
        e for part in ("replications", "national_take_ups", "statements") for e in DATA[part]
    ]
    for slug in {e["innovation"] for e in entries}:
        InnovationFactory(slug=slug, title=slug, published=True)
    for slug in {p for e in DATA["replications"] for p in e.get("partners", [])}:
        OrganisationFactory(slug=slug, name=slug)
    TerritoryFactory(kind="departement", code="11", name="Aude", liaison=5)


def test_everything_is_entered_once(known: None) -> None:
    first, second = load(), load()

    assert first[:3] == (len(DATA["replications"]), len(DATA["national_take_ups"]),
                         len(DATA["statements"]))  # fmt: skip
    assert first.warnings == []
    assert second[:3] == (0, 0, 0)


def test_the_farm_is_only_envisaged_in_the_aude(known: None) -> None:
    load()

    replication = Replication.objects.get(code="moyembrie-aude")
    assert replication.state == "envisagee"
    assert replication.territory.code == "11"
    assert {p.slug for p in replication.partners.all()} == {"avise", "fondation-macif"}
    assert not Replication.objects.begun().exists()


def test_what_staff_changed_is_kept(known: None) -> None:
    load()
    NationalTakeUp.objects.update(summary="Corrigé par l’équipe")

    load()

    assert set(NationalTakeUp.objects.values_list("summary", flat=True)) == {"Corrigé par l’équipe"}


def test_an_entry_without_its_innovation_waits_and_is_told() -> None:
    loaded = load()

    assert loaded[:3] == (0, 0, 0)
    assert any("ferme-de-moyembrie" in warning for warning in loaded.warnings)


def test_the_record_page_says_that_a_project_is_not_spread_and_quotes_it(
    known: None, client: Client
) -> None:
    load()
    statement = DiffusionStatement.objects.get(innovation__slug="la-creme")

    page = client.get("/innovations/la-creme/").content.decode()

    assert "Non diffusée au-delà du premier périmètre" in page
    assert statement.evidence[0]["document"] in page
