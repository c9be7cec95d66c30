"""Where the list of records is in a document that nobody described."""

import json
import math
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

DEPTH = 4
PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
# Objects of one kind share at least this part of their keys.
ALIKE = 0.5
# A list is known by so many items; beyond so many letters an item says enough to be a record.
LOOKED_AT, FULL = 50, 400
# Lists side by side are parts of one when their objects share so many keys, nearly all of them.
PARTS_KEYS, PARTS_ALIKE = 4, 0.8
# What holds other objects and says no more of itself than this is but their title.
TITLE = 80
STEP = re.compile(r'"(?:[^"\\]|\\.)*"|\w+')
PARTS = re.compile(rf"(.*\.)?\[((?:{STEP.pattern})(?:, (?:{STEP.pattern}))+)\]\[\]")


def step(name: str) -> str:
    """A key as a JMESPath step, quoted when it has to be."""
    if name and not name[0].isdigit() and set(name) <= PLAIN:
        return name
    return json.dumps(name, ensure_ascii=False)


def list_path(document: Any) -> str:
    """JMESPath of the list of objects that says most; "" when the document itself is the list.

    An object keyed by identifier (``keyed``) is a list too, when there is no other; an empty list
    is one of no object. Lists under the items of a list that say little else are one, and so are
    those of the same shape side by side ({"A": […], "B": […]}: « [A, B][] »).
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


def _lists(value: Any, path: str, depth: int) -> list[tuple[str, float]]:
    found = []
    for inner_path, inner in _inside(value, path, depth):
        if isinstance(inner, list) and any(isinstance(i, Mapping) for i in inner):
            found.append((inner_path, _worth(inner)))
            found += _under(inner, inner_path)
        found += _lists(inner, inner_path, depth - 1)
    return found + _parts(value, path, depth)


def parts(path: str) -> list[str]:
    """The paths of the lists that « a.[B, C][] » puts together: a.B, a.C; else the path alone."""
    together = PARTS.fullmatch(path)
    if together is None:
        return [path]
    above, names = together.groups()
    return [f"{above or ''}{name}" for name in STEP.findall(names)]


def _parts(value: Any, path: str, depth: int) -> list[tuple[str, float]]:
    """The lists of the same shape that an object holds, as one."""
    lists = {p: v for p, v in _inside(value, "", depth) if _is_list_of_objects(v)}
    if len(lists) < 2:
        return []
    best = max(lists, key=lambda name: _worth(lists[name]))
    alike = [name for name, items in lists.items() if name == best or _alike(items, lists[best])]
    if len(alike) < 2:
        return []
    together = f"[{', '.join(alike)}][]"
    worth = sum(_worth(lists[name]) for name in alike)
    return [(f"{path}.{together}" if path else together, worth)]


def _alike(items: list[Any], others: list[Any]) -> bool:
    """Whether the objects of two lists are of one kind."""
    one, other = (
        {name for item in said[:LOOKED_AT] if isinstance(item, Mapping) for name in item}
        for said in (items, others)
    )
    common = len(one & other)
    return common >= PARTS_KEYS and common >= PARTS_ALIKE * len(one | other)


def _worth(items: list[Any]) -> float:
    """How much a list says: a menu's many labels weigh less than a few records."""
    sample = [i for i in items[:LOOKED_AT] if isinstance(i, Mapping)]
    said = sum(min(_letters(i), FULL) for i in sample) / max(1, len(sample))
    return math.sqrt(len(items)) * (1 + said)


def _letters(value: Any, depth: int = 3) -> int:
    """Letters of its texts, inner objects' too, addresses left out; a value counts for one."""
    if isinstance(value, str):
        return 0 if value.startswith(("http://", "https://")) else len(value)
    if isinstance(value, Mapping) and depth:
        return sum(1 + _letters(inner, depth - 1) for inner in value.values())
    return 0


def _under(items: list[Any], path: str) -> list[tuple[str, float]]:
    """Lists that the items of a list hold, when these are but their titles (uMap's layers)."""
    holders = [i for i in items[:LOOKED_AT] if isinstance(i, Mapping)]
    names = Counter(n for i in holders for n, v in i.items() if _is_list_of_objects(v))
    found = []
    for name, count in names.items():
        own = sum(_letters({n: v for n, v in i.items() if n != name}) for i in holders)
        held = [o for i in holders for o in i.get(name) or () if isinstance(o, Mapping)]
        title, said = own / len(holders), sum(map(_letters, held)) / len(held)
        is_title = (title <= TITLE and said > 2 * title) or held[0].get("type") == "Feature"
        if is_title and count > ALIKE * len(holders) <= len(held):
            found.append((f"{path}[].{step(str(name))}[]", _worth(items) + _worth(held)))
    return found


def _is_list_of_objects(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(i, Mapping) for i in value)


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
