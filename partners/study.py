"""The initial data set: the study of 2017 as an ordinary source, and the organisations it names."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from innovations import organisations
from partners.connectors.dataset import read
from partners.mapping.record import REPRODUCTION
from partners.models import Frequency, Partner, Source
from territories.models import Territory

DATASET = "etude-2017"
MAPPING = [
    {"target": "external_id", "path": "external_id"},
    {"target": "slug", "path": "slug"},
    {"target": "title", "path": "title"},
    {"target": "summary", "path": "summary"},
    {"target": "description", "path": "description"},
    {"target": "nature", "path": "nature"},
    {"target": "maturity", "path": "maturity"},
    {"target": "reach", "path": "reach"},
    {"target": "porteur_name", "path": "porteur.name"},
    {"target": "legal_form", "path": "porteur.kind"},
    {"target": "year", "path": "year"},
    {"target": "website", "path": "website"},
    {"target": "themes", "path": "themes"},
    {"target": "publics", "path": "publics"},
    {"target": "methods", "path": "methods"},
    {"target": "place", "path": "territories"},
    {"target": "evidence", "path": "evidence"},
    *({"target": name, "path": f"reproduction.{name}"} for name in REPRODUCTION),
    # A record that contradicts itself waits for a person.
    {
        "target": "hold",
        "path": "published",
        "transforms": [{"op": "map", "values": {"false": "à vérifier"}, "default": None}],
    },
]


def register() -> Source:
    """The data set's partner and source, created when missing; staff's changes are kept."""
    data = read(DATASET)
    given = data["source"]
    partner, _ = Partner.objects.get_or_create(
        slug=given["partner"]["slug"],
        defaults={
            "name": given["partner"]["name"],
            "kind": given["partner"]["kind"],
            "description": given["partner"]["description"],
            "website": settings.BASE_URL,
        },
    )
    source, _ = Source.objects.get_or_create(
        slug=given["slug"],
        defaults={
            "partner": partner,
            "name": given["name"],
            "connector": "dataset",
            "url": settings.BASE_URL,
            "options": {"file": DATASET},
            "mapping": MAPPING,
            "record_type": given["record_type"],
            "licence": given["licence"],
            "publishes_directly": given["publishes_directly"],
            "frequency": Frequency.MANUAL,
        },
    )
    return source


def load_organisations() -> int:
    """Enter the organisations that the study names, with their evidence; returns how many."""
    described = read(DATASET)["organisations"]
    territories = _territories(described)
    return organisations.describe_many(
        [{**o, "territory_id": territories.get(_place(o))} for o in described]
    )


def _place(organisation: Mapping[str, Any]) -> tuple[str, str]:
    place = organisation.get("territory") or {}
    return str(place.get("kind", "")), str(place.get("code", ""))


def _territories(described: list[dict[str, Any]]) -> dict[tuple[str, str], int]:
    codes = {_place(o)[1] for o in described}
    return {
        (kind, code): pk
        for pk, kind, code in Territory.objects.filter(code__in=codes).values_list(
            "pk", "kind", "code"
        )
    }
