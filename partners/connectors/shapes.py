"""Shapes of JSON documents: where the list of records is, what a GeoJSON feature says."""

import json
from collections.abc import Mapping
from typing import Any

DEPTH = 4
PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")


def step(name: str) -> str:
    """A key as a JMESPath step, quoted when it has to be."""
    if name and not name[0].isdigit() and set(name) <= PLAIN:
        return name
    return json.dumps(name, ensure_ascii=False)


def list_path(document: Any) -> str:
    """JMESPath of the longest list of objects; "" when the document itself is the list."""
    if isinstance(document, list):
        return ""
    found = _lists(document, "", DEPTH)
    return max(found, key=lambda pair: pair[1])[0] if found else ""


def _lists(value: Any, path: str, depth: int) -> list[tuple[str, int]]:
    if not isinstance(value, Mapping) or not depth:
        return []
    found = []
    for name, inner in value.items():
        inner_path = f"{path}.{step(str(name))}" if path else step(str(name))
        if isinstance(inner, list) and any(isinstance(i, Mapping) for i in inner):
            found.append((inner_path, len(inner)))
        found += _lists(inner, inner_path, depth - 1)
    return found


def plain_feature(item: Mapping[str, Any]) -> dict[str, Any]:
    """A GeoJSON feature as its properties with its point; anything else as it is."""
    if item.get("type") != "Feature" or not isinstance(item.get("properties"), Mapping):
        return dict(item)
    data = dict(item["properties"])
    if "id" in item:
        data.setdefault("id", item["id"])
    geometry = item.get("geometry") or {}
    coordinates = geometry.get("coordinates") or []
    if geometry.get("type") == "Point" and len(coordinates) >= 2:
        data.setdefault("longitude", coordinates[0])
        data.setdefault("latitude", coordinates[1])
    return data
