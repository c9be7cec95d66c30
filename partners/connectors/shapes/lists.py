"""Where the list of records is in a document that nobody described."""

import json
from collections.abc import Mapping
from typing import Any

DEPTH = 4
PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
# Objects of one kind share at least this part of their keys.
ALIKE = 0.5


def step(name: str) -> str:
    """A key as a JMESPath step, quoted when it has to be."""
    if name and not name[0].isdigit() and set(name) <= PLAIN:
        return name
    return json.dumps(name, ensure_ascii=False)


def list_path(document: Any) -> str:
    """JMESPath of the longest list of objects; "" when the document itself is the list.

    An object keyed by identifier (``keyed``) is a list too, when there is no other; an empty list
    is one of no object.
    """
    if isinstance(document, list):
        return ""
    found = (
        _lists(document, "", DEPTH) or _keyed(document, "", DEPTH) or _empty(document, "", DEPTH)
    )
    return max(found, key=lambda pair: pair[1])[0] if found else ""


def keyed(value: Any) -> bool:
    """Whether the value is an object of alike objects: records by their identifiers."""
    if not isinstance(value, Mapping) or not value:
        return False
    if not all(isinstance(inner, Mapping) and inner for inner in value.values()):
        return False
    kinds = [set(inner) for inner in value.values()]
    first, *others = kinds
    alike = sum(len(first & kind) >= ALIKE * len(first | kind) for kind in others)
    return bool(others) and alike >= ALIKE * len(others)


def _lists(value: Any, path: str, depth: int) -> list[tuple[str, int]]:
    found = []
    for inner_path, inner in _inside(value, path, depth):
        if isinstance(inner, list) and any(isinstance(i, Mapping) for i in inner):
            found.append((inner_path, len(inner)))
        found += _lists(inner, inner_path, depth - 1)
    return found


def _empty(value: Any, path: str, depth: int) -> list[tuple[str, int]]:
    found = []
    for inner_path, inner in _inside(value, path, depth):
        is_empty = inner == [] and not inner_path.endswith(("errors", "warnings", "messages"))
        found += [(inner_path, 0)] if is_empty else _empty(inner, inner_path, depth - 1)
    return found


def _keyed(value: Any, path: str, depth: int) -> list[tuple[str, int]]:
    found = [(path, len(value))] if keyed(value) else []
    for inner_path, inner in _inside(value, path, depth) if not found else ():
        found += _keyed(inner, inner_path, depth - 1)
    return found


def _inside(value: Any, path: str, depth: int) -> list[tuple[str, Any]]:
    if not isinstance(value, Mapping) or not depth:
        return []
    return [(f"{path}.{step(str(n))}" if path else step(str(n)), v) for n, v in value.items()]
