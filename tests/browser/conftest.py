"""A small public directory for the browser to walk through."""

from types import SimpleNamespace

import pytest

from innovations.models import Evidence
from tests.essaimage.conftest import postman
from tests.factories import (
    InnovationFactory,
    OrganisationFactory,
    ReplicationFactory,
    SourceRecordFactory,
    TermFactory,
    TerritoryFactory,
)

__all__ = ["directory", "postman"]


@pytest.fixture
def directory(transactional_db: None) -> SimpleNamespace:
    """Fourteen records around Saint-Brieuc, one of them rich, one a reference, one in Lyon."""
    region = TerritoryFactory(a_region=True)
    departement = TerritoryFactory(a_departement=True, region=region)
    commune = TerritoryFactory(
        code="22278", name="Saint-Brieuc", departement=departement, region=region
    )
    lyon = TerritoryFactory(code="69123", name="Lyon", longitude=4.85, latitude=45.75)
    work, culture = TermFactory(code="emploi"), TermFactory(code="culture")
    organisation = OrganisationFactory(name="Association du bourg", slug="association-du-bourg")
    record = SourceRecordFactory()
    rich = InnovationFactory(
        published=True,
        slug="ressourcerie-du-bourg",
        title="Ressourcerie du bourg",
        organisation=organisation,
        terms=[work],
        territory=commune,
        cited=record,
        maturity="deployee",
        reproduction={"need": "Trop d’objets sont jetés.", "core": "Réparer ensemble."},
    )
    ReplicationFactory(innovation=rich, territory=lyon)
    Evidence.objects.create(
        innovation=rich, field="title", document="Étude", section="Liste", quote="une ressourcerie"
    )
    for number in range(11):
        InnovationFactory(
            published=True, title=f"Atelier {number}", terms=[culture], territory=commune
        )
    InnovationFactory(published=True, title="Jardin sur le toit", territory=lyon, terms=[work])
    reference = InnovationFactory(
        published=True,
        slug="projet-cite",
        title="Projet cité",
        is_reference=True,
        cited=SourceRecordFactory(),
    )
    return SimpleNamespace(
        rich=rich, reference=reference, partner=record.source.partner, organisation=organisation
    )
