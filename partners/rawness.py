"""Raw rows as the database can hold them."""

import math
from typing import Any

# Deeper than any record; a document nested further is kept as text.
DEPTH = 30
# A row with more values than this, or nested deeper, is no record: a few bytes of YAML may stand
# for billions of values.
MOST_VALUES = 100_000
MOST_NESTED = 100
# Characters of one row: more is a document pasted in a cell.
MOST_CHARACTERS = 20_000_000


def storable(value: Any, depth: int = DEPTH) -> Any:
    """The JSON-like value without what PostgreSQL refuses in JSON: NUL, lone surrogates, NaN.

    Anything that JSON does not know becomes its text.
    """
    if isinstance(value, str):
        kept: Any = clean(value)
    elif value is None or isinstance(value, bool | int | float):
        kept = None if isinstance(value, float) and not math.isfinite(value) else value
    elif depth and isinstance(value, dict):
        kept = {clean(str(k)): storable(v, depth - 1) for k, v in value.items()}
    elif depth and isinstance(value, list | tuple):
        kept = [storable(v, depth - 1) for v in value]
    else:
        kept = clean(str(value))
    return kept


def clean(value: str) -> str:
    """The text without NUL, its lone surrogates replaced by « ? »."""
    if "\0" in value:
        value = value.replace("\0", "")
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-8", errors="replace").decode()
    return value


def is_bomb(data: Any) -> bool:
    """Whether the row is too large or too nested to be a record; told without unfolding it."""
    values = characters = 0
    waiting: list[tuple[Any, int]] = [(data, 0)]
    while waiting:
        value, depth = waiting.pop()
        values += 1
        if isinstance(value, str):
            characters += len(value)
        elif isinstance(value, dict | list | tuple):
            if len(value) > MOST_VALUES or depth >= MOST_NESTED:
                return True
            children = value.values() if isinstance(value, dict) else value
            waiting += [(child, depth + 1) for child in children]
        if values > MOST_VALUES or characters > MOST_CHARACTERS:
            return True
    return False
