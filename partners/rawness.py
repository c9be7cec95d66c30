"""Raw rows as the database can hold them."""

import math
from typing import Any

# Deeper than any record; a document nested further is kept as text.
DEPTH = 30


def storable(value: Any, depth: int = DEPTH) -> Any:
    """The JSON-like value without what PostgreSQL refuses in JSON: NUL, lone surrogates, NaN.

    Anything that JSON does not know becomes its text.
    """
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, bool | int | float):
        return value
    if depth and isinstance(value, dict):
        return {clean(str(k)): storable(v, depth - 1) for k, v in value.items()}
    if depth and isinstance(value, list | tuple):
        return [storable(v, depth - 1) for v in value]
    return clean(str(value))


def clean(value: str) -> str:
    """The text without NUL, its lone surrogates replaced by « ? »."""
    if "\0" in value:
        value = value.replace("\0", "")
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-8", errors="replace").decode()
    return value
