"""Where a value is in a row: a column's name as a person would say it, or a JMESPath."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from carrefour.text import key


def value_at(data: Mapping[str, Any], path: str) -> Any:
    """The value at ``path``; None when there is none.

    A column is found by its exact name, else by its name without case, accents, punctuation and
    stray spaces; anything else is read as a JMESPath (``title.rendered``, ``tags[].name``).
    """
    if path in data:
        return data[path]
    name = _columns(tuple(data)).get(key(path)) if "." not in path or " " in path else None
    if name is not None:
        return data[name]
    expression = compiled(path)
    try:
        return expression.search(data) if expression is not None else None
    except JMESPathError:
        # An unknown function, or one that this row's value does not suit.
        return None


@lru_cache(maxsize=256)
def _columns(names: tuple[str, ...]) -> dict[str, str]:
    """Key of a column's name → its name; the first of two alike."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(key(str(name)), name)
    return found


@lru_cache(maxsize=1024)
def compiled(path: str) -> Any:
    """The JMESPath expression, or None when the path is not one (a column's name)."""
    try:
        return jmespath.compile(path)
    except JMESPathError:
        return None
