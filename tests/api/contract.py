"""Any answer of the API against its own OpenAPI description."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.http import HttpResponse
from jsonschema import Draft202012Validator
from uritemplate import URITemplate

from carrefour.api.openapi import document


def check(response: HttpResponse, operation: str) -> dict[str, Any]:
    """The decoded answer, once found to be what the schema says of this status. Strict: a field
    that the schema does not tell is an error."""
    described = operations()[operation]["responses"]
    status = str(response.status_code)
    assert status in described, f"{operation} : réponse {status} non décrite"
    schema = described[status]["content"]["application/json"]["schema"]
    data = response.json()
    Draft202012Validator({**as_json_schema(schema), "components": components()}).validate(data)
    return data


@lru_cache
def operations() -> dict[str, Any]:
    return {m["get"]["operationId"]: m["get"] for m in document()["paths"].values()}


def address(operation: str, **names: str) -> str:
    for path, methods in document()["paths"].items():
        if methods["get"]["operationId"] == operation:
            return URITemplate(path).expand(**names)
    raise KeyError(operation)


@lru_cache
def components() -> Any:
    return as_json_schema(document()["components"])


def as_json_schema(schema: Any) -> Any:
    """OpenAPI 3.0 → JSON Schema: « nullable » is a union with null; objects are closed."""
    if isinstance(schema, list):
        return [as_json_schema(each) for each in schema]
    if not isinstance(schema, Mapping):
        return schema
    plain = {name: as_json_schema(value) for name, value in schema.items() if name != "nullable"}
    if plain.get("type") == "object" and "properties" in plain:
        plain.setdefault("additionalProperties", False)
    # A property may itself be called « nullable »: only the keyword is a boolean.
    return {"anyOf": [plain, {"type": "null"}]} if schema.get("nullable") is True else plain
