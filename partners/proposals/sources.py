"""The internal source of what is proposed, and the one under which a partner vouches for it."""

from typing import Any

from django.conf import settings
from django.urls import reverse

from innovations.licences import Licence
from partners.models import Frequency, Partner, PartnerKind, RecordType, Source

SLUG = "propositions"
HOUSE = "carrefour"
CONNECTOR = "proposals"
COLUMNS = {
    "title": "titre",
    "summary": "resume",
    "description": "description",
    "website": "site",
    "year": "annee",
    "maturity": "maturite",
    "need": "besoin",
    "core": "coeur",
    "adaptation_margin": "marge",
    "obstacles": "obstacles",
    "lessons": "enseignements",
    "place": "lieux",
    "themes": "themes",
    "publics": "publics",
    "porteur_name": "structure",
    "legal_form": "forme",
    "licence": "licence",
}
MAPPING: list[dict[str, Any]] = [{"target": t, "path": path} for t, path in COLUMNS.items()]


def house() -> Partner:
    """The Carrefour itself: no partner that publishes, so the public list does not show it."""
    partner, _ = Partner.objects.get_or_create(
        slug=HOUSE,
        defaults={
            "name": "Carrefour des innovations sociales",
            "kind": PartnerKind.INSTITUTIONNEL,
            "description": "Les projets proposés par leurs porteurs, en attente d’un répondant.",
            "website": settings.BASE_URL,
            "is_active": False,
        },
    )
    return partner


def load() -> Source:
    """The source of what waits for a partner, created or brought up to date; never public."""
    return _source(house(), SLUG, "Projets proposés", RecordType.PROPOSAL)


def of_partner(partner: Partner) -> Source:
    """The source of the projects for which this partner vouches."""
    name = f"Projets proposés au Carrefour, dont {partner.name} répond"[:200]
    return _source(partner, f"{SLUG}-{partner.slug}"[:120], name, RecordType.INNOVATION)


def _source(partner: Partner, slug: str, name: str, record_type: RecordType) -> Source:
    source, _ = Source.objects.update_or_create(
        slug=slug,
        defaults={"name": name, "mapping": MAPPING, "record_type": record_type},
        create_defaults={
            "partner": partner,
            "name": name,
            "connector": CONNECTOR,
            # One address per source: none is harvested, and each is told apart in the back-office.
            "url": f"{settings.BASE_URL}{reverse('partners:propose')}?source={slug}",
            "mapping": MAPPING,
            "record_type": record_type,
            "licence": Licence.ETALAB,
            "publishes_directly": True,
            "frequency": Frequency.MANUAL,
        },
    )
    return source
