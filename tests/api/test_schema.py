"""The OpenAPI description: valid, whole, in French, and true to what the API does."""

from io import StringIO
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client

from carrefour.api.obstacles import ExperimentViewSet, ObstacleViewSet
from carrefour.api.openapi import document
from carrefour.api.resources import (
    FactsViewSet,
    InnovationViewSet,
    PartnerViewSet,
    ReplicationViewSet,
    TermViewSet,
    TerritoryViewSet,
)
from carrefour.pagination import ApiPagination
from tests.api.contract import operations

VIEWS = {
    "list_innovations": InnovationViewSet,
    "list_partners": PartnerViewSet,
    "list_replications": ReplicationViewSet,
    "list_territories": TerritoryViewSet,
    "list_terms": TermViewSet,
    "list_obstacles": ObstacleViewSet,
    "list_experiments": ExperimentViewSet,
    "list_facts": FactsViewSet,
}


@pytest.mark.parametrize("options", [{}, {"custom_settings": "carrefour.api.openapi.SETTINGS"}])
def test_it_is_made_without_a_warning_and_is_valid(options: dict[str, Any]) -> None:
    call_command("spectacular", fail_on_warn=True, validate=True, stdout=StringIO(), **options)


def test_it_is_served_in_both_formats(client: Client, db: None) -> None:
    answer = client.get("/api/v1/schema/")
    assert answer["Content-Type"].startswith("application/json")
    assert answer.json()["openapi"].startswith("3.")
    asked = client.get("/api/v1/schema/", headers={"accept": "application/yaml"})
    for other in (asked, client.get("/api/v1/schema/?format=yaml")):
        assert other["Content-Type"].startswith("application/yaml")
        assert other.content.startswith(b"openapi: 3.")
        assert yaml.safe_load(other.content) == answer.json()
    assert answer["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("operation", VIEWS)
def test_every_parameter_is_told(operation: str) -> None:
    told = {parameter["name"] for parameter in operations()[operation]["parameters"]}
    filters = VIEWS[operation].filterset_class.base_filters
    assert told == {*filters, *ApiPagination.parameters}


def texts(node: Any, path: str = "") -> list[tuple[str, str]]:
    """(where, text) of every description and summary."""
    if isinstance(node, list):
        return [found for i, each in enumerate(node) for found in texts(each, f"{path}/{i}")]
    if not isinstance(node, dict):
        return []
    own = [(path, node[k]) for k in ("description", "summary") if isinstance(node.get(k), str)]
    return own + [found for k, each in node.items() for found in texts(each, f"{path}/{k}")]


def test_everything_is_described_in_french() -> None:
    english = {" the ", " of ", " and ", "no response", "unspecified"}
    found = texts(document())
    assert len(found) > 150
    assert [t for t in found if any(word in f" {t[1].lower()} " for word in english)] == []
    undescribed = [
        f"{name}.{field}"
        for name, schema in document()["components"]["schemas"].items()
        if not name.startswith("Paginated")
        for field, value in schema.get("properties", {}).items()
        if not value.get("description")
    ]
    assert undescribed == []


def test_only_reading_is_offered() -> None:
    assert {tuple(methods) for methods in document()["paths"].values()} == {("get",)}
