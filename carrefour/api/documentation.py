"""The documentation page: the OpenAPI document told to a reader, without any script."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe
from rest_framework.settings import api_settings

from carrefour.api.openapi import document
from carrefour.api.reading import FRESH_FOR
from carrefour.pagination import ApiPagination
from essaimage.models import Experiment, Obstacle, Replication
from innovations.models import Innovation
from partners.models import Partner

TYPES = {
    "string": "texte",
    "integer": "nombre entier",
    "number": "nombre",
    "boolean": "vrai ou faux",
    "object": "objet",
}
FORMATS = {"date-time": "date et heure", "date": "date", "uri": "adresse web"}
# How the schema lists choices: « * `code` - label ».
CHOICE = re.compile(r"^\* `(.+?)` - (.+)$", re.MULTILINE)
# Requests to try, by operation: what it does, and the query string.
EXAMPLES = {
    "list_innovations": [
        ("Les innovations en Bretagne qui parlent de précarité énergétique",
         "?q=pr%C3%A9carit%C3%A9+%C3%A9nerg%C3%A9tique&territory=region-53"),
        ("Les dernières publiées, sous licence ouverte",
         "?open_data=true&ordering=-published_at&page_size=5"),
        ("Ce qui a changé depuis le 1er janvier 2026",
         "?updated_since=2026-01-01&ordering=updated_at&page_size=100"),
    ],
    "list_partners": [("Les partenaires associatifs", "?type=associatif")],
    "list_replications": [
        ("Les reprises commencées par les réseaux", "?begun=true&form=reseaux"),
        ("Les expériences arrêtées, avec leurs enseignements", "?state=abandonnee&ordering=-id"),
    ],
    "list_territories": [
        ("Les communes qui partagent un code postal", "?kind=commune&postcode=22000"),
        ("Les intercommunalités d’un département", "?kind=epci&within=departement-22"),
    ],
    "list_facts": [
        ("Les effets attendus constatés par les reprises", "?effect=attendu&at_origin=false"),
    ],
    "list_terms": [("Les thèmes", "?vocabulary=theme&page_size=100")],
    "list_obstacles": [
        ("Ce qui a été levé", "?state=leve"),
        ("Devant une préfecture", "?authority=préfecture"),
    ],
    "list_experiments": [("Celles qui courent", "?state=en-cours")],
}  # fmt: skip
# Operation → what its number is of.
NUMBERED: dict[str, Any] = {
    "read_obstacle": Obstacle.objects,
    "read_experiment": Experiment.objects,
}


@dataclass(frozen=True)
class Type:
    """How a value is told: words, and the object it is when it has a table of its own."""

    words: str
    component: str = ""
    is_list: bool = False
    nullable: bool = False
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Entry:
    """A parameter or a field."""

    name: str
    type: Type
    description: str
    default: str = ""


@dataclass(frozen=True)
class Operation:
    name: str
    tag: str
    path: str
    summary: str
    description: str
    parameters: tuple[Entry, ...]
    result: str


@dataclass(frozen=True)
class Example:
    title: str
    address: str


@require_safe
def documentation(request: HttpRequest) -> HttpResponse:
    """The page, read whole from the schema; the examples lead to records that exist."""
    chapters = [
        (tag, [(each, _examples(each)) for each in operations() if each.tag == tag["name"]])
        for tag in document()["tags"]
    ]
    context = {
        "info": document()["info"],
        "chapters": chapters,
        "objects": objects(),
        "root": f"{settings.BASE_URL}{reverse('api:root')}",
        "page_size": ApiPagination.page_size,
        "max_page_size": ApiPagination.max_page_size,
        "throttle": str(api_settings.DEFAULT_THROTTLE_RATES["anon"]).partition("/")[0],
        "canonical": reverse("api:docs"),
    }
    response = render(request, "api/docs.html", context)
    patch_cache_control(response, public=True, max_age=FRESH_FOR)
    return response


@lru_cache(maxsize=1)
def operations() -> tuple[Operation, ...]:
    """Every operation of the schema, in its order."""
    return tuple(_operation(path, methods["get"]) for path, methods in document()["paths"].items())


@lru_cache(maxsize=1)
def objects() -> dict[str, list[Entry]]:
    """Every object that answers are made of, with its fields; pages and choices left aside."""
    schemas = document()["components"]["schemas"]
    return {
        name: [_field(field, schema) for field, schema in schema["properties"].items()]
        for name, schema in schemas.items()
        if schema.get("type") == "object" and not name.startswith("Paginated")
    }


def _operation(path: str, described: Mapping[str, Any]) -> Operation:
    answer = described["responses"]["200"]["content"]["application/json"]["schema"]
    name = answer["$ref"].rpartition("/")[2]
    return Operation(
        name=described["operationId"],
        tag=described["tags"][0],
        path=path,
        summary=described["summary"],
        description=described.get("description", ""),
        parameters=tuple(_parameter(each) for each in described.get("parameters", ())),
        result=name.removeprefix("Paginated").removesuffix("List"),
    )


def _parameter(described: Mapping[str, Any]) -> Entry:
    told = described.get("description", "")
    schema = described["schema"]
    return _entry(described["name"], schema, told, str(schema.get("default", "")))


def _field(name: str, schema: Mapping[str, Any]) -> Entry:
    return _entry(name, schema, schema.get("description", ""))


def _entry(name: str, schema: Mapping[str, Any], told: str, default: str = "") -> Entry:
    """The choices that end a description have a place of their own."""
    description, _, labels = told.partition("\n\n*")
    kind = _type(schema)
    if labels and kind.choices:
        kind = replace(kind, choices=tuple(CHOICE.findall(f"*{labels}")))
    return Entry(name=name, type=kind, description=description, default=default)


def _type(schema: Mapping[str, Any]) -> Type:
    """The type of a value, through references and lists."""
    nullable = bool(schema.get("nullable"))
    if schema.get("type") == "array":
        inner = _type(schema["items"])
        return Type(inner.words, inner.component, True, nullable, inner.choices)
    for name in _references(schema):
        target = document()["components"]["schemas"][name]
        if "enum" in target:
            return Type("texte", nullable=nullable, choices=_choices(target))
        return Type("objet", name, nullable=nullable)
    words = FORMATS.get(schema.get("format", "")) or TYPES[schema.get("type", "object")]
    return Type(words, nullable=nullable, choices=_choices(schema))


def _choices(schema: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """(value, label) of each choice; the labels, when there are, end the description."""
    labelled = CHOICE.findall(schema.get("description", ""))
    return tuple(labelled or [(value, "") for value in schema.get("enum", ())])


def _references(schema: Mapping[str, Any]) -> Iterator[str]:
    for each in (schema, *schema.get("allOf", ()), *schema.get("oneOf", ())):
        name = each.get("$ref", "").rpartition("/")[2]
        if name and name != "NullEnum":
            yield name


def _examples(operation: Operation) -> list[Example]:
    if operation.name in EXAMPLES:
        return [Example(t, f"{operation.path}{query}") for t, query in EXAMPLES[operation.name]]
    name = _existing_name(operation.name)
    if not name:
        return []
    start, _, end = operation.path.partition("{")
    return [Example("Un exemple", f"{start}{name}{end.partition('}')[2]}")]


def _existing_name(operation: str) -> str | None:
    """A name that the operation finds, or None while there is nothing to read."""
    if operation in {"read_innovation", "list_similar"}:
        newest = Innovation.objects.published().order_by("-published_at", "-pk")
        return newest.values_list("slug", flat=True).first()
    if operation == "read_partner":
        return Partner.objects.active().values_list("slug", flat=True).first()
    if operation in NUMBERED:
        pk = NUMBERED[operation].of_public().order_by("-pk").values_list("pk", flat=True).first()
        return str(pk) if pk else None
    if operation == "read_replication":
        return Replication.objects.of_public().values_list("code", flat=True).first()
    return "departement-22"
