"""A small directory: what a harvest leaves, read through the API."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from innovations import searchrows
from innovations.licences import Licence
from innovations.models import Evidence, Innovation, Vocabulary
from territories.models import Territory
from tests.api import contract
from tests.factories import (
    CitationFactory,
    InnovationFactory,
    PartnerFactory,
    SourceFactory,
    SourceRecordFactory,
    TermFactory,
    TerritoryFactory,
)

Read = Callable[..., dict[str, Any]]


@pytest.fixture
def read(client: Client, db: None) -> Read:
    """read(operation, status=200, **parameters) → the answer, checked against the schema.

    ``slug``, ``id`` and ``code`` are names in the path when the operation reads one thing.
    """

    def get(operation: str, status: int = 200, **parameters: Any) -> dict[str, Any]:
        of_one = ("slug", "id", "code") if operation.startswith("read_") else ()
        names = {name: parameters.pop(name) for name in of_one if name in parameters}
        response = client.get(contract.address(operation, **names), parameters)
        assert response.status_code == status, response.content.decode()
        return contract.check(response, operation)

    return get


@pytest.fixture
def titles(read: Read) -> Callable[..., list[str]]:
    """Titles that the list of innovations answers to these parameters."""
    return lambda **parameters: [
        each["title"] for each in read("list_innovations", **parameters)["results"]
    ]


@pytest.fixture
def brittany(db: None) -> SimpleNamespace:
    """A région, its département, an EPCI of it, and a commune of all three."""
    region = TerritoryFactory(a_region=True)
    departement = TerritoryFactory(a_departement=True, region=region)
    epci = TerritoryFactory(
        kind=Territory.Kind.EPCI, code="200069409", name="Saint-Brieuc Armor Agglomération",
        form=Territory.EpciForm.AGGLOMERATION, departement=departement, region=region,
    )  # fmt: skip
    commune = TerritoryFactory(
        code="22278", name="Saint-Brieuc", departement=departement, region=region, epci=epci,
        postal_codes=["22000"], population=43_000,
    )  # fmt: skip
    return SimpleNamespace(region=region, departement=departement, epci=epci, commune=commune)


@pytest.fixture
def themes(db: None) -> SimpleNamespace:
    """A domaine and one of its sous-domaines, a public, a method."""
    domain = TermFactory(code="alimentation", label="Alimentation")
    return SimpleNamespace(
        domain=domain,
        sub=TermFactory(code="circuits-courts", label="Circuits courts", parent=domain),
        public=TermFactory(vocabulary=Vocabulary.PUBLIC, code="jeunes", label="Jeunes"),
        method=TermFactory(vocabulary=Vocabulary.METHOD, code="mutualisation"),
    )


def publish(licence: Licence = Licence.ETALAB, **traits: Any) -> Innovation:
    """A published innovation with one source under ``licence``, every field coming from it."""
    record = SourceRecordFactory(
        licence=licence, source=traits.pop("source", None) or SourceFactory()
    )
    fields = ["title", "summary", "description", "terms", "reproduction.need"]
    innovation = InnovationFactory(
        published=True,
        origins=dict.fromkeys(fields, record.pk),
        is_reference=not licence.is_open,
        reproduction={"need": "Réparer coûte souvent plus cher que racheter."},
        **traits,
    )
    CitationFactory(innovation=innovation, record=record, fields=fields)
    Evidence.objects.create(
        innovation=innovation, field="summary", document="Étude", section="2", quote="Une phrase."
    )
    searchrows.refresh([innovation.pk])
    return innovation


@pytest.fixture
def sources(db: None) -> SimpleNamespace:
    """Two partners, one source each."""
    first = SourceFactory(
        slug="fiches-nord", partner=PartnerFactory(slug="nord", name="Plateforme du Nord")
    )
    second = SourceFactory(
        slug="fiches-est", partner=PartnerFactory(slug="est", name="École de l’Est")
    )
    return SimpleNamespace(first=first, second=second)
